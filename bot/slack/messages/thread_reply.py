"""Replies in the thread under a card. They mention the people they concern, so Slack notifies them. Pure."""

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reviews.notification_topics import ActionTopic
from bot.reviews.notifications import (
    ActionAnnouncement,
    ChecksChanged,
    ClaimExpired,
    ConfirmationNeeded,
    HolderDeactivated,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.policy import NO_POLICY, Policy
from bot.reviews.reminders import (
    LeadsReminder,
    QueueReminder,
    VerdictMissingForLeads,
)
from bot.reviews.review import Disagreement, Status
from bot.slack.api.client import Message
from bot.slack.messages.as_json import blocks_as_json
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import code, escaped, moment, one_line, people, person
from bot.slack.messages.status_text import done, reason_in_brackets, verdict_words

FALLBACK_COMMENT_LENGTH = 500


def thread_reply(key: str, reply: ThreadReply, session_id: str, rules: Policy = NO_POLICY) -> Message:
    """A sentence, below it, as plain text, the comment that a person typed, and the session.

    The session is named because a notification, or the channel, shows the reply without its card. `rules` are those of
    the queue.
    """
    comment = reply.comment if isinstance(reply, ActionAnnouncement) else None
    mentioned = f"{people(reply.to)}: " if reply.to else ""
    text = f"{mentioned}{_sentence(reply, rules)}{':' if comment else '.'}"
    text = text[0].upper() + text[1:]
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if comment:
        blocks.append(SectionBlock(text=PlainTextObject(text=comment, emoji=False)))
        text = f"{text} {escaped(one_line(comment, FALLBACK_COMMENT_LENGTH))}"
    about = f"Session {code(session_id)}"
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
    text = f"{text} ({about})"
    return Message(text=text, blocks=blocks_as_json(blocks), metadata=metadata(key))


def _sentence(reply: ThreadReply, rules: Policy) -> str:  # noqa: C901 - one case each
    match reply:
        case ActionAnnouncement():
            return f"{person(reply.actor)} {_what_they_did(reply)}"
        case HolderDeactivated(holder=holder):
            return (
                f"{person(holder)}'s account is deactivated, so the claim on this review was released. "
                "Anyone can claim it now"
            )
        case SessionClosed():
            return f"{verdict_words(reply.session_state)}: the review is closed"
        case VerdictDisagrees():
            return _disagreement(reply, rules)
        case ChecksChanged():
            return "the automatic checks of this review changed: check the card before you decide"
        case ProposalWithdrawn():
            holder = f": {person(reply.holder)} has the review again" if reply.holder else ""
            return f"the automatic checks changed, so the proposal was withdrawn{holder}"
        case ConfirmationNeeded():
            return _proposal(reply, rules)
        case VerdictMissingForLeads():
            decider = f" by {person(reply.holder)}" if reply.holder else ""
            still = "Ralio still has the session in review: enter the decision in the portal"
            return f"this review was decided{decider}, but {still}"
        case QueueReminder() | LeadsReminder():
            return _overdue(reply)
        case ClaimExpired():
            return "your claim expired because there was no activity, so anyone can claim this review now"


def _what_they_did(reply: ActionAnnouncement) -> str:
    match reply.topic:
        case ActionTopic.REASSIGNED:
            return f"reassigned this review to {person(reply.holder or '')}"
        case ActionTopic.TAKEN_OVER:
            return "took this review over from you"
        case ActionTopic.RELEASED:
            return "released your claim on this review"
        case ActionTopic.ESCALATED:
            return "is asking the leads for help with this review"
        case ActionTopic.SENT_BACK:
            return "sent your decision back"
        case ActionTopic.REOPENED:
            return "reopened this review after the decision"
        case ActionTopic.WITHDRAWN:
            return "withdrew the proposal and has the review again"
        case ActionTopic.NOTE_ADDED:
            return "added a note"


def _proposal(reply: ConfirmationNeeded, rules: Policy) -> str:
    outcome = _outcome(reply.outcome, reply.reason, rules)
    if reply.to:
        who = "It needs confirmation by a second person"
    elif rules.roster.is_for_channel:
        who = "A second person of this channel needs to confirm it"
    else:
        who = "It needs confirmation by a second person, but no one else is named for this queue"
    return f"{person(reply.proposer)} proposed {outcome}. {who}"


def _outcome(outcome: str, reason: str | None, rules: Policy) -> str:
    return f"{escaped(rules.label_of(outcome))}{reason_in_brackets(outcome, reason, rules)}"


def _disagreement(reply: VerdictDisagrees, rules: Policy) -> str:
    verdict = verdict_words(reply.session_state)
    if reply.outcome is None:
        return f"{verdict}. No decision was recorded here"
    outcome = _outcome(reply.outcome, reply.reason, rules)
    did = done(unconfirmed=reply.is_proposal)
    if reply.decided_by is None:
        return f"{verdict}; {outcome} had been {did} here"
    if reply.recorded_afterwards:
        return f"{verdict}; {person(reply.decided_by)} recorded {outcome} afterwards"
    when = " before it was reopened" if reply.was_reopened else ""
    words = f"{verdict}; {person(reply.decided_by)} had {did} {outcome}{when}"
    match reply.disagreement:
        case Disagreement.UNCONFIRMED:
            return f"{words}. No one had confirmed it"
        case Disagreement.UNDECIDED:
            return f"{words}. No decision was recorded since then"
        case _:
            return words


def _overdue(reply: QueueReminder | LeadsReminder) -> str:
    """What earlier versions queued; reminders of this one are in `overdue`."""
    if reply.due_at is None:
        return f"this review needs attention: {_still(reply)}"
    return f"this review is overdue (due {moment(reply.due_at)}) and {_still(reply)}"


def _still(reply: QueueReminder | LeadsReminder) -> str:
    match reply.status:
        case Status.PROPOSED:
            return "still awaiting confirmation"
        case Status.CLAIMED:
            return f"claimed by {person(reply.holder)}" if reply.holder else "claimed"
        case _:
            return "still unclaimed"
