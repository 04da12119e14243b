"""Replaying a session's entries gives its review, whatever happened to it in whatever order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import FETCH_CHECKS, AuditEntry
from bot.reviews.audit.evidence import seals_evidence
from bot.reviews.audit.replay import Replay
from bot.reviews.audit.stored_entry import StoredEntry
from bot.reviews.change import Change, Refusal, Stale
from bot.reviews.checks import Check
from bot.reviews.checks_text import checks_as_text
from bot.reviews.decide import decide
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import TRANSITIONS, Action, Review, SessionEvent, SessionState
from bot.reviews.session_events import apply_event, with_checks
from bot.reviews.snooze import Snooze
from tests.support.actions import action_request, authority, open_roster

POLICY = Policy(open_roster("ULEA"), four_eyes=frozenset({"reject"}))
PEOPLE = st.sampled_from(["UANA", "UANA", "UBEN"])
NOT_ASKED_FOR = frozenset({Action.RECEIVE, Action.CLOSE, Action.PROPOSE})
"""Ralio's own actions, and the one that a resolution becomes if it needs four eyes."""
STATES = st.sampled_from(
    [SessionState.REVIEW, SessionState.REVIEW, SessionState.VERIFIED, SessionState.REJECTED]
)
CODES = st.sampled_from([("GLARE",), ("EXPIRED", "GLARE")])
ACTIONS = st.tuples(st.integers(0, 99), PEOPLE, st.sampled_from(["approve", "reject"]))
EVENTS = st.tuples(STATES, st.one_of(st.just(()), CODES), st.integers(0, 3))
ROUNDS = st.lists(st.tuples(st.lists(ACTIONS, max_size=10), st.one_of(EVENTS, CODES)), max_size=4)
"""What people do, several times in a row, and then what Ralio reports."""
NO_RIGHTS = frozenset({Refused.CANNOT_CHECK, Refused.NOT_A_REVIEWER})
"""Everyone here can act: a refusal for one of these reasons would leave the property nothing to check."""
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
        name: str(value) if isinstance(value, str) else value for name, value in review._asdict().items()
    }
    for name in ("checks", "fetched_checks", "verdict_checks"):
        columns[name] = checks_as_text(getattr(review, name))
    earlier = review.earlier_decision
    columns["pauses"] = json.dumps([(pause.start, pause.end) for pause in review.pauses])
    return columns | NO_HOLD | {"earlier_decision": None if earlier is None else json.dumps(asdict(earlier))}


def _checks(codes: tuple[str, ...]) -> tuple[Check, ...]:
    return (Check("document", "refused", codes),) if codes else ()


def _possible(review: Review) -> list[Action]:
    """What people can ask for in the review's status."""
    return [
        action for status, action in TRANSITIONS if status is review.status and action not in NOT_ASKED_FOR
    ]


def _next(review: Review | None, step: Any, now: int) -> Change | Refusal | Stale | None:
    """What follows from an event, a person's action, or checks that were fetched."""
    match step:
        case (SessionState() as state, codes, delay):
            event = SessionEvent(
                f"e{now}", now - delay * 500, "s", state, checks=_checks(codes), type="kyc", received_at=now
            )
            return apply_event(review, event, {"user": POLICY})
        case (int() | Action() as chosen, person, outcome) if review is not None:
            possible = _possible(review)
            action = chosen if isinstance(chosen, Action) else possible[chosen % len(possible)]
            decides = action in (Action.RESOLVE, Action.RECORD_DECISION)
            decision = Decision(outcome, None, "A note.") if decides else None
            snooze = Snooze(date(1970, 1, 5), "documents")
            request = action_request(
                action, person, "s", now, decision=decision, target="UBEN", snooze=snooze
            )
            done = decide(review, request, authority(POLICY))
            assert not isinstance(done, Refusal) or done.reason not in NO_RIGHTS
            return done
        case (*codes,) if review is not None and codes:
            return with_checks(review, _checks(tuple(codes)), now, {"user": POLICY})
        case _:
            return None


def _followed(steps: Sequence[Any]) -> tuple[Review, Replay, list[AuditEntry]]:
    """The review after these steps, the replay of their entries, and the entries."""
    review: Review | None = None
    replay = Replay()
    followed: list[AuditEntry] = []
    for number, step in enumerate([(SessionState.REVIEW, (), 0), *steps]):
        happened = _next(review, step, 1_000 * (number + 1))
        if happened is None:
            continue
        entries = [happened.entry]
        if isinstance(happened, Change):
            review = happened.after
            entries += [happened.consequence] if happened.consequence else []
        for entry in entries:
            replay.follow(StoredEntry.of(_row(entry)))
        followed += entries
    assert review is not None
    return review, replay, followed


@given(ROUNDS)
@settings(max_examples=200, deadline=None)
def test_the_record_leads_to_the_review(rounds: Sequence[tuple[list[Any], Any]]) -> None:
    """Events in any order, changed checks, and every action of every person."""
    review, replay, _ = _followed([step for actions, report in rounds for step in (*actions, report)])
    assert replay.differences(_columns(review)) == []


REVIEW_AGAIN = (SessionState.REVIEW, ("GLARE",), 0)
CLOSED = (SessionState.VERIFIED, (), 0)
EVERY_ACTION = [
    *[(Action.CLAIM, "UANA", ""), (Action.TAKE_OVER, "ULEA", ""), (Action.REASSIGN, "ULEA", "")],
    *[(Action.ESCALATE, "UANA", ""), (Action.STILL_ON_IT, "UBEN", ""), (Action.RELEASE, "UBEN", "")],
    *[(Action.CLAIM, "UANA", ""), (Action.SNOOZE, "UANA", ""), (Action.RESUME, "UANA", "")],
    *[(Action.RESOLVE, "UANA", "approve"), (Action.ADD_NOTE, "UBEN", ""), (Action.REOPEN, "UANA", "")],
    *[(Action.CLAIM, "UANA", ""), (Action.RESOLVE, "UANA", "reject"), (Action.SEND_BACK, "UBEN", "")],
    *[(Action.RESOLVE, "UANA", "reject"), (Action.WITHDRAW, "UANA", "")],
    *[(Action.RESOLVE, "UANA", "reject"), (Action.CONFIRM, "UBEN", ""), (Action.REOPEN, "UANA", "")],
    *[("GLARE",), CLOSED, REVIEW_AGAIN, (Action.CLAIM, "UBEN", ""), (Action.SNOOZE, "UBEN", ""), CLOSED],
    *[(Action.RECORD_DECISION, "UANA", "approve"), REVIEW_AGAIN],
]


def test_the_record_leads_to_the_review_after_every_step() -> None:
    """Everything that can happen to a review happens to this one, and nothing is refused."""
    entries: list[AuditEntry] = []
    for number in range(len(EVERY_ACTION) + 1):
        review, replay, entries = _followed(EVERY_ACTION[:number])
        assert replay.differences(_columns(review)) == []
        assert all(entry.refused is None for entry in entries)
    assert {entry.action for entry in entries} == {*Action, FETCH_CHECKS} - {Action.SEE_HISTORY}
