"""Fields that several modals share. Pure."""

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement

from bot.reviews.policy import MAX_WORDS
from bot.slack.requests.modal_state import NOTE, WORDS, Entered

NO_PERSONAL_DATA = (
    "Everyone in the channel can read this. Don't include names, numbers or other personal data."
)

NEEDS_NOTE = "Needs a note"


def required(label: str) -> str:
    """A label with the mark of a field that can't be left empty; Slack marks only those that can."""
    return f"{label} (required)"


def note_block(entered: Entered, *, is_required: bool = False) -> Block:
    """The note, optional unless the reason needs one."""
    label = required("Note") if is_required else "Note"
    return _text_block(NOTE, label, entered, optional=not is_required)


def words_block(label: str, entered: Entered, *, optional: bool) -> Block:
    """What a person says about an action."""
    return _text_block(WORDS, label, entered, optional=optional)


def _text_block(id_: str, label: str, entered: Entered, *, optional: bool) -> Block:
    element = PlainTextInputElement(
        action_id=id_, multiline=True, max_length=MAX_WORDS, initial_value=entered.words
    )
    return InputBlock(block_id=id_, label=label, hint=NO_PERSONAL_DATA, optional=optional, element=element)
