"""Replaying a session's entries gives its review, whatever happened to it in whatever order."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.action_request import Authority
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.audit.evidence import seals_evidence
from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry
from bot.reviews.change import Change, Refusal, Stale
from bot.reviews.checks import Check
from bot.reviews.checks_text import checks_as_text
from bot.reviews.decide import decide
from bot.reviews.permissions import Roster
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, Review, SessionEvent, SessionState
from bot.reviews.session_events import apply_event, with_checks
from bot.reviews.snooze import Snooze
from tests.support.actions import action_request

POLICIES = {"user": Policy(Roster(leads=frozenset({"ULEA"})), four_eyes=frozenset({"reject"}))}
PEOPLE = st.sampled_from(["UANA", "UBEN", "ULEA"])
ACTIONS = st.sampled_from(
    [
        each
        for each in Action
        if each not in (Action.RECEIVE, Action.CLOSE, Action.PROPOSE, Action.SEE_HISTORY)
    ]
)
STATES = st.sampled_from(list(SessionState))
CODES = st.sampled_from([(), ("GLARE",), ("EXPIRED", "GLARE")])
STEPS = st.one_of(
    st.tuples(ACTIONS, PEOPLE, st.sampled_from(["approve", "reject"])),
    st.tuples(STATES, CODES, st.integers(0, 3)),
    CODES,
)
NO_HOLD = {"hold_reason": None, "placed_by": None, "placed_at": None}


def _row(entry: AuditEntry) -> Mapping[str, Any]:
    return {
        "review_id": 1,
        "at": entry.at,
        "actor": entry.actor,
        "action": str(entry.action),
        "from_status": entry.from_status and str(entry.from_status),
        "to_status": entry.to_status and str(entry.to_status),
        "version": entry.version,
        "refused": entry.refused,
        "detail": json.dumps(dict(entry.detail) | ({"policy": "0a"} if seals_evidence(entry) else {})),
    }


def _columns(review: Review) -> dict[str, Any]:
    """The review as a database returns it: plain texts and numbers."""
    columns = {
        name: str(value) if isinstance(value, str) else value for name, value in asdict(review).items()
    }
    for name in ("checks", "fetched_checks", "verdict_checks"):
        columns[name] = checks_as_text(getattr(review, name))
    earlier = columns["earlier_decision"]
    columns["pauses"] = json.dumps([(pause.start, pause.end) for pause in review.pauses])
    return columns | NO_HOLD | {"earlier_decision": None if earlier is None else json.dumps(earlier)}


def _checks(codes: tuple[str, ...]) -> tuple[Check, ...]:
    return (Check("document", "refused", codes),) if codes else ()


def _next(review: Review | None, step: Any, now: int) -> tuple[Review | None, list[AuditEntry]]:
    happened: Change | Refusal | Stale | None
    match step:
        case (Action() as action, person, outcome) if review is not None:
            decides = action in (Action.RESOLVE, Action.RECORD_DECISION)
            decision = Decision(outcome, None, "A note.") if decides else None
            snooze = Snooze(date(1970, 1, 5))
            request = action_request(
                action, person, "s", now, decision=decision, target="UBEN", snooze=snooze
            )
            happened = decide(review, request, Authority(policies=POLICIES))
        case (SessionState() as state, codes, delay):
            event = SessionEvent(
                f"e{now}", now - delay * 500, "s", state, checks=_checks(codes), type="any", received_at=now
            )
            happened = apply_event(review, event, POLICIES)
        case (*codes,) if review is not None and codes and isinstance(codes[0], str):
            happened = with_checks(review, _checks(tuple(codes)), now, POLICIES)
        case _:
            return review, []
    if happened is None:
        return review, []
    if not isinstance(happened, Change):
        return review, [happened.entry]
    return happened.after, [happened.entry, *([happened.consequence] if happened.consequence else [])]


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=200, deadline=None)
def test_the_record_leads_to_the_review(steps: list[Any]) -> None:
    """Events in any order, changed checks, and every action of every person."""
    review: Review | None = None
    replay = Replay()
    for number, step in enumerate([(SessionState.REVIEW, (), 0), *steps]):
        review, entries = _next(review, step, 1_000 * (number + 1))
        for entry in entries:
            if entry.refused in (None, "stale"):
                replay.follow(StoredEntry.of(_row(entry)))
    assert review is not None
    assert replay.differences(_columns(review)) == []


def test_an_older_version_removed_a_proposal_that_a_verdict_closed() -> None:
    """What it did is no difference; what is changed in it is one."""
    replay = Replay()
    for action, before, after, detail in (
        ("receive", None, "open", {"event_id": "e1", "session_state": "REVIEW"}),
        ("claim", "open", "claimed", {}),
        ("propose", "claimed", "proposed", {"outcome": "reject"}),
        ("close", "proposed", "closed", {"event_id": "e2", "session_state": "VERIFIED"}),
    ):
        row = {"at": 1, "actor": "UANA", "action": action, "from_status": before, "to_status": after}
        replay.follow(
            StoredEntry.of(
                row | {"review_id": 1, "version": 1, "refused": None, "detail": json.dumps(detail)}
            )
        )
    closed = {
        "id": 1,
        "session_id": "s",
        "status": "closed",
        "session_state": "VERIFIED",
        "session_event_id": "e2",
    }
    names = (
        "claimed_by",
        "claimed_at",
        "outcome",
        "reason",
        "note",
        "decided_by",
        "decided_at",
        "confirmed_by",
    )
    empty = dict.fromkeys([*names, "confirmed_at", "escalated_by", "escalated_at", "earlier_decision"])
    empty |= {"snoozed_until": None, "snooze_reason": None, "pauses": "[]"}
    found = {
        **closed,
        **empty,
        **NO_HOLD,
        "unconfirmed": False,
        "recorded_afterwards": False,
        "opened_at": 1,
        "version": 1,
    }
    assert replay.differences(found) == []
    kept = {"outcome": "reject", "decided_by": "UANA", "decided_at": 1, "unconfirmed": True}
    assert replay.differences(found | kept) == []
    assert [each.field for each in replay.differences(found | kept | {"outcome": "approve"})] == ["outcome"]
