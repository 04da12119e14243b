"""Responses to `/reviews`, which only the person who typed it sees. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reviews.notifications import ActionRefused
from bot.reviews.policy import policy_of
from bot.reviews.review import EntityType, result_at
from bot.slack.messages import buttons
from bot.slack.messages.as_json import as_json
from bot.slack.messages.earlier_reviews import result_words
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, cut, day, escaped, one_line, people
from bot.slack.messages.review_rows import Reader, linked_title, row_block, row_buttons, row_text
from bot.slack.messages.review_title import status_line
from bot.slack.messages.worklist_lines import LIST_TITLES, counts_line, team_lines
from bot.slack.requests.slash_commands import NAME
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import ListName, QueueCounts, ReviewList, TeamMember

HELP = f"""*{NAME}* shows your review work. Only you can see the replies.
• {code(f"{NAME} mine")}: reviews you claimed, and those awaiting your confirmation
• {code(f"{NAME} open")}: unclaimed reviews, oldest first
• {code(f"{NAME} overdue")}: reviews past their deadline
• {code(f"{NAME} team")}: who is working on what, for leads
• {code(f"{NAME} next")}: claims the oldest review for you
• {code(f"{NAME} 42")} or {code(f"{NAME} SESSION-ID")}: one review; a link to its card works, too
• {code(f"{NAME} SUBJECT-ID")}: the reviews of one subject
• {code(f"{NAME} stats")}: how many reviews are in each state
• {code(f"{NAME} help")}: this list"""

LIST_LENGTH = 10
"""Reviews of a list at most, in `/reviews team` half of it."""

BLOCKS_LENGTH = 5_000
FALLBACK_LENGTH = 2_900
"""Slack refuses a message of about 13,000 characters, which its buttons and their dialogs count towards."""

PLAIN_LENGTH = 500

_NOTHING: Mapping[ListName, str] = {
    ListName.TO_CONFIRM: "Nothing awaiting your confirmation.",
    ListName.MINE: "You have no claimed reviews.",
    ListName.UNCLAIMED: "No unclaimed reviews.",
    ListName.OVERDUE: "Nothing is overdue.",
}

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a response: its blocks, and the lines that notifications and screen readers get for them."""

    blocks: Sequence[Block]
    lines: Sequence[str]


def _answer(*parts: Part) -> Answer:
    lines = [line for part in parts for line in part.lines]
    return {
        "response_type": "ephemeral",
        "text": cut("\n".join(lines), FALLBACK_LENGTH),
        "blocks": [as_json(block) for part in parts for block in part.blocks],
    }


def _text(text: str) -> Part:
    return Part([SectionBlock(text=MarkdownTextObject(text=text))], [text])


def answer(text: str) -> Answer:
    """A response that is one text of mrkdwn."""
    return _answer(_text(text))


def misspelt(text: str) -> Answer:
    """Text that is neither a subcommand nor names a review."""
    return answer(f"I don't know {code(one_line(text, 80))}. Try:\n{HELP}")


def refused(refusal: ActionRefused) -> Answer:
    """An action that was not allowed, and why."""
    return answer(why_refused(refusal))


def leads_only(leads: Sequence[str]) -> Answer:
    """The team is for leads; `leads` are those of the person's queues."""
    who = f" Ask one of: {people(leads)}." if leads else ""
    return answer(f"Only leads can see the team.{who}")


def lists(found: Mapping[ListName, ReviewList], reader: Reader) -> Answer:
    """These lists, each with its title, or a sentence where there is nothing in it."""
    return _answer(*_lists(found, reader, BLOCKS_LENGTH))


def team(workloads: Sequence[TeamMember], found: Mapping[ListName, ReviewList], reader: Reader) -> Answer:
    """What a lead sees: who has how much, and what needs a look."""
    filled = {name: each for name, each in found.items() if each.reviews}
    lines = f"*Team*\n{team_lines(workloads)}"
    return _answer(_text(lines), *_lists(filled, reader, BLOCKS_LENGTH - len(lines)))


def _lists(found: Mapping[ListName, ReviewList], reader: Reader, length: int) -> list[Part]:
    return [_list(name, each, reader, length // len(found)) for name, each in found.items()]


def _list(name: ListName, found: ReviewList, reader: Reader, length: int) -> Part:
    """A title and as many whole rows as fit, each with a button, then how many more there are."""
    if not found.reviews:
        return _text(_NOTHING.get(name, ""))
    title = f"*{LIST_TITLES[name]}* ({found.total})"
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=title))]
    lines = [title]
    says_unclaimed = name is not ListName.UNCLAIMED
    for each in found.reviews:
        line = row_text(each, reader, " · ", says_unclaimed=says_unclaimed)
        length -= len(line)
        if length < 0:
            break
        blocks.append(row_block(each, reader, says_unclaimed=says_unclaimed))
        lines.append(f"• {line}")
    if left := found.total - (len(lines) - 1):
        more = f"and {left} more, on the app's Home tab"
        blocks.append(SectionBlock(text=MarkdownTextObject(text=more)))
        lines.append(more)
    return Part(blocks, lines)


def claimed(listed: ListedReview, reader: Reader) -> Answer:
    """The review that `next` claimed."""
    return _answer(_text("You claimed this review:"), _row(listed, reader))


def _row(listed: ListedReview, reader: Reader) -> Part:
    return Part([row_block(listed, reader)], [row_text(listed, reader, " · ")])


def stats(counts: Mapping[str, QueueCounts], queues: Sequence[str]) -> Answer:
    """How many reviews are in each status."""
    return answer("\n".join(counts_line(queue, counts.get(queue, QueueCounts())) for queue in queues))


def unknown_review(reference: str) -> Answer:
    """No review has this session id, number or subject id, or none that the person can see."""
    return answer(f"No review found for {code(reference)}.")


def unknown_link() -> Answer:
    """The link leads to no card, or to none that the person can see."""
    return answer("No review found for this link. It must be the link to a review's card.")


def of_subject(subject_id: str, found: Mapping[EntityType, SubjectReviews], reader: Reader) -> Answer:
    """The reviews of the subject with this id, newest first; a user and a related party are two subjects."""
    return _answer(*(_text(_of_subject(subject_id, type_, each, reader)) for type_, each in found.items()))


def _of_subject(subject_id: str, entity_type: EntityType, found: SubjectReviews, reader: Reader) -> str:
    lines = [f"*Reviews of {QUEUE_NAMES[entity_type]}* {code(subject_id)}, newest first"]
    for each in found.reviews:
        result = result_words(each.review, policy_of(each.review.queue, reader.policies))
        lines.append(f"• {linked_title(each, reader)}: {result} {day(result_at(each.review))}")
    return "\n".join([*lines, "and more"] if found.more else lines)


def one(listed: ListedReview, reader: Reader) -> Answer:
    """One review: its title and status, its ids, its note, and what the person can do about it."""
    review = listed.review
    subject = code(review.subject_id) if review.subject_id else "unknown (not in Ralio's event)"
    kind = QUEUE_NAMES[review.entity_type].capitalize()
    text = (
        f"{linked_title(listed, reader)}\n{status_line(review, reader.policy(review), reader.now)}\n"
        f"Session {code(review.session_id)} · {kind} {subject}"
    )
    parts = [_text(text)]
    if review.note:
        # Plain text, exactly as typed: it cannot hide a mention, a link or formatting.
        note = SectionBlock(text=PlainTextObject(text=review.note, emoji=False))
        parts.append(Part([note], [escaped(one_line(review.note, PLAIN_LENGTH))]))
    if elements := row_buttons(review, reader):
        parts.append(
            Part([ActionsBlock(block_id=buttons.block_id(review.session_id), elements=elements)], [])
        )
    return _answer(*parts)
