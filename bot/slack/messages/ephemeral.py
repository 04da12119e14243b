"""Ephemeral messages: what came of an action, shown only to the person who acted. Pure."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.action_request import Refused
from bot.reviews.delivery_problems import CardMoved
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.review import Action, Status
from bot.slack.api.client import Message
from bot.slack.messages.mrkdwn import (
    QUEUE_NAMES,
    code,
    escaped,
    is_channel,
    mention,
    moment,
    number,
    people,
    person,
)

_VERBS: Mapping[Action | None, str] = {
    Action.CLAIM: "claim",
    Action.RELEASE: "release",
    Action.REASSIGN: "reassign",
    Action.TAKE_OVER: "take over",
    Action.ESCALATE: "escalate",
    Action.STILL_ON_IT: "keep",
    Action.SNOOZE: "snooze",
    Action.RESUME: "resume",
    Action.RESOLVE: "resolve",
    Action.PROPOSE: "resolve",
    Action.CONFIRM: "confirm",
    Action.SEND_BACK: "send back",
    Action.WITHDRAW: "withdraw",
    Action.REOPEN: "reopen",
    Action.RECORD_DECISION: "record a decision on",
    Action.ADD_NOTE: "add a note to",
    None: "see",
}


_OBJECT_COMES_LAST = frozenset({Action.RECORD_DECISION, Action.ADD_NOTE})


def card_moved(moved: CardMoved, link: str, review_id: int | None = None) -> Message:
    """Where the card is that replaced the one a person acted on; `link` is empty if it is unknown."""
    channel = f"<#{escaped(moved.channel)}>"
    where = f"{channel}: <{link}|open the card>" if link else channel
    text = f"You used an earlier card of this review. Its card is now in {where}."
    return _message(text, moved.session_id, review_id)


def action_outcome(outcome: ActionOutcome, review_id: int | None = None) -> Message:
    """What came of a person's action: done, or refused with the reason and with who can help."""
    match outcome:
        case ActionRefused():
            return _message(why_refused(outcome), outcome.session_id, review_id)
        case ActionGranted():
            return _message(_DONE[outcome.action], outcome.session_id, review_id)


_DONE: Mapping[Action, str] = {
    Action.CLAIM: "You claimed this review.",
    Action.STILL_ON_IT: "The review stays yours.",
    Action.RELEASE: "You released this review. Anyone can claim it now.",
    Action.CONFIRM: "You confirmed this decision.",
    Action.WITHDRAW: "You withdrew your proposal. You have the review again.",
    Action.RESUME: "You resumed this review.",
}
"""What a person can do with one click in a list or a direct message, where no card shows the result."""


def why_refused(refusal: ActionRefused) -> str:
    """The reason for a refusal, and who can help, as one line of mrkdwn; the same on every surface."""
    action = refusal.action
    match refusal.reason:
        case Refused.GUEST | Refused.BOT | Refused.OUTSIDER | Refused.DEACTIVATED:
            return _NOT_A_MEMBER[refusal.reason]
        case Refused.CANNOT_CHECK:
            return "Slack isn't answering, so I can't check your permissions. Try again in a minute."
        case Refused.NOT_A_REVIEWER if refusal.queue is None:
            return (
                f"You aren't a reviewer for any queue, so there's nothing here for you.{_ask_one_of(refusal)}"
            )
        case Refused.NOT_A_REVIEWER:
            do_it, queue = _phrase(action, "this"), _queue(refusal)
            return f"You can't {do_it}: you aren't a reviewer for {queue}.{_ask_one_of(refusal)}"
        case Refused.NONE_LEFT:
            return "There's nothing left for you to claim."
        case Refused.UNKNOWN_REVIEW:
            return "I don't know this review. It may have been purged."
        case Refused.NO_LEADS:
            return f"You can't escalate this: {_queue(refusal)} has no leads."
        case Refused.CANNOT_GIVE_TO | Refused.HAS_IT_ALREADY:
            return _why_not_to(refusal)
        case Refused.OWN_PROPOSAL | Refused.NOT_YOUR_PROPOSAL | Refused.ALREADY_DECIDED:
            return _about_the_decision(refusal)
        case _:
            return _why_not_now(refusal)


def modal_not_shown(action: Action, session_id: str) -> Message:
    """The modal could not be opened within the three seconds that Slack allows."""
    return _message(
        f"Slack didn't show the form to {_phrase(action, 'this review')}. Press the button again.",
        session_id,
    )


def click_not_recorded(session_id: str | None) -> Message:
    """The click could not be recorded. Sent at once, because there is no database to queue it in."""
    return _message(
        "I couldn't record your click because the database isn't reachable. Look at the card in a minute, and press "
        "again if it doesn't show what you asked for.",
        session_id,
    )


def _message(text: str, session_id: str | None, review_id: int | None = None) -> Message:
    """A sentence, and the session on a line of its own."""
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if session_id is None:
        return Message(text=text, blocks=[block.to_dict() for block in blocks])
    about = (
        f"Session {code(session_id)}"
        if review_id is None
        else f"Review{number(review_id)}, session {code(session_id)}"
    )
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
    return Message(text=f"{text} ({about})", blocks=[block.to_dict() for block in blocks])


_NOT_A_MEMBER: Mapping[Refused, str] = {
    Refused.GUEST: "You're a guest in this workspace, and guests can't work on reviews.",
    Refused.BOT: "Only people can work on reviews.",
    Refused.OUTSIDER: "Only members of this workspace can work on reviews.",
    Refused.DEACTIVATED: "Your account is deactivated, so you can't work on reviews.",
}


def _phrase(action: Action | None, what: str) -> str:
    """The action with its object, where English puts it: send it back, take it over."""
    if action in _OBJECT_COMES_LAST:
        return f"{_VERBS[action]} {what}"
    first, _, rest = _VERBS[action].partition(" ")
    return f"{first} {what} {rest}" if rest else f"{first} {what}"


def _why_not_to(refusal: ActionRefused) -> str:
    to = person(refusal.target or "")
    if refusal.reason is Refused.HAS_IT_ALREADY:
        return f"{to} already has this review{_since(refusal)}."
    return f"{to} isn't a reviewer for {_queue(refusal)}.{_choose_one_of(refusal)}"


def _about_the_decision(refusal: ActionRefused) -> str:
    who = person(refusal.proposer) if refusal.proposer else "someone else"
    match refusal.reason:
        case Refused.NOT_YOUR_PROPOSAL:
            return (
                f"{who} proposed this decision, so only {who} can withdraw it. You can send it back instead."
            )
        case Refused.ALREADY_DECIDED:
            return f"{_capital(who)} already recorded a decision on this review."
        case _:
            do_it = _phrase(refusal.action, "it")
            return f"You proposed this decision, so a second person has to {do_it}.{_ask_one_of(refusal)}"


def _why_not_now(refusal: ActionRefused) -> str:  # noqa: C901 - one case each
    action, do_it = refusal.action, _phrase(refusal.action, "it")
    match refusal.reason:
        case Refused.HELD_BY_OTHER if refusal.status is Status.PROPOSED:
            return (
                f"{_capital(_holder(refusal))} proposed a decision. It needs confirmation by a second person."
            )
        case Refused.HELD_BY_OTHER:
            return f"{_working(refusal)} {_only_holder(refusal, 'resolve it')} {TAKE_OVER}"
        case Refused.ALREADY_YOURS:
            return (
                f"You've had this review{_since(refusal)}." if refusal.claimed_at else "You have this review."
            )
        case Refused.ALREADY_DONE:
            return _already_done(refusal)
        case Refused.NOT_THE_HOLDER:
            return f"{_working(refusal)} {_only_holder(refusal, do_it)} {TAKE_OVER}"
        case Refused.ALREADY_ESCALATED:
            return f"{person(refusal.escalated_by or '')} already escalated this review to the leads."
        case Refused.NOTE_REQUIRED:
            return f"You can't {do_it} without a note: the reason you chose needs one."
        case Refused.NOT_SNOOZED:
            return "This review isn't snoozed."
        case Refused.CHANGED_MEANWHILE:
            return f"The review changed before you could {do_it}: {_state(refusal)}. {PRESS_AGAIN}"
        case Refused.NOT_POSSIBLE:
            return f"You can't {_phrase(action, 'this review')} now: {_state(refusal)}."
        case other:
            raise ValueError(f"{other} has a sentence elsewhere")


TAKE_OVER = "To take it over: ⋯ &gt; Take over."

PRESS_AGAIN = "Look at it and press again."


def _working(refusal: ActionRefused) -> str:
    return f"{_capital(_holder(refusal))} has been working on this{_since(refusal)}."


def _only_holder(refusal: ActionRefused, do_it: str) -> str:
    """Who can do it: a lead can release or reassign another person's review, and nothing more."""
    if refusal.holder is None:
        return f"Only they can {do_it}."
    lead = _or_a_lead(refusal) if refusal.action in (Action.RELEASE, Action.REASSIGN) else ""
    return f"Only {_holder(refusal)}{lead} can {do_it}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _already_done(refusal: ActionRefused) -> str:  # noqa: C901 - one case each
    """The person asked for the same again, such as with a double click."""
    match refusal.action:
        case Action.RELEASE:
            return "You've already released this review. Anyone can claim it now."
        case Action.REASSIGN:
            return f"You've already reassigned this review to {person(refusal.target or '')}."
        case Action.ESCALATE:
            return "You've already escalated this review to the leads."
        case Action.RESOLVE | Action.PROPOSE if refusal.status is Status.PROPOSED:
            return "You've already proposed this decision. It needs confirmation by a second person."
        case Action.RESOLVE | Action.PROPOSE | Action.RECORD_DECISION:
            return "You've already recorded this decision."
        case Action.CONFIRM:
            return "You've already confirmed this decision."
        case Action.SEND_BACK:
            return f"You've already sent this decision back to {_holder(refusal)}."
        case Action.WITHDRAW:
            return "You've already withdrawn your proposal. You have the review again."
        case Action.RESUME:
            return "You've already resumed this review."
        case Action.REOPEN:
            return "You've already reopened this review. Anyone can claim it now."
        case _:
            return "This review already is as you asked."


def _queue(refusal: ActionRefused) -> str:
    queue = refusal.queue
    return f"the {QUEUE_NAMES.get(queue, queue)} queue" if queue else "any queue"


def _holder(refusal: ActionRefused) -> str:
    return person(refusal.holder) if refusal.holder else "someone else"


def _since(refusal: ActionRefused) -> str:
    return f" since {moment(refusal.claimed_at)}" if refusal.claimed_at is not None else ""


def _or_a_lead(refusal: ActionRefused) -> str:
    return f" or a lead ({people(refusal.leads)})" if refusal.leads else ""


def _ask_one_of(refusal: ActionRefused) -> str:
    """The people who can do it, without the one who proposed the decision."""
    others = [id_ for id_ in refusal.reviewers if id_ != refusal.proposer]
    if channels := [id_ for id_ in others if is_channel(id_)]:
        named = [id_ for id_ in others if not is_channel(id_)]
        also = f", or {people(named)}" if named else ""
        return f" Ask a member of {' or '.join(map(mention, channels))}{also}."
    return f" Ask one of: {people(others)}." if others else ""


def _choose_one_of(refusal: ActionRefused) -> str:
    """The people who can have the review instead."""
    return _ask_one_of(refusal).replace("Ask", "Choose", 1)


def _state(refusal: ActionRefused) -> str:
    match refusal.status:
        case Status.OPEN:
            return "no one has claimed it"
        case Status.CLAIMED:
            return f"{_holder(refusal)} has claimed it"
        case Status.PROPOSED:
            return "it's awaiting confirmation by a second person"
        case Status.DECIDED:
            return "it's decided"
        case Status.CLOSED:
            return "it's closed, because Ralio's verdict is known"
        case None:
            raise ValueError(f"{refusal.reason} is about a review, and there is none")
