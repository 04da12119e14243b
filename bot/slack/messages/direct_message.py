"""Direct messages from the bot to the person who claimed a review. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InteractiveElement,
    MarkdownTextObject,
    SectionBlock,
)

from bot.reviews.audit.entry import BOT, RALIO
from bot.reviews.reminders import (
    DirectMessage,
    HolderReminder,
    ReminderEnded,
    SnoozeEnded,
    SnoozeInterrupted,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import Action, Review
from bot.slack.api.client import Message
from bot.slack.messages import buttons
from bot.slack.messages.as_json import as_json, blocks_as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, escaped, moment, number, person
from bot.slack.messages.status_text import verdict_words


def direct_message(
    key: str, message: DirectMessage, link: str, review: Review | None = None, portal: str = ""
) -> Message:
    """A reminder about a review; `link` leads to its card, `portal` to its session at Ralio; empty if unknown.

    The review's revision keeps Release from working for a later claim, however long the message stays there.
    """
    text = _text(message, number(review.id if review else None))
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if elements := _elements(message, link, review.revision if review else None, portal):
        blocks.append(ActionsBlock(elements=elements))
    return Message(text=text, blocks=blocks_as_json(blocks), metadata=metadata(key))


def _text(message: DirectMessage, number: str) -> str:
    session = code(message.session_id)
    match message:
        case StillOnItQuestion():
            return (
                f"Are you still on it? Nothing was heard for a while of your review{number} of session {session}. "
                "Without an answer it will be released for others."
            )
        case HolderReminder(due_at=due_at):
            due = f" was due {moment(due_at)}" if due_at else " waits for your decision"
            return f"The review{number} of session {session} that you have claimed{due}."
        case VerdictMissing():
            return (
                "Ralio still has this session in review: enter the decision in the portal. "
                f"You decided review{number}, session {session}."
            )
        case SnoozeEnded(due_at=due_at):
            return f"Your snooze of review{number}, session {session}, has ended{_next_step(due_at)}."
        case SnoozeInterrupted(due_at=due_at):
            return (
                f"Ralio sent something new about review{number}, session {session}, which you had snoozed. "
                f"The snooze has ended{_next_step(due_at)}."
            )


def _next_step(due_at: int | None) -> str:
    return f": decide it by {moment(due_at)}" if due_at else ": it's waiting for your decision"


def _elements(
    message: DirectMessage, link: str, revision: int | None, portal: str
) -> list[InteractiveElement]:
    elements: list[InteractiveElement] = []
    session = message.session_id
    if isinstance(message, StillOnItQuestion):
        elements = [
            ButtonElement(text="Still on it", action_id="review_still_on_it", value=session, style="primary"),
            ButtonElement(text="Release", action_id="review_release", value=buttons.value(session, revision)),
        ]
    if portal and isinstance(message, VerdictMissing):
        elements.append(
            ButtonElement(text="Open in portal", action_id=buttons.PORTAL_OPEN, url=portal, style="primary")
        )
    if link:
        elements.append(ButtonElement(text="Open", action_id=buttons.HOME_OPEN, url=link))
    return elements


_ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        Action.STILL_ON_IT: "{who} still working on {it}.",
        Action.ADD_NOTE: "{who} still working on {it}.",
        Action.ESCALATE: "{who} escalated {it} to the leads.",
        Action.SNOOZE: "{who} snoozed {it}.",
        Action.RESUME: "{who} resumed {it}.",
        Action.RELEASE: "{who} released {it}. Anyone can claim it now.",
        Action.REASSIGN: "{who} reassigned {it} to {holder}.",
        Action.TAKE_OVER: "{who} took over {it}.",
        Action.RESOLVE: "{who} decided {it}.",
        Action.PROPOSE: "{who} proposed a decision on {it}.",
        Action.REOPEN: "{who} reopened {it}. Anyone can claim it now.",
    }
)
"""How a direct message ended, by the action of a person."""


def reminder_ended(key: str, ended: ReminderEnded, link: str, review_id: int | None) -> Message:
    """A direct message after its answer, or when what it was about is over: how that ended, and no buttons."""
    name = f"review{number(review_id)}"
    it = f"<{escaped(link)}|{name}>" if link else name
    text = f"{_ending(ended, it)} (Session {code(ended.session_id)})"
    block = SectionBlock(text=MarkdownTextObject(text=text))
    return Message(text=text, blocks=[as_json(block)], metadata=metadata(key))


def _ending(ended: ReminderEnded, it: str) -> str:
    if ended.action == Action.CLOSE:
        words = verdict_words(ended.session_state)
        return f"{words[:1].upper()}{words[1:]}, so {it} is closed."
    if ended.action == Action.RECEIVE:
        return f"Ralio sent {it} to review again. Anyone can claim it now."
    if ended.actor in (BOT, RALIO):
        return (
            f"Your claim on {it} expired. Anyone can claim it now."
            if ended.holder is None
            else f"{_capital(it)} changed."
        )
    is_own = ended.actor in ended.to
    sentence = _ENDINGS.get(ended.action, "{who} changed {it}.")
    be = " are" if is_own else " is"
    who = f"{'You' if is_own else person(ended.actor)}{be if sentence.startswith('{who} still') else ''}"
    return sentence.format(who=who, it=it, holder=person(ended.holder) if ended.holder else "someone else")


def _capital(text: str) -> str:
    return text if text.startswith("<") else f"{text[:1].upper()}{text[1:]}"
