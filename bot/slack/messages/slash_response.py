"""Responses to `/reviews`, which only the person who typed it sees. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reviews.notifications import ActionRefused
from bot.reviews.policy import Policy, policy_of
from bot.reviews.review import EntityType, Review, Status, result_at
from bot.slack.messages.earlier_reviews import result_words
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.mrkdwn import (
    QUEUE_NAMES,
    code,
    cut,
    day,
    escaped,
    moment,
    number,
    one_line,
    permalink,
    person,
)
from bot.slack.messages.status_text import closed_words, confirmed_words, outcome_words, snooze_words
from bot.slack.messages.worklist_lines import counts_line
from bot.slack.requests.slash_commands import NAME
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import QueueCounts, Worklist

HELP = f"""*{NAME}* shows what is to be done. Only you see the answers.
• {code(f"{NAME} mine")}: what you have claimed, and what waits for your confirmation
• {code(f"{NAME} open")}: what nobody has claimed yet, the oldest first
• {code(f"{NAME} next")}: claims the oldest for you
• {code(f"{NAME} SESSION-ID")} or {code(f"{NAME} 42")}: the status of one review, by its session or its number
• {code(f"{NAME} SUBJECT-ID")}: the reviews of one subject
• {code(f"{NAME} stats")}: how many reviews are in which state
• {code(f"{NAME} help")}: this"""

SECTION_LENGTH = 2_900
"""Slack accepts 3,000 characters per section."""

PLAIN_LENGTH = 500
FALLBACK_LENGTH = 3_900
"""Slack splits a text that is longer than 4,000 characters."""

Answer = dict[str, Any]


def answer(*sections: str, plain: str = "") -> Answer:
    """A response that only the person sees; `plain` is text that a person typed, shown below as plain text."""
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text)) for text in sections if text]
    if plain:
        blocks.append(SectionBlock(text=PlainTextObject(text=plain, emoji=False)))
    said = [*sections, escaped(one_line(plain, PLAIN_LENGTH))]
    text = cut("\n".join(part for part in said if part), FALLBACK_LENGTH)
    return {"response_type": "ephemeral", "text": text, "blocks": [block.to_dict() for block in blocks]}


def misspelt(text: str) -> Answer:
    """Text that is neither a subcommand nor a session id."""
    return answer(
        f"{code(one_line(text, 80))} is neither a word that {NAME} knows nor a session's id.\n{HELP}"
    )


def refused(refusal: ActionRefused) -> Answer:
    """An action that was not allowed, and why."""
    return answer(why_refused(refusal))


def mine(work: Worklist, workspace_url: str) -> Answer:
    """The reviews that the person claimed, and those that wait for their confirmation."""
    return answer(
        _list("You have claimed", work.mine, workspace_url) or "You have claimed nothing.",
        _list("Waiting for your confirmation", work.to_confirm, workspace_url),
    )


def unclaimed(work: Worklist, workspace_url: str) -> Answer:
    """The unclaimed reviews."""
    total = sum(counts.of(Status.OPEN) for counts in work.counts.values())
    listed = _list("Unclaimed, the oldest first", work.unclaimed, workspace_url, total)
    return answer(listed or "Nothing is unclaimed.")


def claimed(listed: ListedReview, workspace_url: str) -> Answer:
    """The review that `next` claimed."""
    return answer(f"You have claimed {_linked(listed, workspace_url)}.")


def stats(counts: Mapping[str, QueueCounts], queues: Sequence[str]) -> Answer:
    """How many reviews are in each status."""
    return answer("\n".join(counts_line(queue, counts.get(queue, QueueCounts())) for queue in queues))


def unknown_review(reference: str) -> Answer:
    """No review has this session id, number or subject id, or none that the person can see."""
    return answer(f"No review found for {code(reference)}.")


def of_subject(
    subject_id: str,
    found: Mapping[EntityType, SubjectReviews],
    policies: Mapping[str, Policy],
    workspace_url: str,
) -> Answer:
    """The reviews of the subject with this id, newest first; a user and a related party are two subjects."""
    return answer(
        *(_of_subject(subject_id, type_, each, policies, workspace_url) for type_, each in found.items())
    )


def _of_subject(
    subject_id: str,
    entity_type: EntityType,
    found: SubjectReviews,
    policies: Mapping[str, Policy],
    workspace_url: str,
) -> str:
    lines = [f"*Reviews of {QUEUE_NAMES[entity_type]}* {code(subject_id)}, newest first"]
    for each in found.reviews:
        result = result_words(each.review, policy_of(each.review.queue, policies))
        lines.append(f"• {_linked(each, workspace_url)}: {result} {day(result_at(each.review))}")
    return "\n".join([*lines, "and more"] if found.more else lines)


def one(listed: ListedReview, rules: Policy, workspace_url: str) -> Answer:
    """The state of one session."""
    review = listed.review
    subject = code(review.subject_id) if review.subject_id else "unknown"
    lines = [
        f"{QUEUE_NAMES[review.queue].capitalize()} review {_linked(listed, workspace_url)}",
        f"Subject: {subject}",
        f"State: {_state(review, rules)}",
    ]
    if review.opened_at is not None:
        lines.append(f"In review since {moment(review.opened_at)}")
    return answer("\n".join(lines), plain=review.note or "")


def _state(review: Review, rules: Policy) -> str:
    outcome = outcome_words(review, rules)
    maker = person(review.decided_by or "")
    match review.status:
        case Status.OPEN:
            return "open, nobody has claimed it yet"
        case Status.CLAIMED:
            return f"claimed by {person(review.claimed_by or '')}.{snooze_words(review, rules)}".rstrip(".")
        case Status.PROPOSED:
            return f"{outcome}, proposed by {maker}; a second person has to confirm it"
        case Status.DECIDED:
            return f"{outcome}, decided by {maker}{confirmed_words(review)}"
        case Status.CLOSED:
            return f"closed: {closed_words(review, rules)}"


def _list(title: str, listed: Sequence[ListedReview], workspace_url: str, total: int = 0) -> str:
    """One line per review, as many whole lines as Slack's limit allows; empty without reviews."""
    if not listed:
        return ""
    text, shown = f"*{title}*", 0
    for each in listed:
        line = f"\n• {_linked(each, workspace_url)}{_since(each.review)}"
        if len(text) + len(line) > SECTION_LENGTH:
            break
        text, shown = text + line, shown + 1
    left = max(total, len(listed)) - shown
    return f"{text}\nand {left} more" if left else text


def _since(review: Review) -> str:
    queue = QUEUE_NAMES[review.queue]
    state = ", to be confirmed" if review.status is Status.PROPOSED else ""
    if review.snoozed_until is not None:
        state = f", snoozed until {moment(review.snoozed_until)}"
    return (
        f" ({queue}){state}, in review since {moment(review.opened_at)}"
        if review.opened_at
        else f" ({queue})"
    )


def _linked(listed: ListedReview, workspace_url: str) -> str:
    """The review's number and session, with a link to its card if there is one."""
    link = permalink(workspace_url, listed.channel, listed.message_ts)
    session = f"{number(listed.review.id)} {code(listed.review.session_id)}".strip()
    return f"{session} (<{escaped(link)}|see the card>)" if link else session
