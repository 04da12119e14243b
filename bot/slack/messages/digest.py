"""A queue's daily digest in its channel. Pure."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from slack_sdk.models.blocks import Block, HeaderBlock, MarkdownTextObject, SectionBlock

from bot.reviews.business_hours import BusinessHours
from bot.reviews.queue_figures import PersonFigures, QueueFigures, overloaded
from bot.reviews.review import Status
from bot.slack.api.client import Message
from bot.slack.messages.as_json import blocks_as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import QUEUE_NAMES, escaped, moment, permalink, person
from bot.slack.messages.review_title import title
from bot.slack.messages.week_chart import week_chart
from bot.store.tables.digest import DAY_MS, WEEK_MS, Digest, Step, StepKind
from bot.store.tables.reviews import ListedReview

TITLE_LENGTH = 80
MOST_OVERLOADED = 5

_STATES = {
    Status.OPEN: "unclaimed",
    Status.CLAIMED: "claimed",
    Status.PROPOSED: "awaiting confirmation",
}


def digest(
    key: str, queue: str, figures: Digest, hours: BusinessHours, now: int, workspace_url: str = ""
) -> Message:
    """The digest at `now` (milliseconds); waiting times are in business hours of the queue."""
    heading = f"Today's {QUEUE_NAMES[queue]} reviews"
    counts = _counts(figures.figures, figures.earlier)
    lines = [counts, _worked(figures.steps, hours, now), *_medians(figures.steps, hours, now)]
    texts = ["\n".join(lines), *_attention(figures), *_oldest(figures.oldest, workspace_url)]
    if chart := week_chart(figures.steps, hours, now):
        texts.append(chart)
    blocks: list[Block] = [
        HeaderBlock(text=heading),
        *(SectionBlock(text=MarkdownTextObject(text=text)) for text in texts),
    ]
    fallback = "\n".join([f"{heading}: {counts}", *lines[1:], *_attention(figures)])
    return Message(text=fallback, blocks=blocks_as_json(blocks), metadata=metadata(key))


def _counts(now: QueueFigures, earlier: QueueFigures | None) -> str:
    """How much there is to do, with the change since the last digest."""
    before = earlier or QueueFigures()

    def part(name: str, count: int, count_before: int) -> str:
        return f"{count} {name}{_change(count, count_before) if earlier else ''}"

    overdue = part("overdue", now.overdue, before.overdue)
    return " · ".join(
        [
            part("unclaimed", now.unclaimed, before.unclaimed),
            part("claimed", now.claimed, before.claimed),
            part("awaiting confirmation", now.proposed, before.proposed),
            f"*{overdue}*" if now.overdue else overdue,
        ]
    )


def _worked(steps: Sequence[Step], hours: BusinessHours, now: int) -> str:
    """What came and what was decided since the same time on the last business day, and in the one before."""
    since = _a_business_day_before(now, hours)
    before = _a_business_day_before(since, hours)
    parts = []
    for name, kind in (("opened", StepKind.OPENED), ("decided", StepKind.DECIDED)):
        at = [step.at for step in steps if step.kind is kind]
        count = sum(since < each <= now for each in at)
        parts.append(f"{count} {name}{_change(count, sum(before < each <= since for each in at))}")
    return f"Last business day: {', '.join(parts)}" if hours.days else f"Last 24 hours: {', '.join(parts)}"


def _a_business_day_before(now: int, hours: BusinessHours) -> int:
    day = hours.local_day(now)
    back = next((back for back in range(1, 8) if hours.is_business_day(day - timedelta(days=back))), 1)
    return now - back * DAY_MS


def _medians(steps: Sequence[Step], hours: BusinessHours, now: int) -> Iterator[str]:
    """How long reviews of the last seven days took, and those of the seven days before."""
    for name, kind in (("claim", StepKind.CLAIMED), ("decide", StepKind.DECIDED)):
        # The wait of a review that was reopened starts again at that time.
        counted = [step for step in steps if step.kind is kind and step.at >= step.opened_at]
        week = [step for step in counted if step.at >= now - WEEK_MS]
        before = [step for step in counted if now - 2 * WEEK_MS <= step.at < now - WEEK_MS]
        yield (
            f"Median time to {name}, last 7 days: {_median(week, hours)} (7 days before: {_median(before, hours)})"
        )


def _attention(figures: Digest) -> Iterator[str]:
    """What needs attention."""
    lines = []
    if people := overloaded(figures.workloads):
        lines.append(f"⚠️ Overloaded: {', '.join(_workload(each) for each in people[:MOST_OVERLOADED])}")
    if figures.disagreements:
        lines.append(
            f"⚠️ {_counted(figures.disagreements, 'Ralio verdict')} since yesterday disagreed with our decisions"
        )
    if figures.verdicts_missing:
        lines.append(f"⚠️ {_counted(figures.verdicts_missing, 'decision')} not yet entered in Ralio's portal")
    if figures.held:
        verb = "waits" if figures.held == 1 else "wait"
        lines.append(
            f"⚠️ {_counted(figures.held, 'message')} couldn't be delivered and {verb} for an operator"
        )
    if lines:
        yield "\n".join(lines)


def _workload(each: PersonFigures) -> str:
    overdue = f", {each.overdue} overdue" if each.overdue else ""
    return f"{person(each.person)} ({_counted(each.total, 'review')}{overdue})"


def _oldest(oldest: Sequence[ListedReview], workspace_url: str) -> Iterator[str]:
    if oldest:
        yield "\n".join(["*Oldest*", *(_line(each, workspace_url) for each in oldest)])


def _line(listed: ListedReview, workspace_url: str) -> str:
    review = listed.review
    name = escaped(title(review._replace(due_at=None), 0, TITLE_LENGTH))
    link = permalink(workspace_url, listed.channel, listed.message_ts)
    shown = f"<{link}|{name}>" if link else name
    return f"• {shown} · {_STATES.get(review.status, '')} · opened {moment(review.opened_at or 0)}"


def _change(count: int, before: int) -> str:
    """The change since then, with a minus sign of the same width as the plus sign."""
    return f" ({'+' if count > before else '−'}{abs(count - before)})" if count != before else " (±0)"  # noqa: RUF001


def _median(steps: Sequence[Step], hours: BusinessHours) -> str:
    if not steps:
        return "no data"
    minutes = round(median(hours.between(step.opened_at, step.at) for step in steps) / 60_000)
    if minutes < 1:
        return escaped("< 1 min")
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


def _counted(total: int, what: str) -> str:
    return f"{total} {what}" if total == 1 else f"{total} {what}s"
