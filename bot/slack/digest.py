"""A queue's daily digest in its channel. Pure."""

from slack_sdk.models.blocks import Block, HeaderBlock, MarkdownTextObject, SectionBlock

from bot.slack.gateway import Message
from bot.slack.metadata import metadata
from bot.slack.texts import QUEUE_NAMES, person
from bot.slack.worklist_lines import counts_line
from bot.store.digest import Digest


def digest(key: str, queue: str, told: Digest) -> Message:
    """How a queue stands today."""
    title = f"Today's {QUEUE_NAMES[queue]} reviews"
    lines = [counts_line(queue, told.counts), _overdue(told.overdue)]
    if told.people:
        lines.append("In work: " + ", ".join(f"{person(id_)} {total}" for id_, total in told.people))
    if told.disagreements:
        lines.append(
            f"⚠️ {_counted(told.disagreements, 'verdict')} of Ralio since yesterday did not fit what was decided here"
        )
    if told.held:
        lines.append(f"⚠️ {_counted(told.held, 'message')} could not be delivered and wait for an operator")
    text = "\n".join(lines)
    blocks: list[Block] = [HeaderBlock(text=title), SectionBlock(text=MarkdownTextObject(text=text))]
    return Message(
        text=f"{title}\n{text}", blocks=[block.to_dict() for block in blocks], metadata=metadata(key)
    )


def _overdue(total: int) -> str:
    return f"*{total} overdue*" if total else "Nothing is overdue"


def _counted(total: int, what: str) -> str:
    return f"{total} {what}" if total == 1 else f"{total} {what}s"
