"""What a form carries along, and what comes back from it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.review import Action
from bot.slack.messages.buttons import OPENS_MODAL
from bot.slack.requests.modal_state import Entered, ModalState, read_entered, reason_value
from tests.support.examples import LONGEST_ID, LONGEST_SESSION_ID

STATE = ModalState(Action.RESOLVE, "session-1", 4, "C012AB3CD")

_states = st.builds(
    ModalState,
    action=st.sampled_from(sorted(OPENS_MODAL)),
    session_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True),
    revision=st.integers(0, 2**63 - 1),
    channel=st.none() | st.from_regex(r"[A-Z][A-Z0-9_]{1,40}", fullmatch=True),
    warned=st.text(max_size=64),
)


@settings(max_examples=100, deadline=None)
@given(_states)
def test_what_a_form_carries_comes_back(state: ModalState) -> None:
    """Whatever it is; and it fits into what Slack carries."""
    text = state.text()
    assert ModalState.read(text) == state
    assert len(text) <= 3_000


def test_the_longest_fits() -> None:
    """Slack carries 3,000 characters."""
    state = ModalState(Action.RESOLVE, LONGEST_SESSION_ID, 2**63 - 1, LONGEST_ID).warned_of("words")
    assert len(state.text()) < 500


def test_a_form_can_be_moved_on() -> None:
    """To a newer version, or past a warning about these words and no others."""
    assert STATE.at_revision(7) == ModalState(Action.RESOLVE, "session-1", 7, "C012AB3CD")
    warned = STATE.warned_of("a@example.com")
    assert warned.warned != STATE.warned_of("b@example.com").warned
    assert "example" not in warned.text()


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "dance"},
        {"action": None},
        {"action": "receive"},
        {"action": "confirm"},
        {"session_id": "<!channel>"},
        {"session_id": "s" * 129},
        {"session_id": 7},
        {"step": -1},
        {"step": 2**63},
        {"step": "many"},
        {"channel": "<!here>"},
        {"channel": "c1"},
        {"warned": "w" * 65},
    ],
)
def test_what_no_form_of_ours_carries_is_not_read(changes: dict[str, object]) -> None:
    """It comes back from outside, and goes into the database and into texts."""
    assert ModalState.read(json.dumps(json.loads(STATE.text()) | changes)) is None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100))
def test_no_text_raises(text: str) -> None:
    """Another app's form may carry anything."""
    assert ModalState.read(text) is None


def _select(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


def test_a_whole_form_is_read() -> None:
    """Each field, and in which block it is."""
    values = {
        "outcome": {"outcome": _select("reject")},
        "reason_reject": {"reason": _select(reason_value("reject", "forged"))},
        "note": {"note": {"type": "plain_text_input", "value": "  As typed,\non two lines. "}},
    }
    assert read_entered(values) == Entered(
        outcome="reject",
        reason="forged",
        words="As typed,\non two lines.",
        blocks={"outcome": "outcome", "reason": "reason_reject", "note": "note"},
    )
    person = {"to": {"to": {"type": "users_select", "selected_user": "UBORIS"}}}
    assert read_entered(person) == Entered(to="UBORIS", blocks={"to": "to"})


def test_a_reason_of_another_outcome_is_never_taken_for_one_of_this() -> None:
    """As long as the reasons of all are offered, the same code may stand below several outcomes."""
    values = {
        "outcome": {"outcome": _select("reject")},
        "reason": {"reason": _select(reason_value("more_information", "other"))},
    }
    assert read_entered(values).reason == "more_information:other"
    assert read_entered({"reason": values["reason"]}).reason == "more_information:other"


@pytest.mark.parametrize("typed", ["", " \n\t ", "\u0000", "\u200b\u2066\u0007", None])
def test_nothing_visible_is_nothing(typed: str | None) -> None:
    """A blank is no reason for anything."""
    assert read_entered({"words": {"words": {"type": "plain_text_input", "value": typed}}}).words is None


def test_typed_text_is_cleaned() -> None:
    """Control characters and direction marks go, words stay apart: see typed_text."""
    typed = "a\u0000b\u001b[31mc\u202ed\r\ne\tf\u00a0😀 é"
    words = read_entered({"note": {"note": {"type": "plain_text_input", "value": typed}}}).words
    assert words == "ab[31mcd\ne f 😀 é"


@pytest.mark.parametrize(
    "element",
    [
        {},
        {"value": 7},
        {"selected_option": None},
        {"selected_option": "reject"},
        {"selected_option": {"value": 7}},
    ],
)
def test_an_element_of_another_shape_is_empty(element: dict[str, object]) -> None:
    """It is complained about like an empty one."""
    assert read_entered({"outcome": {"outcome": element}}) == Entered(blocks={"outcome": "outcome"})


def test_a_complaint_goes_to_the_field_or_to_another_that_is_there() -> None:
    """Slack shows complaints only about blocks that the form has."""
    entered = Entered(blocks={"outcome": "outcome", "reason": "reason_reject"})
    assert entered.block_of("reason", "outcome") == "reason_reject"
    assert entered.block_of("note", "outcome") == "outcome"
    assert Entered().block_of("reason", "outcome") == "outcome"
