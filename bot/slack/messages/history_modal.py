"""The modal behind `History`: everything that happened to a review, newest first, page by page. Pure.

Limits: https://docs.slack.dev/reference/views/modal-views (100 blocks).
"""

from collections.abc import Mapping
from types import MappingProxyType

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View as SdkView

from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import (
    BOT,
    DISCARD_DELIVERY,
    FETCH_CHECKS,
    HOLD,
    LIFT_HOLD,
    RALIO,
    REMIND,
    AuditEntry,
)
from bot.reviews.checks_text import checks_from_text
from bot.reviews.notification_topics import ActionTopic, AutomaticTopic
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Review
from bot.slack.api.client import View
from bot.slack.messages import buttons
from bot.slack.messages.action_words import VERBS, phrase
from bot.slack.messages.as_json import as_json
from bot.slack.messages.card_history import what_happened
from bot.slack.messages.check_words import leading_words
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, escaped, in_words, moment, number, people, person
from bot.store.tables.deliveries import Kind
from bot.store.tables.history import CardState, HistoryPage, SentMessage

CALLBACK_ID = "review_history"
TITLE = "History"

_CARD: Mapping[CardState, str] = MappingProxyType(
    {
        CardState.NEWEST: "Slack shows the newest card.",
        CardState.BEHIND: "The card in Slack is being updated.",
        CardState.HELD: "⚠️ The newest card couldn't be sent to Slack. Operators were notified.",
        CardState.NOT_POSTED: "The card is not in Slack yet.",
    }
)

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        ActionTopic.REASSIGNED: "review reassigned",
        ActionTopic.TAKEN_OVER: "review taken over",
        ActionTopic.RELEASED: "claim released",
        ActionTopic.ESCALATED: "escalated to the leads",
        ActionTopic.SENT_BACK: "decision sent back",
        ActionTopic.REOPENED: "review reopened",
        ActionTopic.WITHDRAWN: "proposal withdrawn",
        ActionTopic.NOTE_ADDED: "note added",
        AutomaticTopic.CLOSED: "review closed",
        AutomaticTopic.DISAGREES: "the verdict disagrees",
        AutomaticTopic.CHECKS_CHANGED: "the checks changed",
        AutomaticTopic.PROPOSAL_WITHDRAWN: "proposal withdrawn, the checks changed",
        AutomaticTopic.CONFIRMATION_NEEDED: "confirmation requested",
        AutomaticTopic.REMIND_QUEUE: "reminder for the queue",
        AutomaticTopic.REMIND_HOLDER: "reminder",
        AutomaticTopic.REMIND_LEADS: "reminder for the leads",
        AutomaticTopic.STILL_ON_IT: '"Still on it?"',
        AutomaticTopic.SNOOZE_ENDED: "snooze ended",
        AutomaticTopic.SNOOZE_INTERRUPTED: "snooze interrupted",
        AutomaticTopic.VERDICT_MISSING: "Ralio's verdict is missing",
        AutomaticTopic.VERDICT_MISSING_LEADS: "Ralio's verdict is missing, for the leads",
        AutomaticTopic.RELEASED_FOR_SILENCE: "claim expired",
        AutomaticTopic.HOLDER_DEACTIVATED: "the holder's account is deactivated",
        AutomaticTopic.REMINDER_ENDED: "reminder, answered or no longer needed",
    }
)
"""What a message or a reminder was about."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        Refused.GUEST: "a guest of the workspace",
        Refused.BOT: "not a person",
        Refused.OUTSIDER: "not a member of the workspace",
        Refused.DEACTIVATED: "account deactivated",
        Refused.CANNOT_CHECK: "Slack didn't answer who they are",
        Refused.NOT_A_REVIEWER: "not a reviewer of the queue",
        Refused.HELD_BY_OTHER: "claimed by someone else",
        Refused.ALREADY_YOURS: "already theirs",
        Refused.ALREADY_DONE: "already done",
        Refused.NOT_THE_HOLDER: "claimed by someone else",
        Refused.OWN_PROPOSAL: "their own proposal",
        Refused.NOT_YOUR_PROPOSAL: "someone else's proposal",
        Refused.ALREADY_DECIDED: "a decision was already recorded",
        Refused.ALREADY_ESCALATED: "already escalated",
        Refused.NO_LEADS: "the queue has no leads",
        Refused.CANNOT_GIVE_TO: "that person can't review the queue",
        Refused.HAS_IT_ALREADY: "that person already has it",
        Refused.NOTE_REQUIRED: "the reason needs a note",
        Refused.NOT_SNOOZED: "not snoozed",
        Refused.CHANGED_MEANWHILE: "the review had changed",
        Refused.NOT_POSSIBLE: "not possible in its state",
        Refused.UNKNOWN_REVIEW: "unknown review",
        Refused.NONE_LEFT: "nothing left to claim",
    }
)
"""Why an action was refused."""


def history_modal(review: Review, page: HistoryPage, rules: Policy) -> View:
    """A page of a review's history; `rules` are its queue's."""
    what = f"*{QUEUE_NAMES[review.queue].capitalize()} review{number(review.id)}* · session {code(review.session_id)}"
    blocks: list[Block] = [_small(f"{what}\n{_CARD[page.card]}")]
    for item in page.items:
        blocks += _item_blocks(item, rules)
    if not page.items:
        blocks.append(SectionBlock(text=MarkdownTextObject(text="There is nothing on this page.")))
    if elements := _page_buttons(review, page):
        blocks.append(ActionsBlock(elements=elements))
    return as_json(SdkView(type="modal", callback_id=CALLBACK_ID, title=TITLE, close="Close", blocks=blocks))


def _item_blocks(item: AuditEntry | SentMessage, rules: Policy) -> list[Block]:
    """One line, and below it, as plain text, what a person typed."""
    if isinstance(item, SentMessage):
        return [_small(f"{moment(item.at)} · {_sent(item)}")]
    blocks: list[Block] = [
        SectionBlock(text=MarkdownTextObject(text=f"{moment(item.at)} · {_entry(item, rules)}"))
    ]
    if typed := item.detail.get("note") or item.detail.get("words"):
        blocks.append(ContextBlock(elements=[PlainTextObject(text=typed, emoji=False)]))
    return blocks


def _sent(message: SentMessage) -> str:
    about = TOPICS.get(message.topic) or in_words(message.topic) or "a message"
    to = f" to {people(message.to, 5)}" if message.to else ""
    kind = "direct message" if message.kind is Kind.DIRECT_MESSAGE else "reply in the thread"
    return f"Slack shows a {kind}{to}: {about}"


def _entry(entry: AuditEntry, rules: Policy) -> str:
    if entry.refused is not None:
        return _refusal(entry)
    match entry.action:
        case _ if entry.action == REMIND:
            topic = entry.detail.get("told", "")
            return f"Notification queued: {TOPICS.get(topic) or in_words(topic)}"
        case _ if entry.action == FETCH_CHECKS:
            return f"Ralio's API reported {_failed_checks(entry.detail.get('checks', '[]'))}"
        case _ if entry.action == HOLD:
            return f"Legal hold placed by {code(entry.actor)}: {code(entry.detail.get('reason', ''))}"
        case _ if entry.action == LIFT_HOLD:
            return f"Legal hold lifted by {code(entry.actor)}"
        case _ if entry.action == DISCARD_DELIVERY:
            return f"Held message discarded by {code(entry.actor)}: {code(entry.detail.get('reason', ''))}"
        case _:
            return f"{what_happened(entry, rules)}{_event(entry)}"


def _failed_checks(text: str) -> str:
    try:
        words = leading_words(checks_from_text(text))
    except ValueError:
        return "checks, but what is recorded of them can't be read"
    return f"failed checks: {words}" if words else "no failed checks"


def _event(entry: AuditEntry) -> str:
    """Which of Ralio's events it was, and when Ralio says that it happened."""
    event_id, occurred_at = entry.detail.get("event_id"), entry.detail.get("occurred_at", "")
    if event_id is None:
        return ""
    when = f" of {moment(int(occurred_at))}" if occurred_at.isdigit() else ""
    return f" · Ralio's event {code(event_id)}{when}"


def _refusal(entry: AuditEntry) -> str:
    if entry.actor in (RALIO, BOT):
        return f"An older event from Ralio changed nothing{_event(entry)}"
    repeats = entry.detail.get("repeats")
    again = f", {escaped(repeats)} more times" if repeats else ""
    reason = REASONS.get(entry.refused or "") or in_words(entry.refused or "")
    return f"{person(entry.actor)} couldn't {_attempt(entry.action)}{again}: {reason}"


def _attempt(action: str) -> str:
    return phrase(Action(action), "it") if action in VERBS else in_words(action)


def _page_buttons(review: Review, page: HistoryPage) -> list[ButtonElement]:
    turns = [
        ("Newer", buttons.HISTORY_NEWER, page.number - 1, page.number > 0),
        ("Older", buttons.HISTORY_OLDER, page.number + 1, page.has_older),
    ]
    return [
        ButtonElement(text=label, action_id=action_id, value=buttons.value(review.session_id, to))
        for label, action_id, to, exists in turns
        if exists
    ]


def _small(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])
