"""The card, as golden files: one a case, compared whole. UPDATE_GOLDEN=1 writes them anew."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from bot.reviews.audit import RALIO, AuditEntry
from bot.reviews.review import Action, Check, EntityType, Review, SessionState, Status
from bot.simulator.blocks.validation import all_text_length, block_problems
from bot.slack.cards import CHECKS_LENGTH, card, card_key

GOLDEN = Path(__file__).parent / "golden"
PORTAL = "https://portal.example.com/sessions/{session_id}?subject={subject_id}&tab=kyc"

OPENED_AT = 1_773_765_688_447
MINUTE = 60_000

OPEN = Review(
    session_id="5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10",
    entity_type=EntityType.USER,
    queue="user",
    session_state=SessionState.REVIEW,
    session_event_at=OPENED_AT - 1_000,
    session_event_id="9d8b7c6a-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
    status=Status.OPEN,
    subject_id="0f3c8f0a-7a55-4f0b-8a43-2f6f0c7a9b21",
    opened_at=OPENED_AT,
)
RELATED_PARTY = replace(
    OPEN, entity_type=EntityType.RELATED_PARTY, queue="related-party", subject_id="c2a1e6b4-93d7-4c8e-a5f0"
)
CLAIMED = replace(OPEN, status=Status.CLAIMED, claimed_by="UANNA", claimed_at=OPENED_AT + MINUTE, version=2)
PROPOSED = replace(
    CLAIMED,
    status=Status.PROPOSED,
    outcome="reject",
    reason="document_expired",
    note="Typed by a person.",
    decided_by="UANNA",
    decided_at=OPENED_AT + 2 * MINUTE,
    version=3,
)
CONFIRMED = replace(
    PROPOSED, status=Status.DECIDED, confirmed_by="UBORIS", confirmed_at=OPENED_AT + 3 * MINUTE, version=4
)
DECIDED = replace(CONFIRMED, confirmed_by=None, confirmed_at=None, reason=None, outcome="approve")
VERIFIED = replace(
    CONFIRMED, status=Status.CLOSED, session_state=SessionState.VERIFIED, claimed_by=None, claimed_at=None
)


def _said(minutes: int, state: SessionState, before: Status | None, after: Status) -> AuditEntry:
    action = Action.RECEIVE if state is SessionState.REVIEW else Action.CLOSE
    detail = {"event_id": f"event-{minutes}", "session_state": state.value}
    return AuditEntry(OPENED_AT + minutes * MINUTE, RALIO, action, before, after, minutes + 1, detail=detail)


def _did(minutes: int, person: str, action: Action, before: Status, after: Status) -> AuditEntry:
    return AuditEntry(OPENED_AT + minutes * MINUTE, person, action, before, after, minutes + 1)


RECEIVED = _said(0, SessionState.REVIEW, None, Status.OPEN)
CLAIM = _did(1, "UANNA", Action.CLAIM, Status.OPEN, Status.CLAIMED)
PROPOSAL = _did(2, "UANNA", Action.PROPOSE, Status.CLAIMED, Status.PROPOSED)
CONFIRMATION = _did(3, "UBORIS", Action.CONFIRM, Status.PROPOSED, Status.DECIDED)
VERDICT = _said(4, SessionState.VERIFIED, Status.DECIDED, Status.CLOSED)

CHECKS = (
    Check("document-verification", "validated"),
    Check("face-matching", "refused", ("LOW_CONFIDENCE", "KYC.FACE.NO_MATCH")),
    Check("liveness", ""),
)
HOSTILE = "<!channel> & <https://evil.example|x> `*b*` <@UEVIL>"


@dataclass(frozen=True)
class Case:
    """A review with its newest changes, oldest first."""

    review: Review
    history: Sequence[AuditEntry] = ()
    portal_url_template: str = ""


CASES = {
    "open": Case(OPEN, [RECEIVED]),
    "claimed": Case(CLAIMED, [RECEIVED, CLAIM]),
    "proposed": Case(PROPOSED, [RECEIVED, CLAIM, PROPOSAL]),
    "decided": Case(
        DECIDED, [RECEIVED, CLAIM, _did(2, "UANNA", Action.RESOLVE, Status.CLAIMED, Status.DECIDED)]
    ),
    "decided_by_two": Case(CONFIRMED, [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION]),
    "closed_verified": Case(VERIFIED, [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION, VERDICT]),
    "closed_rejected": Case(
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.REJECTED),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_expired": Case(
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.EXPIRED),
        [RECEIVED, _said(4, SessionState.EXPIRED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_before_it_was_in_review": Case(
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.VERIFIED, opened_at=None),
        [_said(0, SessionState.VERIFIED, None, Status.CLOSED)],
    ),
    "received_again_and_reopened": Case(
        OPEN,
        [
            _said(1, SessionState.REVIEW, Status.OPEN, Status.OPEN),
            _said(2, SessionState.EXPIRED, Status.OPEN, Status.CLOSED),
            _said(3, SessionState.REVIEW, Status.CLOSED, Status.OPEN),
        ],
    ),
    "released_sent_back_reopened": Case(
        OPEN,
        [
            _did(1, "ULEA", Action.RELEASE, Status.CLAIMED, Status.OPEN),
            _did(2, "UBORIS", Action.SEND_BACK, Status.PROPOSED, Status.CLAIMED),
            _did(3, "UANNA", Action.REOPEN, Status.DECIDED, Status.OPEN),
        ],
    ),
    "long_history": Case(
        OPEN, [_said(minutes, SessionState.REVIEW, Status.OPEN, Status.OPEN) for minutes in range(9)]
    ),
    "without_history": Case(OPEN),
    "related_party": Case(RELATED_PARTY, [RECEIVED]),
    "unknown_subject": Case(replace(OPEN, subject_id=None), [RECEIVED]),
    "unknown_related_party": Case(replace(RELATED_PARTY, subject_id=None), [RECEIVED]),
    "checks": Case(replace(OPEN, checks=CHECKS), [RECEIVED]),
    "too_many_checks": Case(
        replace(OPEN, checks=tuple(Check(f"check-{n}", "refused", ("C" * 40,) * 3) for n in range(20)))
    ),
    "too_long_checks": Case(replace(OPEN, checks=(Check("&" * 80, "<" * 80, (">" * 80,) * 10),) * 20)),
    "portal_link": Case(OPEN, [RECEIVED], PORTAL),
    "portal_link_needs_an_unknown_subject": Case(replace(OPEN, subject_id=None), [RECEIVED], PORTAL),
    "portal_link_without_subject": Case(
        replace(OPEN, subject_id=None), [RECEIVED], "https://portal.example.com/sessions/{session_id}"
    ),
    "hostile_texts": Case(
        replace(
            PROPOSED,
            subject_id=HOSTILE,
            outcome=HOSTILE,
            reason=HOSTILE,
            note=HOSTILE,
            decided_by=HOSTILE,
            checks=(Check(HOSTILE, HOSTILE, (HOSTILE,)),),
        ),
        [_did(1, HOSTILE, Action.CLAIM, Status.OPEN, Status.CLAIMED)],
        PORTAL,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_card_is_exactly_as_on_file(name: str) -> None:
    """A change of the card is a change of the file, and seen in its diff."""
    case = CASES[name]
    message = card(case.review, case.history, case.portal_url_template)
    golden = GOLDEN / f"card_{name}.json"
    written = json.dumps(asdict(message), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert {path.name for path in GOLDEN.glob("card_*")} == {f"card_{name}.json" for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_slack_takes_every_card(name: str) -> None:
    """All of Slack's rules and limits for blocks, checked independently of slack_sdk; text far below what fails."""
    case = CASES[name]
    message = card(case.review, case.history, case.portal_url_template)
    assert block_problems(list(message.blocks)) == []
    assert all_text_length(list(message.blocks)) + len(message.text) < 12_000


def _buttons(review: Review) -> list[tuple[str, str, str]]:
    elements = [
        element
        for block in card(review, []).blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    return [(element["text"]["text"], element["action_id"], element["value"]) for element in elements]


@pytest.mark.parametrize(
    ("review", "labels"),
    [(OPEN, [("Claim", "review_claim")]), (CLAIMED, [("Release", "review_release")]), (VERIFIED, [])],
)
def test_buttons_carry_the_session(review: Review, labels: list[tuple[str, str]]) -> None:
    """A click says what is wished and for which session, whatever else the card shows."""
    assert _buttons(review) == [(label, action_id, review.session_id) for label, action_id in labels]


@pytest.mark.parametrize(
    ("review", "fallback"),
    [
        (OPEN, "open since 2026-03-17 16:41 UTC, nobody has claimed it yet."),
        (replace(OPEN, opened_at=None), "open, nobody has claimed it yet."),
        (CLAIMED, "claimed by <@UANNA>."),
        (PROPOSED, "reject (document_expired), proposed by <@UANNA>."),
        (CONFIRMED, "reject (document_expired), decided by <@UANNA>."),
        (VERIFIED, "closed, verified."),
        (replace(VERIFIED, session_state=SessionState.REJECTED), "closed, rejected."),
        (replace(VERIFIED, session_state=SessionState.EXPIRED), "closed, expired."),
    ],
)
def test_the_fallback_says_it_all(review: Review, fallback: str) -> None:
    """What it is, which session and how it stands: a notification or a screen reader shows nothing else."""
    begin = "Manual review of a user, session 5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10: "
    assert card(review, []).text == begin + fallback


def test_the_fallback_names_the_queue() -> None:
    """A related party's review reads as one."""
    assert card(RELATED_PARTY, []).text.startswith("Manual review of a related party, session ")


def test_a_persons_note_is_not_on_the_card() -> None:
    """Free text may hold personal data."""
    assert "Typed by a person" not in json.dumps(asdict(card(PROPOSED, [])))


def test_a_card_is_found_by_its_session() -> None:
    """The key is the same in every state of the review."""
    keys = {card(review, []).metadata["event_payload"]["key"] for review in (OPEN, CLAIMED, VERIFIED)}
    assert keys == {card_key(OPEN)} == {f"card:{OPEN.session_id}"}


@pytest.mark.parametrize("name", ["too_many_checks", "too_long_checks"])
def test_checks_that_do_not_fit_are_counted(name: str) -> None:
    """Whole lines only, and no more than the section may hold."""
    texts = [block["text"]["text"] for block in card(CASES[name].review, []).blocks if "text" in block]
    (checks,) = [text for text in texts if text.startswith("*Automatic checks*")]
    *shown, last = checks.splitlines()[1:]
    assert last == f"• and {20 - len(shown)} more"
    assert len(checks) <= CHECKS_LENGTH + 20
