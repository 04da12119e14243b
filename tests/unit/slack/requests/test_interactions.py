"""What a signed interaction of Slack means; the payloads in tests/fixtures/slack hold every documented field."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.action_request import ActionRequest, Actor
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.slack.messages import buttons
from bot.slack.requests.interactions import (
    ActionClicked,
    ClaimNextClicked,
    Click,
    HistoryPageTurned,
    HistoryRequested,
    ModalRequested,
    ModalSubmitted,
    NothingToDo,
    NotUnderstood,
    OutcomeChosen,
    Read,
    read_interaction,
)
from bot.slack.requests.modal_state import Entered, ModalState

FIXTURES = Path(__file__).parents[3] / "fixtures" / "slack"
ANNA = Actor("U012AB3CD", team_id="T012AB3C4", workspace_id="T012AB3C4", app_id="A02")
TRIGGER = "12466734323.1395872398.abc"
NOW = 1_700_000_000_000
MESSAGE_TS = "1548261231.000200"
CLAIM = ActionClicked(
    ActionRequest(Action.CLAIM, ANNA, "session-1", NOW, channel="C012AB3CD", message_ts=MESSAGE_TS),
    TRIGGER,
)
FORM = ModalState(Action.RESOLVE, "session-1", 4, "C012AB3CD")
CANARY = "canary of Jane Roe"


def _clicked(action: Action, seen_revision: int | None = None) -> Click:
    """Whether an action needs a modal is the parser's decision."""
    request = ActionRequest(
        action,
        ANNA,
        "session-1",
        NOW,
        channel="C012AB3CD",
        seen_revision=seen_revision,
        message_ts=MESSAGE_TS,
    )
    if action is Action.SEE_HISTORY:
        return HistoryRequested(request, TRIGGER)
    kind = ModalRequested if action in buttons.OPENS_MODAL else ActionClicked
    return kind(request, TRIGGER)


READ: dict[str, Read] = {
    "button_of_a_card": CLAIM,
    "menu_of_a_card": _clicked(Action.TAKE_OVER),
    "form_submitted": ModalSubmitted(
        ActionRequest(
            Action.RESOLVE,
            ANNA,
            "session-1",
            NOW,
            decision=Decision("reject", "document_expired", "The passport ended in May."),
            seen_revision=4,
        ),
        FORM,
        Entered(
            outcome="reject",
            reason="document_expired",
            words="The passport ended in May.",
            blocks={"outcome": "outcome", "reason": "reason_reject", "note": "note"},
        ),
    ),
    "outcome_chosen": OutcomeChosen(
        ActionRequest(FORM.action, ANNA, FORM.session_id, NOW),
        FORM,
        Entered(outcome="reject", blocks={"outcome": "outcome", "reason": "reason", "note": "note"}),
        "V111",
        "1596530361.3wRYuk3R",
        "1548426417.840180",
    ),
    "form_closed": NothingToDo("view_closed"),
    "home_claim": ActionClicked(ActionRequest(Action.CLAIM, ANNA, "session-1", NOW, from_home=True), TRIGGER),
    "home_claim_next": ClaimNextClicked(
        ActionRequest(Action.CLAIM, ANNA, None, NOW, from_home=True), TRIGGER
    ),
    "home_open": NothingToDo("home_open"),
}


def _fixture(name: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")))


def _click() -> dict[str, Any]:
    return _fixture("button_of_a_card")


def _form(payload: object) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def _pressed(**changes: object) -> dict[str, Any]:
    return {"actions": [_click()["actions"][0] | changes]}


@pytest.mark.parametrize("name", READ)
def test_every_kind_of_payload_is_read(name: str) -> None:
    """Who, what for, which review, and what was typed; nothing else of it is kept."""
    assert read_interaction(_form(_fixture(name)), NOW) == READ[name]


def test_every_payload_on_file_is_one_of_them() -> None:
    """A file that nothing reads would prove nothing."""
    files = {path.stem for path in FIXTURES.glob("*.json")}
    assert files - {"event_app_home_opened"} == set(READ)


@pytest.mark.parametrize(("action_id", "action"), buttons.BUTTONS.items())
def test_every_button_of_a_card_asks_for_its_action(action_id: str, action: Action) -> None:
    """The action id says what is wished, the value for which session and perhaps for which version."""
    result = read_interaction(_form(_click() | _pressed(action_id=action_id, value="session-1@7")), NOW)
    assert result == _clicked(action, seen_revision=7)


def test_a_chosen_reason_counts_like_a_chosen_outcome() -> None:
    """It can make the note required. In any other form it asks for nothing."""
    payload = _fixture("outcome_chosen")
    payload["actions"][0] |= {"action_id": "reason", "selected_option": {"value": "reject:other"}}
    chosen = {"type": "static_select", "selected_option": {"value": "reject:other"}}
    outcome = {"type": "static_select", "selected_option": {"value": "reject"}}
    payload["view"]["state"]["values"] = {
        "outcome": {"outcome": outcome},
        "reason_reject": {"reason": chosen},
    }
    read = read_interaction(_form(payload), NOW)
    assert isinstance(read, OutcomeChosen)
    assert (read.entered.outcome, read.entered.reason) == ("reject", "other")
    payload["view"]["private_metadata"] = ModalState(Action.SNOOZE, "session-1", 4).text()
    assert read_interaction(_form(payload), NOW) == NothingToDo("reason")


@pytest.mark.parametrize("action_id", [buttons.HISTORY_OLDER, buttons.HISTORY_NEWER])
def test_a_page_of_the_history_is_turned_in_its_modal(action_id: str) -> None:
    """The value names the session and the page; without a modal or a value there is nothing to turn."""
    view = {"id": "V1", "hash": "1.x", "callback_id": "review_history"}
    payload = _click() | _pressed(action_id=action_id, value="session-1@2") | {"view": view}
    request = ActionRequest(Action.SEE_HISTORY, ANNA, "session-1", NOW)
    assert read_interaction(_form(payload), NOW) == HistoryPageTurned(request, 2, "V1", "1.x")
    for other in (payload | {"view": None}, payload | _pressed(action_id=action_id, value="")):
        assert read_interaction(_form(other), NOW) == NothingToDo(action_id)


@pytest.mark.parametrize("action", buttons.MENU_ACTIONS)
def test_every_option_of_the_menu_asks_for_its_action(action: Action) -> None:
    """The session stands in the block's id, or where that is left out in the message's metadata."""
    for block_id in ("review:session-1", None, "x7Gh"):
        menu = _fixture("menu_of_a_card")
        menu["actions"][0] |= {"selected_option": {"value": action.value}, "block_id": block_id}
        expected = _clicked(action)
        assert read_interaction(_form(menu), NOW) == expected


def test_a_menu_of_no_session_is_not_understood() -> None:
    """Neither the block nor the message names it."""
    menu = _fixture("menu_of_a_card") | {"message": None}
    menu["actions"][0] |= {"block_id": "x7Gh"}
    assert read_interaction(_form(menu), NOW) == NotUnderstood(
        "payload: a button without a user or a session"
    )


@pytest.mark.parametrize("option", [None, {"value": "dance"}, {"value": "claim"}])
def test_an_option_that_the_menu_does_not_have_asks_for_nothing(option: object) -> None:
    """An older or newer version of the bot may have posted it."""
    menu = _fixture("menu_of_a_card")
    menu["actions"][0] |= {"selected_option": option}
    assert read_interaction(_form(menu), NOW) == NothingToDo("review_more")


OPTIONAL = ["message", "state", "enterprise", "response_url", "container", "token", "channel"]


@pytest.mark.parametrize("missing", OPTIONAL)
def test_optional_parts_may_be_missing_or_null(missing: str) -> None:
    """`message` and `state` are optional, and the channel is told twice."""
    without = {key: value for key, value in _click().items() if key != missing}
    expected = CLAIM
    if missing == "container":
        # Only it names the message.
        expected = replace(CLAIM, request=replace(CLAIM.request, message_ts=None))
    assert read_interaction(_form(without), NOW) == expected
    assert read_interaction(_form(_click() | {missing: None}), NOW) == expected


def test_in_an_organisation_of_workspaces_the_team_may_be_null() -> None:
    """Then the organisation says where it comes from; a workspace of one names both."""
    actor = Actor("U012AB3CD", team_id="T012AB3C4", enterprise_id="E1", app_id="A02")
    for changes in (
        {"team": None, "enterprise": {"id": "E1", "name": "Org"}},
        {"team": {"id": None, "enterprise_id": "E1"}},
    ):
        read = read_interaction(_form(_click() | changes), NOW)
        assert isinstance(read, ActionClicked)
        assert read.request.actor == actor


def test_unknown_keys_are_left_alone() -> None:
    """Slack adds fields when it likes."""
    user = _click()["user"] | {"new": [1, {"deep": None}]}
    assert (
        read_interaction(_form(_click() | {"new": {"key": 1}, "user": user} | _pressed(new=[])), NOW) == CLAIM
    )


def test_only_the_first_action_counts() -> None:
    """Slack sends one; more would be somebody's invention."""
    actions = [*_click()["actions"], *_pressed(action_id="review_release")["actions"]]
    assert read_interaction(_form(_click() | {"actions": actions}), NOW) == CLAIM


@pytest.mark.parametrize(
    "type_", ["view_closed", "block_suggestion", "shortcut", "message_action", "new_type"]
)
def test_other_interactions_ask_for_nothing(type_: str) -> None:
    """They are answered all the same, or Slack shows a warning."""
    assert read_interaction(_form(_fixture("form_submitted") | {"type": type_}), NOW) == NothingToDo(type_)


@pytest.mark.parametrize("view", [None, {"callback_id": "another"}, {}])
def test_a_form_that_is_not_of_this_bot_asks_for_nothing(view: object) -> None:
    """Another part of the same app may have opened it."""
    payload = _fixture("form_submitted") | {"view": view}
    assert read_interaction(_form(payload), NOW) == NothingToDo("view_submission")


@pytest.mark.parametrize("metadata", [None, "", "{", "[]", '{"action": "resolve"}'])
def test_a_form_that_does_not_say_what_it_is_for_is_not_understood(metadata: str | None) -> None:
    """Nothing is guessed."""
    submitted, chosen = _fixture("form_submitted"), _fixture("outcome_chosen")
    submitted["view"]["private_metadata"] = chosen["view"]["private_metadata"] = metadata
    assert isinstance(read_interaction(_form(submitted), NOW), NotUnderstood)
    assert read_interaction(_form(chosen), NOW) == NothingToDo("outcome")


def test_a_button_that_is_not_of_a_card_asks_for_nothing() -> None:
    """An older or newer version of the bot may have posted it."""
    assert read_interaction(_form(_click() | _pressed(action_id="review_dance")), NOW) == NothingToDo(
        "review_dance"
    )


NO_SESSION = "payload: a button without a user or a session"
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
    (lambda: _click() | {"user": None}, NO_SESSION),
    (lambda: _fixture("home_claim_next") | {"user": None}, "payload.user: missing"),
    (
        lambda: _fixture("form_submitted") | {"user": None},
        "payload.view: not a form of this bot, or without a user",
    ),
    (lambda: _click() | {"user": {}}, "payload.user.id: Field required"),
    (
        lambda: _click() | {"user": {"id": CANARY}},
        "payload.user.id: String should match pattern '^[A-Z][A-Z0-9_]{1,40}$'",
    ),
    (lambda: _click() | _pressed(value=None), NO_SESSION),
    (lambda: _click() | _pressed(value=CANARY), NO_SESSION),
    (lambda: _click() | _pressed(value="session-1@"), NO_SESSION),
    (lambda: _click() | _pressed(value="session-1@v2"), NO_SESSION),
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
    assert read_interaction(_form(make()), NOW) == NotUnderstood(problem)
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
    assert read_interaction(body, NOW) == NotUnderstood("the form has no single field payload")


@pytest.mark.parametrize("payload", ["{", "canary", "NaN", "[" * 100_000], ids=lambda p: p[:9])
def test_a_payload_that_is_not_json_is_not_understood(payload: str) -> None:
    """The parser's words name a position, and nothing of what was there."""
    result = read_interaction(b"payload=" + quote_plus(payload).encode(), NOW)
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
    read_interaction(body, NOW)
    read_interaction(b"payload=" + body, NOW)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(READ)),
    st.dictionaries(
        st.sampled_from(["type", "user", "channel", "container", "actions", "team", "view"]), _json
    ),
    st.dictionaries(st.sampled_from(["action_id", "value", "selected_option", "block_id"]), _json),
    st.dictionaries(st.sampled_from(["state", "private_metadata", "callback_id", "hash", "id"]), _json),
)
def test_nothing_put_into_the_fields_raises(
    name: str, changes: dict[str, object], action: dict[str, object], view: dict[str, object]
) -> None:
    """Each field that is read may hold anything."""
    payload = _fixture(name)
    read_interaction(_form(payload | changes), NOW)
    payload["actions"] = [each | action for each in payload.get("actions", [])]
    payload["view"] = (payload.get("view") or {}) | view
    read_interaction(_form(payload), NOW)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=8), _json, max_size=2), max_size=3)
)
def test_nothing_typed_into_a_form_raises(values: dict[str, object]) -> None:
    """Whatever stands where the values should be."""
    payload = _fixture("form_submitted")
    payload["view"]["state"]["values"] = values
    read_interaction(_form(payload), NOW)
