"""Block Kit objects as JSON: the same as slack_sdk's own, with the same limits."""

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    OverflowMenuElement,
    PlainTextInputElement,
    PlainTextObject,
    RichTextBlock,
    RichTextSectionElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.slack.messages.as_json import PlainOption, as_json, blocks_as_json

_LABEL = PlainTextObject(text="Escalate", emoji=False)
_CONFIRMATION = ConfirmObject(
    title="Sure?", text=MarkdownTextObject(text="*really*"), confirm="Yes", deny="No"
)
_OPTIONS = [
    PlainOption("Escalate", "escalate"),
    Option(text=PlainTextObject(text="Add note"), value="add_note", description="for everyone"),
    Option(text=PlainTextObject(text="Portal"), value="portal", url="https://portal.example"),
    Option(text=PlainTextObject(text="No emoji", emoji=False), value="plain"),
    Option(text=MarkdownTextObject(text="*bold*"), value="bold"),
    Option(label="Label only", value="label"),
]
_PARTS: list[JsonObject] = [
    HeaderBlock(text="Review #42"),
    SectionBlock(text=MarkdownTextObject(text="<@U1> claimed it"), accessory=ButtonElement(text="Go")),
    SectionBlock(text=PlainTextObject(text="a note", emoji=False)),
    SectionBlock(fields=[MarkdownTextObject(text="a"), MarkdownTextObject(text="b", verbatim=True)]),
    ContextBlock(elements=[MarkdownTextObject(text="small print")], block_id="context"),
    DividerBlock(),
    ActionsBlock(
        block_id="buttons",
        elements=[
            ButtonElement(text="Confirm", action_id="c", value="", style="primary", confirm=_CONFIRMATION),
            OverflowMenuElement(action_id="menu", options=_OPTIONS[:5]),
        ],
    ),
    InputBlock(label=_LABEL, element=PlainTextInputElement(multiline=True, max_length=9), optional=True),
    StaticSelectElement(options=_OPTIONS, initial_option=_OPTIONS[1]),
    OptionGroup(label="Group", options=_OPTIONS[:2]),
    RichTextBlock(elements=[RichTextSectionElement(elements=[])]),
    *_OPTIONS,
    PlainOption("Reject", "reject", "Needs confirmation by a second person"),
]


@pytest.mark.parametrize("part", _PARTS, ids=lambda part: type(part).__name__)
def test_a_part_is_the_same_as_the_library_gives(part: JsonObject) -> None:
    """Whatever is left out, nested or in another form there is so here."""
    assert as_json(part) == part.to_dict()


def test_a_view_is_the_same_as_the_library_gives() -> None:
    """A view holds blocks of every kind."""
    blocks = [part for part in _PARTS if isinstance(part, SectionBlock | ContextBlock | InputBlock)]
    view = View(type="modal", title="Resolve", submit=_LABEL, close="Cancel", blocks=blocks)

    assert as_json(view) == view.to_dict()
    assert as_json(view)["blocks"] == blocks_as_json(blocks)


@pytest.mark.parametrize(
    "part",
    [
        HeaderBlock(text="x" * 151),
        SectionBlock(text=MarkdownTextObject(text="x" * 3_001)),
        SectionBlock(text="x", accessory=ButtonElement(text="x" * 76)),
        PlainOption("x" * 76, "v"),
        OverflowMenuElement(options=_OPTIONS),
    ],
    ids=["header", "section", "button in a section", "option", "menu with six options"],
)
def test_a_part_beyond_one_of_slacks_limits_is_an_error(part: JsonObject) -> None:
    """The error comes before Slack sees it, also for parts inside of others."""
    with pytest.raises(SlackObjectFormationError):
        as_json(part)
