"""Reminders of overdue reviews: one message in a queue's channel, and one direct message to a person. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.reminders import LEADS, REVIEWERS, OverdueClaims, OverdueReminder
from bot.reviews.review import Review, Status
from bot.slack.api.client import Message
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import (
    QUEUE_NAMES,
    cut,
    escaped,
    moment,
    people,
    permalink,
    person,
    plain_moment,
)
from bot.store.tables.reminders import Overdue
from bot.store.tables.reviews import ListedReview

LINES_A_BLOCK = 8
"""A line takes about 300 characters, and Slack accepts 3,000 per section."""

TITLE_LENGTH = 80
IN_FALLBACK = 3
"""Reviews that a notification names."""


def overdue_in_queue(
    key: str,
    queue: str,
    overdue: Overdue,
    mentioned: Mapping[str, Sequence[str]],
    gone: Collection[str] = (),
    workspace_url: str = "",
) -> Message:
    """The message in the queue's channel; `mentioned` are the people and groups that it is for, by audience.

    The names of people in `gone` are left out, because a mention would be the only way to show them.
    """
    heading = _heading(overdue, f"{QUEUE_NAMES[queue]} {_reviews(overdue.total)}")
    asked = list(_asked(mentioned))
    lists = (("", overdue.others), ("*Waiting for the leads*\n" if overdue.others else "", overdue.for_leads))
    return _message(key, heading, asked, lists, overdue, gone, workspace_url)


def overdue_claims(key: str, reminder: OverdueClaims, overdue: Overdue, workspace_url: str = "") -> Message:
    """The direct message to a person who has claimed overdue reviews."""
    heading = _heading(overdue, f"{QUEUE_NAMES[reminder.queue]} {_reviews(overdue.total)} that you claimed")
    asked = ["Decide, snooze or release them."] if overdue.total > 1 else ["Decide, snooze or release it."]
    return _message(key, heading, asked, [("", overdue.listed)], overdue, (reminder.person,), workspace_url)


def nothing_overdue(key: str, reminder: OverdueReminder, *, is_replaced: bool = False) -> Message:
    """What a reminder is reduced to once nothing on it is overdue, or a newer one replaces it."""
    name = QUEUE_NAMES[reminder.queue]
    if is_replaced:
        text = f"A newer reminder lists the overdue {name} reviews."
    elif isinstance(reminder, OverdueClaims):
        text = f"✅ None of your claimed {name} reviews is overdue now."
    else:
        text = f"✅ No {name} review is overdue now."
    block = ContextBlock(elements=[MarkdownTextObject(text=text)])
    return Message(text=text, blocks=[block.to_dict()], metadata=metadata(key))


def _message(
    key: str,
    heading: str,
    asked: Sequence[str],
    lists: Sequence[tuple[str, Sequence[ListedReview]]],
    overdue: Overdue,
    unnamed: Collection[str],
    workspace_url: str,
) -> Message:
    texts = ["\n".join([f"*{heading}*", *asked])]
    for title, found in lists:
        lines = [_line(each, unnamed, workspace_url) for each in found]
        texts += [
            ("" if begin else title) + "\n".join(lines[begin : begin + LINES_A_BLOCK])
            for begin in range(0, len(lines), LINES_A_BLOCK)
        ]
    if (more := overdue.total - len(overdue.listed)) > 0:
        texts.append(f"and {more} more: `/reviews overdue`")
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text)) for text in texts]
    return Message(
        text=_fallback(heading, asked, overdue),
        blocks=[block.to_dict() for block in blocks],
        metadata=metadata(key),
    )


def _heading(overdue: Overdue, what: str) -> str:
    verb = "is" if overdue.total == 1 else "are"
    return f"⏰ {overdue.total} {what} {verb} overdue"


def _reviews(total: int) -> str:
    return "review" if total == 1 else "reviews"


def _asked(mentioned: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if to := mentioned.get(REVIEWERS):
        yield f"{people(to)}: please pick up what you can."
    if to := mentioned.get(LEADS):
        yield f"{people(to)}: please help with what has waited longest."


def _line(listed: ListedReview, unnamed: Collection[str], workspace_url: str) -> str:
    review = listed.review
    title = escaped(_title(review))
    link = permalink(workspace_url, listed.channel, listed.message_ts)
    shown = f"<{link}|{title}>" if link else title
    return f"• {shown} · {_state(review, unnamed)} · {_since(review)}"


def _title(review: Review) -> str:
    return cut(f"#{review.id}", TITLE_LENGTH)


def _state(review: Review, unnamed: Collection[str]) -> str:
    def by(person_id: str | None) -> str:
        return f" by {person(person_id)}" if person_id and person_id not in unnamed else ""

    match review.status:
        case Status.OPEN:
            return "unclaimed"
        case Status.PROPOSED:
            # The proposer can't confirm it, so there is no reason to mention them.
            return "awaiting confirmation"
        case Status.DECIDED:
            return f"decided{by(review.decided_by)}, no verdict from Ralio yet"
        case _:
            return f"claimed{by(review.claimed_by)}"


def _since(review: Review) -> str:
    if review.due_at is None:
        return f"waiting since {moment(review.opened_at or 0)}"
    return f"was due {moment(review.due_at)}"


def _fallback(heading: str, asked: Sequence[str], overdue: Overdue) -> str:
    """For notifications, in which Slack's own date format does not work."""
    first = [
        f"{escaped(_title(each.review))}"
        + (f" (due {plain_moment(each.review.due_at)})" if each.review.due_at is not None else "")
        for each in overdue.listed[:IN_FALLBACK]
    ]
    more = overdue.total - len(first)
    named = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    return " ".join([f"{heading}: {named}.", *asked])
