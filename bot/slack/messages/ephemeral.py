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
    Action.STILL_ON_IT: "Noted: the review stays yours.",
    Action.RELEASE: "Done: the review is released, anybody may claim it.",
}
"""What a person can do in a direct message, where the card does not show the result."""


def why_refused(refusal: ActionRefused) -> str:
    """The reason for a refusal as one line of mrkdwn."""
    stands_as_asked = refusal.reason in (Refused.ALREADY_DONE, Refused.ALREADY_YOURS)
    return _why(refusal) if stands_as_asked else f"{_why(refusal)} Nothing was changed."


def modal_not_shown(action: Action, session_id: str) -> Message:
    """The modal could not be opened within the three seconds that Slack allows."""
    return _message(
        f"Slack did not show the form to {_phrase(action, 'this review')}. Nothing was changed: press again.",
        session_id,
    )


def click_not_recorded(session_id: str | None, *, is_certain: bool) -> Message:
    """The click could not be recorded, or may not have been. Sent at once: there is no database to queue it in."""
    what = (
        "Your click could not be recorded: the bot's database cannot be reached right now."
        if is_certain
        else "Your click may not have been recorded: the connection to the bot's database broke."
    )
    return _message(
        f"{what} Look at the card in a minute, and press again if it does not show what you asked for.",
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
    Refused.GUEST: "guests of the workspace may not work on them",
    Refused.BOT: "only people may work on them",
    Refused.OUTSIDER: "only members of this workspace may work on them",
    Refused.DEACTIVATED: "your account is deactivated",
}


def _phrase(action: Action | None, what: str) -> str:
    """The action with its object, where English puts it: send it back, take it over."""
    if action in _OBJECT_COMES_LAST:
        return f"{_VERBS[action]} {what}"
    first, _, rest = _VERBS[action].partition(" ")
    return f"{first} {what} {rest}" if rest else f"{first} {what}"


def _why(refusal: ActionRefused) -> str:
    """Reasons that concern the person; `_why_not_now` has those that concern the review."""
    action = refusal.action
    match refusal.reason:
        case Refused.GUEST | Refused.BOT | Refused.OUTSIDER | Refused.DEACTIVATED:
            return f"You may not {_phrase(action, 'reviews')}: {_NOT_A_MEMBER[refusal.reason]}."
        case Refused.CANNOT_CHECK:
            return (
                f"You cannot {_phrase(action, 'this')} now: Slack does not answer who may work on this, and "
                "without that nobody may. Try again in a minute."
            )
        case Refused.NOT_A_REVIEWER:
            where = f"you are not a reviewer of {_queue(refusal)}.{_who_may(refusal)}"
            return f"You may not {_phrase(action, 'this')}: {where}"
        case Refused.NONE_LEFT:
            return "No review is left that you could claim."
        case Refused.UNKNOWN_REVIEW:
            return f"You cannot {_phrase(action, 'this')}: the bot does not know the session."
        case Refused.NO_LEADS:
            return f"You cannot escalate this: no leads are named for {_queue(refusal)}."
        case Refused.CANNOT_GIVE_TO | Refused.HAS_IT_ALREADY:
            return _why_not_to(refusal)
        case Refused.OWN_PROPOSAL | Refused.NOT_YOUR_PROPOSAL | Refused.ALREADY_DECIDED:
            return _about_the_decision(refusal)
        case _:
            return _why_not_now(refusal)


def _why_not_to(refusal: ActionRefused) -> str:
    to = person(refusal.target or "")
    if refusal.reason is Refused.HAS_IT_ALREADY:
        return f"{to} has this review already{_since(refusal)}."
    return f"{to} may not review {_queue(refusal)}.{_who_may(refusal)}"


def _about_the_decision(refusal: ActionRefused) -> str:
    who = person(refusal.proposer) if refusal.proposer else "someone else"
    match refusal.reason:
        case Refused.NOT_YOUR_PROPOSAL:
            return (
                f"{who} proposed this decision, so only {who} can withdraw it. You can send it back instead."
            )
        case Refused.ALREADY_DECIDED:
            return f"A decision is already recorded on this review, by {who}."
        case _:
            do_it = _phrase(refusal.action, "it")
            return f"You proposed this decision yourself: a second person has to {do_it}.{_who_may(refusal)}"


def _why_not_now(refusal: ActionRefused) -> str:
    action = refusal.action
    do_it = _phrase(action, "it")
    match refusal.reason:
        case Refused.HELD_BY_OTHER:
            since, lead = _since(refusal), _or_a_lead(refusal)
            return f"{_holder(refusal)} already has this review{since}. Ask them{lead} to release it."
        case Refused.ALREADY_YOURS:
            return f"You already have this review{_since(refusal)}."
        case Refused.ALREADY_DONE:
            return _already_done(refusal)
        case Refused.NOT_THE_HOLDER:
            # A lead can release or reassign another person's review, and nothing more.
            lead = _or_a_lead(refusal) if action in (Action.RELEASE, Action.REASSIGN) else ""
            return f"{_holder(refusal)} has this review{_since(refusal)}. Only they{lead} may {do_it}."
        case Refused.ALREADY_ESCALATED:
            return f"{person(refusal.escalated_by or '')} has escalated this review to the leads already."
        case Refused.NOTE_REQUIRED:
            return f"You cannot {do_it} without a note: the reason that you chose needs one."
        case Refused.NOT_SNOOZED:
            return "This review isn't snoozed."
        case Refused.CHANGED_MEANWHILE:
            return f"The review changed before you could {do_it}: {_state(refusal)}. Look at the card and press again."
        case Refused.NOT_POSSIBLE:
            state = f"{_state(refusal)}. The card shows its newest state."
            return f"You cannot {_phrase(action, 'this review')} now: {state}"
        case other:
            raise ValueError(f"{other} has a sentence elsewhere")


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
            return "This review already stands as you asked."


def _queue(refusal: ActionRefused) -> str:
    queue = refusal.queue
    return f"the {QUEUE_NAMES.get(queue, queue)} queue" if queue else "any queue"


def _holder(refusal: ActionRefused) -> str:
    return person(refusal.holder) if refusal.holder else "Somebody else"


def _since(refusal: ActionRefused) -> str:
    return f" since {moment(refusal.claimed_at)}" if refusal.claimed_at is not None else ""


def _or_a_lead(refusal: ActionRefused) -> str:
    return f" or a lead ({people(refusal.leads)})" if refusal.leads else ""


def _who_may(refusal: ActionRefused) -> str:
    """The people who may review, without the one who proposed the decision."""
    others = [id_ for id_ in refusal.reviewers if id_ != refusal.proposer]
    if channels := [id_ for id_ in others if is_channel(id_)]:
        named = [id_ for id_ in others if not is_channel(id_)]
        also = f", and so may {people(named)}" if named else ""
        return f" Members of {' or '.join(map(mention, channels))} may{also}."
    return f" These people may: {people(others)}." if others else ""


def _state(refusal: ActionRefused) -> str:
    match refusal.status:
        case Status.OPEN:
            return "it is open and nobody has it"
        case Status.CLAIMED:
            return f"{_holder(refusal)} has claimed it"
        case Status.PROPOSED:
            return "a decision is proposed and waits for a second person"
        case Status.DECIDED:
            return "it is decided"
        case Status.CLOSED:
            return "it is closed, for Ralio has told the verdict"
        case None:
            raise ValueError(f"{refusal.reason} is about a review, and there is none")
