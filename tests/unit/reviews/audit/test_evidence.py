"""What a decision rested on: which entries are sealed with it, and the texts whose digests are sealed."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.audit.evidence import card_as_text, digest, policy_as_text, seals_evidence, with_evidence
from bot.reviews.business_hours import BusinessHours
from bot.reviews.checks import Check, Checks
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Absence, Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import Action, EarlierDecision, EntityType, Review, SessionState, Status
from bot.reviews.snooze import SnoozePolicy


def _entry(action: str, **given: Any) -> AuditEntry:
    return AuditEntry(1_000, given.pop("actor", "UANA"), action, None, None, 2, **given)


@pytest.mark.parametrize(
    ("entry", "seals"),
    [
        (_entry(Action.RESOLVE, detail={"outcome": "approve"}), True),
        (_entry(Action.PROPOSE, detail={"outcome": "approve"}), True),
        (_entry(Action.CONFIRM), True),
        (_entry(Action.REOPEN), True),
        (_entry(Action.CLAIM), False),
        (_entry(Action.SEND_BACK), False),
        (_entry(Action.RESOLVE, detail={"outcome": "approve"}, refused="not_a_reviewer"), False),
        (_entry(Action.CONFIRM, refused="own_proposal"), False),
        (_entry(Action.REOPEN, actor="ralio"), False),
        (_entry(Action.WITHDRAW, actor="bot", detail={"outcome": "approve"}), False),
    ],
)
def test_what_a_person_decides_or_takes_back_is_sealed_with_its_evidence(
    entry: AuditEntry, *, seals: bool
) -> None:
    """What the bot or Ralio does rests on no person's judgement, and a refusal changes nothing."""
    assert seals_evidence(entry) is seals


@pytest.fixture
def shown() -> Review:
    """A review with something in everything that its card shows."""
    return Review(
        session_id="session-1",
        entity_type=EntityType.USER,
        queue="user",
        session_state=SessionState.REVIEW,
        session_event_at=1_000,
        session_event_id="event-1",
        status=Status.PROPOSED,
        subject_id="user-1",
        checks=Checks((Check("document", "refused", ("GLARE",)),)),
        fetched_checks=Checks((Check("address", "refused"),)),
        verdict_checks=Checks((Check("face", "validated"),)),
        claimed_by="UANA",
        outcome="approve",
        reason="fine",
        note="Käse",
        decided_by="UBEN",
        unconfirmed=True,
        earlier_decision=EarlierDecision("reject", decided_by="UCARL", decided_at=500),
    )


CURRENT = '[["address", "refused", [], null, 0], ["document", "refused", ["GLARE"], null, 0]]'
CARD = (
    '["session-1","user","user-1","REVIEW","proposed",'
    '"[[\\"address\\", \\"refused\\", [], null, 0], [\\"document\\", \\"refused\\", [\\"GLARE\\"], null, 0]]",'
    '"[[\\"face\\", \\"validated\\", [], null, 0]]",'
    '"UANA","approve","fine","K\\u00e4se","UBEN",true,'
    '{"outcome":"reject","reason":null,"note":null,"decided_by":"UCARL","decided_at":500,'
    '"confirmed_by":null,"confirmed_at":null,"unconfirmed":false,"was_confirmed":false}]'
)


def test_the_text_of_a_card(shown: Review) -> None:
    """An auditor's own program must come to the same bytes."""
    assert card_as_text(shown) == CARD
    assert card_as_text(shown._replace(earlier_decision=None)).endswith(',"UBEN",true,null]')


def test_what_a_card_does_not_show_is_not_in_its_text(shown: Review) -> None:
    """Nothing can have been decided by it."""
    unseen = shown._replace(version=9, due_at=9, session_event_at=9, escalated_by="ULEA")
    assert card_as_text(unseen) == CARD


def test_an_entry_gets_the_digests_of_its_evidence(shown: Review) -> None:
    """The rest of it stays."""
    entry = _entry(Action.RESOLVE, detail={"outcome": "approve"})
    sealed = with_evidence(entry, shown, "{}")
    assert sealed == entry._replace(detail=sealed.detail)
    assert sealed.detail == {
        "outcome": "approve",
        "checks_seen": hashlib.sha256(CURRENT.encode()).hexdigest(),
        "card_seen": hashlib.sha256(CARD.encode()).hexdigest(),
        "policy": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    }


def test_a_digest_is_over_utf_8() -> None:
    """Computed with sha256sum."""
    assert digest("Käse") == "f9eeb52c9bc41ee560ba93468b92317220be4939954e8b50591b8b71accc53ae"


POLICY = Policy(
    Roster(
        reviewers=frozenset({"UBEN", "UANA"}),
        leads=frozenset({"ULEA"}),
        lead_groups=frozenset({"SLEADS"}),
        channel="C1",
    ),
    {"reject": Outcome("Reject", {"x": "Ä"}, expects=SessionState.REJECTED, note_required=frozenset({"x"}))},
    frozenset({"reject"}),
    Deadlines(
        claim_within_ms=60_000,
        hours=BusinessHours(
            ZoneInfo("Europe/Berlin"), frozenset({4, 0}), 540, 1020, frozenset({date(2026, 12, 25)})
        ),
    ),
    digest_at_min=480,
    snooze=SnoozePolicy(3, {"documents": "Documents"}),
)


def test_the_text_of_a_policy() -> None:
    """Its names in order, sets sorted: the same policy always has the same digest."""
    assert policy_as_text(POLICY) == (
        '{"deadlines":{"awaited":[],"claim_within_ms":60000,"decide_within_ms":null,"escalate_after_ms":null,'
        '"hours":{"closes_min":1020,"days":[0,4],"holidays":["2026-12-25"],"opens_min":540,"zone":"Europe/Berlin"},'
        '"release_after_ms":null,"remind_every_ms":null,"verdict_within_ms":null},"digest_at_min":480,'
        '"four_eyes":["reject"],"outcomes":{"reject":{"expects":"REJECTED","label":"Reject","note_required":["x"],'
        '"reason_required":false,"reasons":{"x":"\\u00c4"}}},"roster":{"channel":"C1","lead_groups":["SLEADS"],'
        '"leads":["ULEA"],"reviewer_groups":[],"reviewers":["UANA","UBEN"]},'
        '"snooze":{"max_days":3,"note_required":[],"reasons":{"documents":"Documents"}}}'
    )


def test_what_slack_says_about_people_is_no_part_of_a_policy() -> None:
    """Members come and go, and nothing is decided by how a message looks."""
    roster = replace(POLICY.roster, members={"SLEADS": frozenset({"UX"})}, away={"UANA": Absence()})
    assert policy_as_text(replace(POLICY, roster=roster, mentions_reviewers=True)) == policy_as_text(POLICY)
