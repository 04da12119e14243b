"""The metadata of the bot's messages, and how they are found again by it."""

from typing import Any

import pytest

from bot.slack.messages.metadata import EVENT_TYPE, keys, metadata


def _message(ts: object, carried: object) -> dict[str, Any]:
    return {"type": "message", "text": "a card", "ts": ts, "metadata": carried}


MINE = _message("1.000100", metadata("card:session-1", "session-1"))


def test_a_message_carries_opaque_ids_only() -> None:
    """Every member of the workspace can read it."""
    assert metadata("card:session-1", "session-1") == {
        "event_type": "kyc_review_bot",
        "event_payload": {"key": "card:session-1", "session_id": "session-1"},
    }


def test_a_message_about_no_session_names_none() -> None:
    """An ops alert has only its key."""
    assert metadata("notice:1")["event_payload"] == {"key": "notice:1"}


def test_the_bots_messages_are_found_among_others() -> None:
    """People write in the channel too."""
    people = {"type": "message", "text": "hello", "ts": "3.000300"}
    another = _message("2.000200", metadata("card:session-2", "session-2"))
    assert keys([people, another, MINE]) == {"card:session-2": "2.000200", "card:session-1": "1.000100"}


def test_nothing_is_found_in_an_empty_channel() -> None:
    """A new channel has no messages."""
    assert keys([]) == {}


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"metadata": None},
        _message("1.0", "kyc_review_bot"),
        _message("1.0", []),
        _message("1.0", {}),
        _message("1.0", {"event_type": EVENT_TYPE}),
        _message("1.0", {"event_type": EVENT_TYPE, "event_payload": None}),
        _message("1.0", {"event_type": EVENT_TYPE, "event_payload": ["card:session-1"]}),
        _message("1.0", {"event_type": EVENT_TYPE, "event_payload": {"key": ["card:session-1"]}}),
        _message("1.0", {"event_type": "another_app", "event_payload": {"key": "card:session-1"}}),
        _message("1.0", {"event_type": ["x"], "event_payload": {"key": "card:session-1"}}),
        _message(None, metadata("card:session-1")),
        _message(1.0001, metadata("card:session-1")),
    ],
)
def test_what_only_resembles_the_bots_message_is_skipped(message: dict[str, Any]) -> None:
    """Other apps can send any metadata, and a `ts` is text; the search continues after them."""
    assert keys([message]) == {}
    assert keys([message, MINE]) == {"card:session-1": "1.000100"}


def test_a_card_is_found_under_an_older_spelling_of_its_session() -> None:
    """Earlier versions stored a session's id as it was sent."""
    session = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"
    assert keys([_message("1.0", metadata(f"card:{session.upper()}"))]) == {f"card:{session}": "1.0"}
    assert keys([_message("1.0", metadata(f"thread:{session.upper()}:3"))]) == {
        f"thread:{session.upper()}:3": "1.0"
    }
