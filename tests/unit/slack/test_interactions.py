"""What a signed interaction of Slack means."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.decide import Request
from bot.reviews.review import Action
from bot.slack.interactions import NothingToDo, NotUnderstood, ReviewRequest, read_interaction

CLAIM = ReviewRequest("session-1", Request(Action.CLAIM, "U012AB3CD"), "C012AB3CD")
CANARY = "canary of Jane Roe"


def _click() -> dict[str, Any]:
    """A button's payload with every documented field."""
    button = {
        "type": "button",
        "block_id": "review_actions",
        "action_id": "review_claim",
        "text": {"type": "plain_text", "text": "Claim", "emoji": True},
        "value": "session-1",
        "style": "primary",
    }
    return {
        "type": "block_actions",
        "user": {"id": "U012AB3CD", "username": "anna", "name": "anna", "team_id": "T012AB3C4"},
        "api_app_id": "A02",
        "token": "made-up-token",
        "container": {
            "type": "message",
            "message_ts": "1548261231.000200",
            "channel_id": "C012AB3CD",
            "is_ephemeral": False,
        },
        "trigger_id": "12466734323.1395872398",
        "team": {"id": "T012AB3C4", "domain": "pocket-calculator"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C012AB3CD", "name": "kyc-reviews"},
        "message": {
            "type": "message",
            "bot_id": "B019ZNBV1PV",
            "app_id": "A02",
            "user": "U019A3Q8RP7",
            "text": "fallback text",
            "ts": "1548261231.000200",
            "team": "T012AB3C4",
            "blocks": [{"type": "actions", "block_id": "review_actions", "elements": [button]}],
        },
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T012AB3C4/1/AbC",
        "actions": [button | {"action_ts": "1548426417.840180"}],
    }


def _form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def _pressed(**changes: object) -> dict[str, Any]:
    return {"actions": [_click()["actions"][0] | changes]}


def test_a_full_payload_is_read() -> None:
    """The button's value is the session, the signed user the person, the channel where it was seen."""
    assert read_interaction(_form(_click())) == CLAIM


@pytest.mark.parametrize(
    ("action_id", "action"), [("review_claim", Action.CLAIM), ("review_release", Action.RELEASE)]
)
def test_every_button_of_a_card_asks_for_its_action(action_id: str, action: Action) -> None:
    """The action id says what is wished."""
    result = read_interaction(_form(_click() | _pressed(action_id=action_id)))
    assert isinstance(result, ReviewRequest)
    assert result.request.action is action


@pytest.mark.parametrize(
    "missing",
    ["message", "state", "team", "enterprise", "trigger_id", "response_url", "container", "token", "channel"],
)
def test_optional_parts_may_be_missing_or_null(missing: str) -> None:
    """`team` is null in an Enterprise Grid, `message` and `state` are optional."""
    without = {key: value for key, value in _click().items() if key != missing}
    assert read_interaction(_form(without)) == CLAIM
    assert read_interaction(_form(_click() | {missing: None})) == CLAIM


def test_unknown_keys_are_left_alone() -> None:
    """Slack adds fields when it likes."""
    user = _click()["user"] | {"new": [1, {"deep": None}]}
    assert read_interaction(_form(_click() | {"new": {"key": 1}, "user": user} | _pressed(new=[]))) == CLAIM


def test_only_the_first_action_counts() -> None:
    """Slack sends one; more would be somebody's invention."""
    actions = [*_click()["actions"], *_pressed(action_id="review_release")["actions"]]
    assert read_interaction(_form(_click() | {"actions": actions})) == CLAIM


@pytest.mark.parametrize(
    "type_", ["view_submission", "view_closed", "block_suggestion", "shortcut", "message_action", "new_type"]
)
def test_other_interactions_ask_for_nothing(type_: str) -> None:
    """They are answered all the same, or Slack shows a warning."""
    view = {"id": "V111", "type": "modal", "state": {"values": {"a": {"b": {"value": "typed"}}}}}
    payload = {"type": type_, "team": {"id": "T111"}, "user": {"id": "W111"}, "view": view}
    assert read_interaction(_form(payload)) == NothingToDo(type_)


def test_a_button_that_is_not_of_a_card_asks_for_nothing() -> None:
    """An older or newer version of the bot may have posted it."""
    assert read_interaction(_form(_click() | _pressed(action_id="review_dance"))) == NothingToDo(
        "review_dance"
    )


NOT_UNDERSTOOD: list[tuple[Callable[[], object], str]] = [
    (lambda: _click() | {"type": None}, "payload.type: Input should be a valid string"),
    (lambda: _click() | {"type": "x" * 101}, "payload.type: String should have at most 100 characters"),
    (dict, "payload.type: Field required"),
    (lambda: _click() | {"actions": []}, "payload.actions: empty"),
    (lambda: _click() | {"actions": [7]}, "payload.actions.0: Input should be an object"),
    (
        lambda: _click() | {"actions": _click()["actions"] * 26},
        "payload.actions: List should have at most 25 items after validation, not 26",
    ),
    (lambda: _click() | {"user": None}, "payload: a button without a user or a value"),
    (lambda: _click() | {"user": {}}, "payload.user.id: Field required"),
    (
        lambda: _click() | {"user": {"id": CANARY}},
        "payload.user.id: String should match pattern '^[A-Z][A-Z0-9_]{1,40}$'",
    ),
    (lambda: _click() | _pressed(value=None), "payload: a button without a user or a value"),
    (
        lambda: _click() | _pressed(value=CANARY),
        "payload.actions.0.value: String should match pattern '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$'",
    ),
    (lambda: _click() | _pressed(value=7), "payload.actions.0.value: Input should be a valid string"),
    (lambda: _click() | {"channel": None, "container": None}, "payload.channel: missing"),
    (
        lambda: _click() | {"channel": {"id": "<!channel>"}},
        "payload.channel.id: String should match pattern '^[A-Z][A-Z0-9_]{1,40}$'",
    ),
    (lambda: [CANARY], "payload.: Input should be an object"),
    (lambda: None, "payload.: Input should be an object"),
]


@pytest.mark.parametrize(("make", "problem"), NOT_UNDERSTOOD)
def test_a_payload_of_another_shape_names_the_place_and_never_the_value(
    make: Callable[[], object], problem: str
) -> None:
    """The problem is logged."""
    assert read_interaction(_form(make())) == NotUnderstood(problem)
    assert CANARY not in problem


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload",
        b"payload=",
        b"other=1",
        b"payload={}&payload={}",
        b"\xff=1",
        b"&".join(b"a=1" for _ in range(30)) + b"&payload={}",
        b'{"type": "block_actions"}',
        b"=&=&=",
    ],
)
def test_a_form_without_one_payload_is_not_understood(body: bytes) -> None:
    """Slack sends exactly one field of that name."""
    assert read_interaction(body) == NotUnderstood("the form has no single field payload")


@pytest.mark.parametrize("payload", ["{", "canary", "NaN", "[" * 100_000], ids=lambda p: p[:9])
def test_a_payload_that_is_not_json_is_not_understood(payload: str) -> None:
    """The parser's words name a position, and nothing of what was there."""
    result = read_interaction(b"payload=" + quote_plus(payload).encode())
    assert isinstance(result, NotUnderstood)
    assert "canary" not in result.problem


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    """Whatever is signed, an answer comes."""
    read_interaction(body)
    read_interaction(b"payload=" + body)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["type", "user", "channel", "container", "actions", "team"]), _json),
    st.none() | st.fixed_dictionaries({}, optional={"action_id": _json, "value": _json}),
)
def test_nothing_put_into_the_fields_raises(
    changes: dict[str, object], action: dict[str, object] | None
) -> None:
    """Each field that is read may hold anything."""
    read_interaction(_form(_click() | changes))
    read_interaction(_form(_click() | changes | {"type": "block_actions", "actions": [action]}))
