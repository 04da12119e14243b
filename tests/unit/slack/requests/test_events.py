"""What Slack tells on its events' address."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.reviews.action_request import Actor
from bot.slack.requests.events import Challenge, HomeOpened, OtherEvent, read_event

FIXTURES = Path(__file__).parents[3] / "fixtures" / "slack"
CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def test_slacks_check_of_the_address_is_answered_with_its_challenge() -> None:
    """The documented payload, with one key more."""
    body = {"token": "made-up", "challenge": CHALLENGE, "type": "url_verification", "new": [1]}
    assert read_event(json.dumps(body).encode()) == Challenge(CHALLENGE)


@pytest.mark.parametrize(
    "content",
    [
        {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_mention"}},
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
    assert isinstance(read_event(json.dumps(content).encode()), OtherEvent)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff")
@example(b"[" * 100_000)
@example(b'{"type": "url_verification", "challenge": "\\ud800"}')
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever is signed, an answer comes."""
    assert isinstance(read_event(body), OtherEvent)


OPENED = json.loads((FIXTURES / "event_app_home_opened.json").read_text(encoding="utf-8"))


def test_a_person_who_opens_the_home_tab_is_read() -> None:
    """The documented payload: who they are, and from which workspace and app it comes."""
    actor = Actor("U061F7AUR", workspace_id="T123ABC456", app_id="A123ABC456")
    assert read_event(json.dumps(OPENED).encode()) == HomeOpened(actor)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tab": "messages"}, OtherEvent("app_home_opened")),
        ({"user": None}, OtherEvent("app_home_opened")),
        ({"user": "<!channel>"}, OtherEvent("unreadable")),
        ({"type": "app_mention"}, OtherEvent("app_mention")),
        ({"type": ["app_home_opened"]}, OtherEvent("unreadable")),
    ],
)
def test_only_the_home_tab_of_somebody_is_one(changes: dict[str, object], expected: OtherEvent) -> None:
    """The tab with the messages shows nothing of ours."""
    body = OPENED | {"event": OPENED["event"] | changes}
    assert read_event(json.dumps(body).encode()) == expected


@pytest.mark.parametrize("missing", ["team_id", "api_app_id"])
def test_a_workspace_or_app_that_is_not_told_is_empty(missing: str) -> None:
    """What is not told contradicts nothing."""
    opened = read_event(json.dumps(OPENED | {missing: None}).encode())
    assert isinstance(opened, HomeOpened)
    assert opened == read_event(json.dumps({k: v for k, v in OPENED.items() if k != missing}).encode())
