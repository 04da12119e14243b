"""Reminders of overdue reviews: one message in a queue's channel, and one direct message to a person. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.permissions import Absence
from bot.reviews.reminders import LEADS, REVIEWERS, OverdueClaims, OverdueReminder
from bot.reviews.review import Review, Status
from bot.slack.api.client import Message
from bot.slack.messages.as_json import as_json, blocks_as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import (
    QUEUE_NAMES,
    absence,
    escaped,
    moment,
    people,
    permalink,
    person,
)
from bot.slack.messages.review_title import OVERDUE_MARK, title
from bot.slack.messages.sample_mark import PLAIN_TEST_MARK
from bot.store.tables.reminders import Overdue
from bot.store.tables.reviews import ListedReview

LINES_A_BLOCK = 5
"""A line takes at most 600 characters, and Slack accepts 3,000 per section."""

TITLE_LENGTH = 80
IN_FALLBACK = 3
"""Reviews that a notification names."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reminder needs to know besides its list: where links lead, and who people are.

    Those in `unnamed` are left out, because a mention would be the only way to name them; those in `away` are out of
    office.
    """

    workspace_url: str = ""
    unnamed: Collection[str] = ()
    away: Mapping[str, Absence] = field(default_factory=dict)


def overdue_in_queue(
    key: str, queue: str, overdue: Overdue, mentioned: Mapping[str, Sequence[str]], shown: Shown
) -> Message:
    """The message in the queue's channel; `mentioned` are the people and groups that it is for, by audience."""
    heading = _heading(overdue, f"{QUEUE_NAMES[queue]} {_reviews(overdue.total)}")
    lists = (("", overdue.others), ("*Waiting for the leads*\n" if overdue.others else "", overdue.for_leads))
    # Without who is away: notifications don't show Slack's dates.
    fallback = _fallback(heading, list(_asked(mentioned, Shown())), overdue)
    return _message(key, fallback, [f"*{heading}*", *_asked(mentioned, shown)], lists, shown, overdue)


def overdue_claims(key: str, reminder: OverdueClaims, overdue: Overdue, shown: Shown) -> Message:
    """The direct message to a person who has claimed overdue reviews."""
    heading = _heading(overdue, f"{QUEUE_NAMES[reminder.queue]} {_reviews(overdue.total)} that you claimed")
    asked = ["Decide, snooze or release them."] if overdue.total > 1 else ["Decide, snooze or release it."]
    in_person = replace(shown, unnamed=(reminder.person,))
    fallback = _fallback(heading, asked, overdue)
    return _message(key, fallback, [f"*{heading}*", *asked], [("", overdue.listed)], in_person, overdue)


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
    return Message(text=text, blocks=[as_json(block)], metadata=metadata(key))


def _message(
    key: str,
    fallback: str,
    first_lines: Sequence[str],
    lists: Sequence[tuple[str, Sequence[ListedReview]]],
    shown: Shown,
    overdue: Overdue,
) -> Message:
    texts = ["\n".join(first_lines)]
    for name, found in lists:
        lines = [_line(each, shown) for each in found]
        texts += [
            ("" if begin else name) + "\n".join(lines[begin : begin + LINES_A_BLOCK])
            for begin in range(0, len(lines), LINES_A_BLOCK)
        ]
    if (more := overdue.total - len(overdue.listed)) > 0:
        texts.append(f"and {more} more: `/reviews overdue`")
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text)) for text in texts]
    return Message(text=fallback, blocks=blocks_as_json(blocks), metadata=metadata(key))


def _heading(overdue: Overdue, what: str) -> str:
    verb = "is" if overdue.total == 1 else "are"
    return f"{OVERDUE_MARK} {overdue.total} {what} {verb} overdue"


def _reviews(total: int) -> str:
    return "review" if total == 1 else "reviews"


def _asked(mentioned: Mapping[str, Sequence[str]], shown: Shown) -> Iterator[str]:
    if to := mentioned.get(REVIEWERS):
        yield f"{people(to, away=shown.away)}: please pick up what you can."
    if to := mentioned.get(LEADS):
        yield f"{people(to, away=shown.away)}: please help with what has waited longest."


def _line(listed: ListedReview, shown: Shown) -> str:
    review = listed.review
    name = escaped(_name(review))
    link = permalink(shown.workspace_url, listed.channel, listed.message_ts)
    return f"• {f'<{link}|{name}>' if link else name} · {_state(review, shown)} · {_since(review)}"


def _name(review: Review) -> str:
    """The title as the card has it, without what the message says already: that it is overdue."""
    test = PLAIN_TEST_MARK if review.is_test else ""
    return f"{test}{title(review._replace(due_at=None), 0, TITLE_LENGTH)}"


def _state(review: Review, shown: Shown) -> str:
    def by(person_id: str | None) -> str:
        if not person_id or person_id in shown.unnamed:
            return ""
        return f" by {person(person_id)}{absence(person_id, shown.away)}"

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
    return f"due {moment(review.due_at)}"


def _fallback(heading: str, asked: Sequence[str], overdue: Overdue) -> str:
    """For notifications, in which Slack's own date format does not work."""
    first = [escaped(_name(each.review)) for each in overdue.listed[:IN_FALLBACK]]
    more = overdue.total - len(first)
    named = ", ".join(first) + (f" and {more} more" if more > 0 else "")
    return " ".join([f"{heading}: {named}.", *asked])
