"""The state machine: what every action does to a review in every status."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bot.reviews.action_request import Refused
from bot.reviews.change import Change, Refusal
from bot.reviews.decide import decide
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import (
    FIRST_STATUS,
    TRANSITIONS,
    Action,
    Review,
    SessionEvent,
    SessionState,
    Status,
    result_at,
)
from bot.reviews.session_events import apply_event, undecided
from bot.reviews.snooze import Snooze, snoozed
from tests.support.actions import action_request, authority, open_roster

_TABLE = """
            receive   close   claim    release  reassign  take_over  escalate  still_on_it  snooze   resume   resolve  propose   confirm  send_back  withdraw  reopen  record_decision  add_note
  open      open      closed  claimed  -        -         -          -         -            -        -        -        -         -        -          -         -       -                -
  claimed   claimed   closed  -        open     claimed   claimed    claimed   claimed      claimed  claimed  decided  proposed  -        -          -         -       -                claimed
  proposed  proposed  closed  -        -        -         -          -         -            -        -        -        -         decided  claimed    claimed   -       -                proposed
  decided   open      closed  -        -        -         -          -         -            -        -        -        -         -        -          -         open    -                decided
  closed    open      closed  -        -        -         -          -         -            -        -        -        -         -        -          -         -       closed           -
"""  # noqa: E501 - a table


def _cells() -> list[tuple[Status, Action, Status | None]]:
    header, *rows = (line.split() for line in _TABLE.strip().splitlines())
    return [
        (Status(row[0]), Action(action), None if cell == "-" else Status(cell))
        for row in rows
        for action, cell in zip(header, row[1:], strict=True)
    ]


CELLS = _cells()
PEOPLES_CELLS = [cell for cell in CELLS if cell[1] not in (Action.RECEIVE, Action.CLOSE)]
RALIOS_CELLS = [cell for cell in CELLS if cell[1] in (Action.RECEIVE, Action.CLOSE)]


def test_the_table_names_every_status_and_every_action() -> None:
    """No pair is forgotten here. Looking at the history changes nothing."""
    actions = [action for action in Action if action is not Action.SEE_HISTORY]
    assert {(status, action) for status, action, _ in CELLS} == {
        (status, action) for status in Status for action in actions
    }


def test_the_transitions_are_the_table() -> None:
    """The code's table holds the allowed pairs and no other."""
    assert {(status, action): after for status, action, after in CELLS if after} == dict(TRANSITIONS)


@pytest.mark.parametrize(("status", "action", "after"), PEOPLES_CELLS)
def test_a_person_moves_a_review_exactly_as_the_table_says(
    review_in: Callable[[Status], Review], status: Status, action: Action, after: Status | None
) -> None:
    """Somebody who may do it gets there, and what the table does not hold is refused."""
    person = "UBORIS" if action in (Action.CONFIRM, Action.SEND_BACK, Action.TAKE_OVER) else "UANNA"
    rules = Policy(open_roster("ULEA"))
    snooze = Snooze(date(1970, 1, 5))
    request = action_request(action, person, decision=Decision("approve"), target="UNEW", snooze=snooze)
    review = review_in(status)
    if action is Action.RECORD_DECISION:
        review = undecided(review)
    if (status, action) == (Status.CLAIMED, Action.RESUME):
        review = snoozed(review, 400_000_000, None, 6_500)
    step = decide(review, request, authority(rules))
    if after is None:
        assert isinstance(step, Refusal)
        assert step.reason in (Refused.NOT_POSSIBLE, Refused.ALREADY_YOURS, Refused.ALREADY_DONE)
    else:
        assert isinstance(step, Change)
        assert step.after.status is after


@pytest.mark.parametrize(("status", "action", "after"), RALIOS_CELLS)
def test_an_event_moves_a_review_exactly_as_the_table_says(
    review_in: Callable[[Status], Review], status: Status, action: Action, after: Status | None
) -> None:
    """Ralio may say anything at any time, and its word is always taken."""
    state = SessionState.REVIEW if action is Action.RECEIVE else SessionState.EXPIRED
    step = apply_event(
        review_in(status), SessionEvent("event-2", 2_000, "session-1", state, type="kyc", received_at=9_000)
    )
    assert isinstance(step, Change)
    assert step.after.status is after


def test_only_ralio_begins_a_review() -> None:
    """A session's first event opens its review, or finds it closed by the verdict."""
    assert dict(FIRST_STATUS) == {Action.RECEIVE: Status.OPEN, Action.CLOSE: Status.CLOSED}


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (SessionState.REVIEW, Action.RECEIVE),
        (SessionState.VERIFIED, Action.CLOSE),
        (SessionState.REJECTED, Action.CLOSE),
        (SessionState.EXPIRED, Action.CLOSE),
    ],
)
def test_every_verdict_closes_and_only_review_receives(state: SessionState, action: Action) -> None:
    """An event's action follows from the state that it tells."""
    assert SessionEvent("event-1", 1_000, "session-1", state, type="kyc", received_at=9_000).action is action


def test_the_status_words_are_those_that_people_see() -> None:
    """They are on cards, in the command line's options and in its reports."""
    assert [status.value for status in Status] == ["open", "claimed", "proposed", "decided", "closed"]


@pytest.mark.parametrize(
    ("status", "changes", "at"),
    [
        (Status.OPEN, {}, 5_000),
        (Status.CLAIMED, {}, 5_000),
        (Status.PROPOSED, {}, 5_000),
        (Status.DECIDED, {}, 8_000),
        (Status.DECIDED, {"confirmed_at": None}, 7_000),
        (Status.CLOSED, {}, 1_000),
        (Status.OPEN, {"opened_at": None}, 0),
        (Status.DECIDED, {"confirmed_at": None, "decided_at": None}, 0),
    ],
)
def test_a_result_is_as_old_as_what_made_it(
    review_in: Callable[[Status], Review], status: Status, changes: dict[str, Any], at: int
) -> None:
    """The verdict, the confirmation or the decision; without any, the opening. A row that has none sorts first."""
    assert result_at(review_in(status)._replace(**changes)) == at
