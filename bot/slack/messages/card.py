"""The card: one message per review, rendered from its newest row and its last changes. Pure.

Six to nine lines in every state, besides the checks and the note: several cards fit on a screen.
"""

from collections.abc import Sequence

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
from bot.reviews.review import Action, EntityType, Review, Status
from bot.slack.api.client import Message
from bot.slack.messages import buttons, card_buttons
from bot.slack.messages.as_json import blocks_as_json
from bot.slack.messages.card_checks import check_lists
from bot.slack.messages.card_history import history_line
from bot.slack.messages.earlier_reviews import earlier_line, plain_earlier_line
from bot.slack.messages.metadata import CARD, metadata
from bot.slack.messages.mrkdwn import code, cut, escaped, one_line, people, plain_moment
from bot.slack.messages.portal import portal_url
from bot.slack.messages.review_title import TITLE_LENGTH, mark, next_step, status_line, title
from bot.slack.messages.sample_mark import PLAIN_TEST_MARK, TEST_MARK
from bot.store.tables.subjects import EarlierReviews

HISTORY_LENGTH = 3
FALLBACK_NOTE_LENGTH = 400
FALLBACK_LENGTH = 3_900
"""Slack refuses an update whose text is longer than 4,000 characters."""

UNREADABLE = (
    "⚠️ Parts of Ralio's event couldn't be read and are left out. Check the session in Ralio's portal."
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
    symbol = mark(review, now)
    status = status_line(review, rules, now, leads_notified=leads_notified, has_next_step=True)
    if following := next_step(review, rules):
        status = f"{status}\n*Next:* {following}"
    if rules.mentions_reviewers and review.status is Status.OPEN:
        status = f"{status} · {people(rules.roster.named_reviewers())}"
    blocks: list[Block] = [
        HeaderBlock(text=f"{symbol} {title(review, now, TITLE_LENGTH - len(symbol) - 1)}"),
        _section(status),
    ]
    if review.is_test:
        blocks.insert(1, ContextBlock(elements=[MarkdownTextObject(text=TEST_MARK)]))
    if review.note:
        # Plain text, exactly as typed: it cannot hide a mention, a link or formatting.
        blocks.append(SectionBlock(text=PlainTextObject(text=review.note, emoji=False)))
    blocks += [_section(text) for text in check_lists(review)]
    small_print = [_ids(review)]
    if earlier:
        small_print.append(earlier_line(earlier, rules, workspace_url))
    if review.unreadable:
        blocks.append(_small_print(UNREADABLE))
    blocks.append(_small_print("\n".join(small_print)))
    if history:
        blocks.append(
            _small_print("\n".join(history_line(entry, rules) for entry in history[-HISTORY_LENGTH:]))
        )
    elements = card_buttons.elements(review, rules, portal_url(review, portal_url_template))
    blocks.append(ActionsBlock(block_id=buttons.block_id(review.session_id), elements=elements))
    return Message(
        text=_fallback(review, rules, now, earlier, leads_notified=leads_notified),
        blocks=blocks_as_json(blocks),
        metadata=metadata(card_key(review), review.session_id),
    )


def _section(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text))


def _small_print(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])


def _ids(review: Review) -> str:
    kind = "User" if review.entity_type is EntityType.USER else "Related party"
    subject = code(review.subject_id) if review.subject_id else "unknown (not in Ralio's event)"
    return f"Session {code(review.session_id)} · {kind} {subject}"


def _fallback(
    review: Review, rules: Policy, now: int, earlier: EarlierReviews | None, *, leads_notified: bool
) -> str:
    """What notifications and screen readers use, complete on its own: the title, then the state and its deadline."""
    status = status_line(
        review, rules, now, at=plain_moment, bold="", leads_notified=leads_notified, has_next_step=True
    )
    test = PLAIN_TEST_MARK if review.is_test else ""
    parts = [f"{test}{escaped(title(review, now))}. {status}."]
    if following := next_step(review, rules, at=plain_moment):
        parts.append(f"Next: {following}.")
    if review.note:
        parts.append(f"Note: {escaped(one_line(review.note, FALLBACK_NOTE_LENGTH))}")
    if earlier:
        parts.append(plain_earlier_line(earlier, rules))
    parts.append(f"Session {escaped(review.session_id)}.")
    return cut(" ".join(parts), FALLBACK_LENGTH)
