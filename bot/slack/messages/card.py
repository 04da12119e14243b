"""The card: one message per review, rendered from its newest row and its last changes. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.policy import Policy
from bot.reviews.review import Action, EntityType, Review, SessionState, Status
from bot.slack.api.client import Message
from bot.slack.messages import buttons, card_buttons
from bot.slack.messages.card_checks import check_lists
from bot.slack.messages.card_history import history_line
from bot.slack.messages.earlier_reviews import earlier_line, plain_earlier_line
from bot.slack.messages.metadata import CARD, metadata
from bot.slack.messages.mrkdwn import (
    QUEUE_NAMES,
    code,
    cut,
    escaped,
    moment,
    number,
    one_line,
    people,
    person,
    plain_moment,
)
from bot.slack.messages.portal import portal_url
from bot.slack.messages.sample_mark import PLAIN_TEST_MARK, TEST_MARK
from bot.slack.messages.status_text import (
    closed_words,
    confirmed_words,
    disagreement_words,
    outcome_words,
    reason_words,
    snooze_words,
)
from bot.store.tables.subjects import EarlierReviews

HISTORY_LENGTH = 5
FALLBACK_NOTE_LENGTH = 400
FALLBACK_LENGTH = 3_900
"""Slack refuses an update whose text is longer than 4,000 characters."""

UNREADABLE = (
    "⚠️ Parts of what Ralio sent could not be read and are left out. Check the session in Ralio's portal."
)

SNOOZED_MARK = "💤"
_MARKS: Mapping[Status, str] = MappingProxyType(
    {
        Status.OPEN: "🟡",
        Status.CLAIMED: "🔵",
        Status.PROPOSED: "🟣",
        Status.DECIDED: "🟢",
    }
)
_VERDICT_MARKS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "✅", SessionState.REJECTED: "❌", SessionState.EXPIRED: "⌛"}
)


def card_key(review: Review) -> str:
    """The key by which the card is found again in the history of the channel."""
    return f"{CARD}:{review.session_id}"


def card(
    review: Review,
    history: Sequence[AuditEntry],
    rules: Policy,
    portal_url_template: str = "",
    now: int = 0,
    earlier: EarlierReviews | None = None,
    workspace_url: str = "",
    *,
    leads_notified: bool = True,
) -> Message:
    """The message that shows this review at `now` (milliseconds); `history` is its newest changes, oldest first.

    `earlier` are the earlier reviews of the same subject, and `workspace_url` leads to the last one's card.
    `leads_notified` is false while an escalation has not reached Slack.
    """
    if not leads_notified:
        history = [entry for entry in history if entry.action != Action.ESCALATE]
    blocks: list[Block] = [
        HeaderBlock(text=f"{_mark(review)} {_title(review)}"),
        SectionBlock(text=MarkdownTextObject(text=_headline(review, rules, leads_notified))),
    ]
    if review.is_test:
        blocks.insert(1, ContextBlock(elements=[MarkdownTextObject(text=TEST_MARK)]))
    if review.note:
        # Plain text, exactly as typed: it cannot hide a mention, a link or formatting.
        blocks.append(SectionBlock(text=PlainTextObject(text=review.note, emoji=False)))
    blocks.append(SectionBlock(fields=[MarkdownTextObject(text=text) for text in _fields(review, now)]))
    if earlier:
        line = earlier_line(earlier, rules, workspace_url)
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=line)]))
    blocks += [SectionBlock(text=MarkdownTextObject(text=text)) for text in check_lists(review)]
    if review.unreadable:
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=UNREADABLE)]))
    if link := _portal_link(review, portal_url_template):
        blocks.append(SectionBlock(text=MarkdownTextObject(text=link)))
    if history:
        lines = "\n".join(history_line(entry, rules) for entry in history[-HISTORY_LENGTH:])
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=lines)]))
    if elements := card_buttons.elements(review, rules):
        blocks.append(ActionsBlock(block_id=buttons.block_id(review.session_id), elements=elements))
    return Message(
        text=_fallback(review, rules, now, earlier, leads_notified),
        blocks=[block.to_dict() for block in blocks],
        metadata=metadata(card_key(review), review.session_id),
    )


def _title(review: Review) -> str:
    known_as = f" ·{number(review.id)}" if review.id is not None else ""
    return f"Manual review of a {QUEUE_NAMES[review.queue]}{known_as}"


def _mark(review: Review) -> str:
    """A mark that makes the status visible at a glance; the headline says the same in words."""
    if review.status is Status.CLOSED:
        return _VERDICT_MARKS.get(review.session_state, "⚪")
    if review.snoozed_until is not None:
        return SNOOZED_MARK
    return _MARKS[review.status]


def _headline(review: Review, rules: Policy, leads_notified: bool) -> str:  # noqa: FBT001
    """The status in words."""
    match review.status:
        case Status.OPEN:
            return f"*Open*: nobody has claimed it yet.{_escalated(review, leads_notified)}"
        case Status.CLAIMED:
            claimed = f"*Claimed* by {_who(review.claimed_by)}{_since(review.claimed_at)}."
            return f"{claimed}{snooze_words(review, rules)}{_escalated(review, leads_notified)}"
        case Status.PROPOSED:
            proposal = f"*Proposed* by {_who(review.decided_by)}: {_outcome(review, rules)}."
            return f"{proposal} {_who_confirms(review, rules)}{_escalated(review, leads_notified)}"
        case Status.DECIDED:
            decided = f"*Decided* by {_who(review.decided_by)}: {_outcome(review, rules)}"
            return f"{decided}{confirmed_words(review)}."
        case Status.CLOSED:
            return f"*Closed*: {closed_words(review, rules, bold='*')}.{_disagreement(review)}"


def _who_confirms(review: Review, rules: Policy) -> str:
    named = [id_ for id_ in rules.roster.named() if id_ != review.decided_by]
    return (
        f"A second person has to confirm it: {people(named)}."
        if named
        else "A second person has to confirm it."
    )


def _escalated(review: Review, leads_notified: bool) -> str:  # noqa: FBT001
    if review.escalated_by is None:
        return ""
    who = person(review.escalated_by)
    return (
        f" Escalated to the leads by {who}." if leads_notified else f" {who} is escalating this to the leads."
    )


def _disagreement(review: Review) -> str:
    words = disagreement_words(review.disagreement)
    return f" ⚠️ {words}" if words else ""


def _fields(review: Review, now: int) -> list[str]:
    subject = code(review.subject_id) if review.subject_id else "unknown: Ralio did not name it"
    fields = [
        f"*Session*\n{code(review.session_id)}",
        f"*{'User' if review.entity_type is EntityType.USER else 'Related party'}*\n{subject}",
        f"*Queue*\n{QUEUE_NAMES[review.queue]}",
    ]
    if review.opened_at is not None:
        fields.append(f"*In review since*\n{moment(review.opened_at)}")
    if review.due_at is not None:
        title = "Overdue since" if review.due_at <= now else "Due"
        if review.status is Status.DECIDED:
            title = "Verdict overdue since" if review.due_at <= now else "Verdict expected by"
        fields.append(f"*{title}*\n{moment(review.due_at)}")
    return fields


def _portal_link(review: Review, template: str) -> str | None:
    url = portal_url(review, template)
    return f"<{escaped(url)}|Open the session in the portal>" if url else None


def _fallback(
    review: Review,
    rules: Policy,
    now: int,
    earlier: EarlierReviews | None,
    leads_notified: bool,  # noqa: FBT001
) -> str:
    """What notifications and screen readers use; complete on its own."""
    test = PLAIN_TEST_MARK if review.is_test else ""
    what = f"{test}{_title(review)}, session {escaped(review.session_id)}"
    note = f" Note: {escaped(one_line(review.note, FALLBACK_NOTE_LENGTH))}" if review.note else ""
    due = _plain_due(review.due_at, now) if review.status is not Status.DECIDED else ""
    before = f" {plain_earlier_line(earlier, rules)}" if earlier else ""
    state = f"{_plain_state(review, rules)}{_escalated(review, leads_notified)}{due}{before}"
    return cut(f"{what}: {state}{note}", FALLBACK_LENGTH)


def _plain_due(due_at: int | None, now: int) -> str:
    if due_at is None:
        return ""
    return f" Overdue since {plain_moment(due_at)}." if due_at <= now else f" Due {plain_moment(due_at)}."


def _plain_state(review: Review, rules: Policy) -> str:
    outcome = outcome_words(review, rules)
    match review.status:
        case Status.OPEN:
            since = f" since {plain_moment(review.opened_at)}" if review.opened_at is not None else ""
            return f"open{since}, nobody has claimed it yet."
        case Status.CLAIMED:
            return f"claimed by {_who(review.claimed_by)}.{snooze_words(review, rules, plain_moment)}"
        case Status.PROPOSED:
            return f"{outcome}, proposed by {_who(review.decided_by)}. {_who_confirms(review, rules)}"
        case Status.DECIDED:
            return f"{outcome}, decided by {_who(review.decided_by)}{confirmed_words(review)}."
        case Status.CLOSED:
            return f"closed: {closed_words(review, rules)}.{_disagreement(review)}"


def _who(user_id: str | None) -> str:
    return person(user_id) if user_id else "somebody"


def _since(at_ms: int | None) -> str:
    return f" since {moment(at_ms)}" if at_ms is not None else ""


def _outcome(review: Review, rules: Policy) -> str:
    return f"*{escaped(rules.label_of(review.outcome))}*{reason_words(review, rules)}"
