"""An event as `events` prints it, and the results of `events replay`."""

from dataclasses import replace

import pytest

from bot.cli.events import event_line, event_object, replayed_line
from bot.handlers.replay import Replayed, ReplayResult
from bot.store.tables.events import InboxRow

RECORDED = InboxRow(
    id=7,
    event_id="e-1",
    type="kyc_session_manual_review",
    session_id="5e551014",
    occurred_at=1_000,
    received_at=2_000,
    error=None,
)
QUARANTINED = replace(RECORDED, type="", session_id=None, occurred_at=None, error="the body is not JSON")


def test_a_recorded_event_names_its_session() -> None:
    """With the time at which it was received."""
    assert event_line(RECORDED) == "7  1970-01-01T00:00:02.000Z  kyc_session_manual_review  session 5e551014"


def test_an_event_without_a_session_has_a_dash() -> None:
    """Not every event is about one."""
    assert event_line(replace(RECORDED, session_id=None)).endswith("  session -")


def test_a_quarantined_event_says_why() -> None:
    """In the line and in the object."""
    assert event_line(QUARANTINED).endswith("  quarantined: the body is not JSON")
    shown = event_object(QUARANTINED)
    assert shown["quarantined"] is True
    assert shown["error"] == "the body is not JSON"
    assert shown["occurred_at"] is None


def test_the_object_of_a_recorded_event() -> None:
    """Times are ISO 8601 in UTC."""
    shown = event_object(RECORDED)
    assert shown["id"] == 7
    assert shown["event_id"] == "e-1"
    assert shown["occurred_at"] == "1970-01-01T00:00:01.000Z"
    assert shown["quarantined"] is False
    assert shown["error"] is None


@pytest.mark.parametrize(
    ("fate", "line"),
    [
        (ReplayResult.RECORDED, "7  recorded"),
        (ReplayResult.DUPLICATE, "7  duplicate: the same event has arrived again since"),
        (ReplayResult.NOT_NEEDED, "7  not needed: the bot doesn't use events of this type"),
        (ReplayResult.STAYS, "7  still quarantined: no session"),
        (
            ReplayResult.NOT_QUARANTINED,
            "7  isn't quarantined: see 'python -m bot events --quarantined'",
        ),
    ],
)
def test_every_result_of_a_replay_has_its_line(fate: ReplayResult, line: str) -> None:
    """A problem is named only if the event stays."""
    assert replayed_line(Replayed(7, fate, "no session" if fate is ReplayResult.STAYS else None)) == line
