"""A queue's daily digest in its channel. Pure."""

from collections.abc import Sequence
from statistics import median

from slack_sdk.models.blocks import Block, HeaderBlock, MarkdownTextObject, SectionBlock

from bot.reviews.business_hours import BusinessHours
from bot.slack.api.client import Message
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, person
from bot.slack.messages.week_chart import week_chart
from bot.slack.messages.worklist_lines import counts_line
from bot.store.tables.digest import DAY_MS, Digest, Step, StepKind


def digest(key: str, queue: str, figures: Digest, hours: BusinessHours, now: int) -> Message:
    """The digest at `now` (milliseconds); waiting times are in business hours of the queue."""
    title = f"Today's {QUEUE_NAMES[queue]} reviews"
    lines = [counts_line(queue, figures.counts), _overdue(figures.overdue)]
    if figures.people:
        lines.append("In work: " + ", ".join(f"{person(id_)} {total}" for id_, total in figures.people))
    for name, kind in (("claim", StepKind.CLAIMED), ("decide", StepKind.DECIDED)):
        # The wait of a review that was reopened starts again at that time.
        steps = [step for step in figures.steps if step.kind is kind and step.at >= step.opened_at]
        lines.append(f"Time to {name}, median: {_median(steps, hours, now)}")
    if figures.disagreements:
        lines.append(
            f"⚠️ {_counted(figures.disagreements, 'verdict')} of Ralio since yesterday did not fit what was decided here"
        )
    if figures.verdicts_missing:
        lines.append(f"⚠️ {_counted(figures.verdicts_missing, 'decision')} not yet entered in Ralio's portal")
    if figures.held:
        lines.append(f"⚠️ {_counted(figures.held, 'message')} could not be delivered and wait for an operator")
    # With a copy outside the database, a truncated audit trail is noticed.
    lines.append(f"Audit head: {code(figures.head)}")
    text = "\n".join(lines)
    blocks: list[Block] = [
        HeaderBlock(text=title),
        SectionBlock(text=MarkdownTextObject(text=text)),
        SectionBlock(text=MarkdownTextObject(text=week_chart(figures.steps, hours, now))),
    ]
    return Message(
        text=f"{title}\n{text}", blocks=[block.to_dict() for block in blocks], metadata=metadata(key)
    )


def _overdue(total: int) -> str:
    return f"*{total} overdue*" if total else "Nothing is overdue"


def _median(steps: Sequence[Step], hours: BusinessHours, now: int) -> str:
    day = [hours.between(step.opened_at, step.at) for step in steps if step.at >= now - DAY_MS]
    week = [hours.between(step.opened_at, step.at) for step in steps]
    return f"{_duration(day)} in the last day, {_duration(week)} in the last week"


def _duration(times_ms: Sequence[int]) -> str:
    if not times_ms:
        return "none"
    minutes = round(median(times_ms) / 60_000)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


def _counted(total: int, what: str) -> str:
    return f"{total} {what}" if total == 1 else f"{total} {what}s"
