"""What Slack tells on its events' address."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.slack.events import read_challenge

CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def test_slacks_check_of_the_address_is_answered_with_its_challenge() -> None:
    """The documented payload, with one key more."""
    body = {"token": "made-up", "challenge": CHALLENGE, "type": "url_verification", "new": [1]}
    assert read_challenge(json.dumps(body).encode()) == CHALLENGE


@pytest.mark.parametrize(
    "content",
    [
        {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened"}},
        {"type": "app_rate_limited", "minute_rate_limited": 1_518_467_820},
        {"type": "event_callback", "challenge": CHALLENGE},
        {"challenge": CHALLENGE},
        {"type": "url_verification"},
        {"type": "url_verification", "challenge": None},
        {"type": "url_verification", "challenge": 7},
        {"type": "url_verification", "challenge": "x" * 1_001},
        {"type": ["url_verification"], "challenge": CHALLENGE},
        {},
        [],
        None,
    ],
)
def test_nothing_else_has_a_challenge(content: object) -> None:
    """Other events, and what only resembles the check, are not repeated to whoever sent them."""
    assert read_challenge(json.dumps(content).encode()) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff")
@example(b"[" * 100_000)
@example(b'{"type": "url_verification", "challenge": "\\ud800"}')
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever is signed, an answer comes."""
    assert read_challenge(body) is None
