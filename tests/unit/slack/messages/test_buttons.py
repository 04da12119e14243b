"""The ids by which Slack reports buttons and menus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.review import Action
from bot.slack.messages import buttons
from tests.support.examples import LONGEST_SESSION_ID

_sessions = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True)


@given(_sessions, st.none() | st.integers(0, 10**15 - 1))
def test_a_buttons_value_comes_back(session: str, version: int | None) -> None:
    """With the session, and with the version if the button works for that version alone."""
    assert buttons.read_value(buttons.value(session, version)) == (session, version)


@given(_sessions)
def test_a_menus_session_comes_back(session: str) -> None:
    """In the id of its block, for which Slack allows 255 characters."""
    assert buttons.session_of_block(buttons.block_id(session)) == session
    assert len(buttons.block_id(LONGEST_SESSION_ID)) <= 255


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@3",
        "s@",
        "s@3@3",
        "s@-1",
        "s@3 ",
        " s",
        "s\n",
        "s@٣",
        "é",
        "<!channel>",
        "a b",
        "s" * 129,
        "s@" + "9" * 16,
    ],
)
def test_nothing_else_is_a_value(text: str) -> None:
    """The value goes into the database and into texts."""
    assert buttons.read_value(text) is None


@pytest.mark.parametrize("word", ["", "review:s", "a@1", "a/b", "s\n", None, 7, ["s"]])
def test_nothing_else_is_a_session(word: object) -> None:
    """Session ids hold no markup, no spaces and none of the bot's separators."""
    if word == "review:s":
        assert buttons.session_of_block("review:review:s") == "review:s"
    else:
        assert buttons.session_id(word) is None


@pytest.mark.parametrize("id_", ["", "s", "review", "review:", "review:<s>", "other:s"])
def test_another_block_names_no_session(id_: str) -> None:
    """Not even one that resembles the bot's own."""
    assert buttons.session_of_block(id_) is None


def test_every_action_of_a_person_has_its_button_or_menu() -> None:
    """To propose has none: a decision becomes a proposal. Lists have buttons for some of the menu."""
    offered = {*buttons.BUTTONS.values(), *buttons.MENU_ACTIONS}
    assert sorted(offered) == sorted(set(Action) - {Action.RECEIVE, Action.CLOSE, Action.PROPOSE})


def test_a_button_of_an_earlier_version_names_its_session_in_another_spelling() -> None:
    """Cards that were posted before ids had one spelling still work."""
    session = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"
    assert buttons.read_value(f"{session.upper()}@3") == (session, 3)
    assert buttons.session_of_block(f"review:{session.replace('-', '')}") == session
