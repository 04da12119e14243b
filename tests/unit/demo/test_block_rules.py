"""Every limit of Slack's blocks and views."""

from typing import Any

import pytest

from bot.demo.blocks.validation import block_problems
from bot.demo.blocks.views import view_problems


def _text(words: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": words}


def _button(**changes: object) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": _text("Claim"), **changes}


def _actions(*elements: object, **changes: object) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **changes}


def _options(count: int) -> list[dict[str, Any]]:
    return [{"text": _text(f"option {n}"), "value": f"{n}"} for n in range(count)]


def _grouped(initial: dict[str, Any]) -> dict[str, Any]:
    groups = [{"label": _text("Reject"), "options": _options(2)}]
    return {"type": "static_select", "action_id": "m", "option_groups": groups, "initial_option": initial}


def _modal(**changes: object) -> dict[str, Any]:
    return {"type": "modal", "title": _text("Resolve"), "blocks": [{"type": "divider"}], **changes}


CONFIRM = {
    "title": _text("Sure?"),
    "text": _text("Really", "mrkdwn"),
    "confirm": _text("Yes"),
    "deny": _text("No"),
}
NOTE = {"type": "input", "label": _text("Note"), "element": {"type": "plain_text_input", "action_id": "n"}}

GOOD_BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": _text("x" * 150)},
    {"type": "section", "text": _text("x" * 3000, "mrkdwn"), "accessory": _button()},
    {"type": "section", "fields": [_text("x" * 2000, "mrkdwn")] * 10},
    {"type": "divider"},
    {"type": "context", "elements": [_text("x", "mrkdwn")] * 10},
    {"type": "image", "alt_text": "a", "image_url": "https://example.com/a.png"},
    _actions(*(_button(action_id=str(n)) for n in range(25))),
    _actions(_button(text=_text("x" * 75), value="x" * 2000, style="danger", confirm=CONFIRM)),
    _actions({"type": "overflow", "action_id": "o", "options": _options(5)}),
    _actions({"type": "static_select", "action_id": "s", "options": _options(100)}),
    _actions(_grouped(_options(2)[1])),
    _actions({"type": "users_select", "action_id": "u", "placeholder": _text("Who?")}),
    NOTE,
    {**NOTE, "element": {"type": "radio_buttons", "action_id": "r", "options": _options(10)}},
    {**NOTE, "element": {"type": "checkboxes", "action_id": "c", "options": _options(1)}},
    {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]},
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}],
            },
        ],
    },
]

BAD_BLOCKS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"type": "marquee"}, "/type"),
    ({"type": "section"}, "/text"),
    ({"type": "section", "text": _text("")}, "/text/text"),
    ({"type": "section", "text": _text("x" * 3001)}, "/text/text"),
    ({"type": "section", "text": _text("x", "html")}, "/text/type"),
    ({"type": "section", "text": {**_text("x"), "color": "red"}}, "/text/color"),
    ({"type": "section", "fields": [_text("x")] * 11}, "/fields"),
    ({"type": "section", "fields": [_text("x" * 2001)]}, "/fields/0/text"),
    ({"type": "section", "text": _text("x"), "accessory": {"type": "plain_text_input"}}, "/accessory/type"),
    ({"type": "header", "text": _text("x" * 151)}, "/text/text"),
    ({"type": "header", "text": _text("x", "mrkdwn")}, "/text/type"),
    ({"type": "context", "elements": [_text("x")] * 11}, "/elements"),
    ({"type": "context", "elements": [_button()]}, "/elements/0/type"),
    ({"type": "image", "image_url": "https://example.com/a.png"}, "/alt_text"),
    (_actions(), "/elements"),
    (_actions(*(_button(action_id=str(n)) for n in range(26))), "/elements"),
    (_actions({"type": "slider"}), "/elements/0/type"),
    (_actions(_button(), _button()), "/elements/1/action_id"),
    (_actions(_button(text=_text("x" * 76))), "/elements/0/text/text"),
    (_actions(_button(text=_text("x", "mrkdwn"))), "/elements/0/text/type"),
    (_actions(_button(value="x" * 2001)), "/elements/0/value"),
    (_actions(_button(action_id="x" * 256)), "/elements/0/action_id"),
    (_actions(_button(style="green")), "/elements/0/style"),
    (_actions(_button(confirm={**CONFIRM, "title": _text("x" * 101)})), "/elements/0/confirm/title/text"),
    (_actions(_button(confirm={**CONFIRM, "text": _text("x" * 301)})), "/elements/0/confirm/text/text"),
    (_actions(_button(), block_id="x" * 256), "/block_id"),
    (_actions({"type": "overflow", "options": _options(6)}), "/elements/0/options"),
    (_actions({"type": "static_select", "options": []}), "/elements/0/options"),
    (_actions({"type": "static_select", "options": _options(1) * 2}), "/elements/0/options/1/value"),
    (_actions(_grouped(_options(3)[2])), "/elements/0/initial_option"),
    ({**NOTE, "label": None}, "/label"),
    ({**NOTE, "element": _button()}, "/element/type"),
    ({"type": "rich_text", "elements": [{"type": "poem"}]}, "/elements/0/type"),
]


def test_good_blocks_pass() -> None:
    """Everything at its limit is accepted."""
    assert block_problems(GOOD_BLOCKS) == []


@pytest.mark.parametrize(("block", "pointer"), BAD_BLOCKS)
def test_a_broken_block_is_refused_at_its_place(block: dict[str, Any], pointer: str) -> None:
    """One broken rule is found, and the pointer leads to it."""
    problems = block_problems([block])

    assert [problem.pointer for problem in problems] == [f"/0{pointer}"]


def test_no_more_than_fifty_blocks_with_unique_ids() -> None:
    """The number of blocks and their ids are checked across the whole list."""
    divider = {"type": "divider"}
    twins = [{**divider, "block_id": "same"}] * 2

    assert block_problems([divider] * 50) == []
    assert [problem.code for problem in block_problems([divider] * 51)] == ["too_many_items"]
    assert [problem.pointer for problem in block_problems(twins)] == ["/1/block_id"]
    assert [problem.pointer for problem in block_problems("blocks")] == [""]
    assert [problem.pointer for problem in block_problems([1])] == ["/0"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": _text("x" * 25)}, "/title/text"),
        ({"title": None}, "/title"),
        ({"submit": _text("x" * 25)}, "/submit/text"),
        ({"close": _text("x" * 25)}, "/close/text"),
        ({"private_metadata": "x" * 3001}, "/private_metadata"),
        ({"callback_id": "x" * 256}, "/callback_id"),
        ({"blocks": [{"type": "divider"}] * 101}, "/blocks"),
        ({"blocks": [NOTE]}, "/submit"),
        ({"blocks": [{"type": "header", "text": _text("")}]}, "/blocks/0/text/text"),
        ({"type": "home"}, "/type"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_broken_modal_is_refused_at_its_place(changes: dict[str, Any], pointer: str) -> None:
    """Titles, metadata and the number of blocks are limited; an input needs a submit button."""
    assert [problem.pointer for problem in view_problems(_modal(**changes), "modal")] == [pointer]


def test_a_full_modal_and_home_pass() -> None:
    """A hundred blocks are fine."""
    blocks = [{"type": "divider"}] * 100

    assert view_problems(_modal(blocks=blocks, submit=_text("Go"), close=_text("No")), "modal") == []
    assert view_problems({"type": "home", "blocks": blocks}, "home") == []
