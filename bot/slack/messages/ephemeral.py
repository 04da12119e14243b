"""Ephemeral messages: what came of an action, shown only to the person who acted. Pure."""

from collections.abc import Mapping

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.action_request import Refused
from bot.reviews.delivery_problems import CardMoved
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.review import Action, Status
from bot.slack.api.client import Message
from bot.slack.messages.action_words import phrase
from bot.slack.messages.as_json import blocks_as_json
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

TAKE_OVER_HINT = "To take it over: ⋯ &gt; Take over."
TRY_AGAIN = "Check the card and try again."


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
    Action.STILL_ON_IT: "Got it. You still have this review.",
    Action.RELEASE: "Released. Anyone can claim this review now.",
    Action.CONFIRM: "You confirmed this decision.",
    Action.WITHDRAW: "You withdrew your proposal. You have the review again.",
    Action.RESUME: "You resumed this review.",
}
"""What a person can do with one click in a list or a direct message, where no card shows the result."""


def modal_not_shown(action: Action, session_id: str) -> Message:
    """The modal could not be opened within the three seconds that Slack allows."""
    return _message(
        f"Slack didn't open the form to {phrase(action, 'this review')} in time. Press the button again.",
        session_id,
    )


def click_not_recorded(session_id: str | None, *, is_certain: bool) -> Message:
    """The click could not be recorded, or may not have been. Sent at once: there is no database to queue it in."""
    what = (
        "I couldn't record your click because the database can't be reached."
        if is_certain
        else "Your click may not have been recorded, because the connection to the database broke."
    )
    return _message(
        f"{what} Check the card in a minute, and press again if it doesn't show your change.",
        session_id,
    )


def _message(text: str, session_id: str | None, review_id: int | None = None) -> Message:
    """A sentence, and the session on a line of its own."""
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if session_id is None:
        return Message(text=text, blocks=blocks_as_json(blocks))
    about = (
        f"Session {code(session_id)}"
        if review_id is None
        else f"Review{number(review_id)}, session {code(session_id)}"
    )
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
    return Message(text=f"{text} ({about})", blocks=blocks_as_json(blocks))


_NOT_A_MEMBER: Mapping[Refused, str] = {
    Refused.GUEST: "You're a guest in this workspace, and guests can't work on reviews.",
    Refused.BOT: "Only people can work on reviews.",
    Refused.OUTSIDER: "Only members of this workspace can work on reviews.",
    Refused.DEACTIVATED: "Your account is deactivated, so you can't work on reviews.",
}


def why_refused(refusal: ActionRefused) -> str:  # noqa: C901 - one case each
    """The reason for a refusal and who can help, as one line of mrkdwn; the same on every surface."""
    action = refusal.action
    match refusal.reason:
        case Refused.GUEST | Refused.BOT | Refused.OUTSIDER | Refused.DEACTIVATED:
            return f"{_NOT_A_MEMBER[refusal.reason]}{_who_can(refusal)}"
        case Refused.CANNOT_CHECK:
            return "Slack isn't answering, so I can't check your permissions. Try again in a minute."
        case Refused.NOT_A_REVIEWER if refusal.queue is None:
            return f"You aren't a reviewer for any queue, so there's nothing here for you.{_who_can(refusal)}"
        case Refused.NOT_A_REVIEWER:
            why = f"you aren't a reviewer of {_queue(refusal)}.{_who_can(refusal)}"
            return f"You can't {phrase(action, 'this')}: {why}"
        case Refused.NONE_LEFT:
            return "There's nothing left for you to claim."
        case Refused.UNKNOWN_REVIEW:
            return f"You can't {phrase(action, 'this')}: no review was found for this session."
        case Refused.NO_LEADS:
            return f"You can't escalate this: no leads are named for {_queue(refusal)}."
        case Refused.CANNOT_GIVE_TO | Refused.HAS_IT_ALREADY:
            return _why_not_to(refusal)
        case Refused.OWN_PROPOSAL | Refused.NOT_YOUR_PROPOSAL | Refused.ALREADY_DECIDED:
            return _about_the_decision(refusal)
        case Refused.HELD_BY_OTHER | Refused.NOT_THE_HOLDER:
            return _about_the_holder(refusal)
        case _:
            return _why_not_now(refusal)


def changed_meanwhile(refusal: ActionRefused) -> str:
    """The review changed before the person acted; say what it is now."""
    return f"The review changed before you could {phrase(refusal.action, 'it')}: {_state(refusal)}."


def _why_not_to(refusal: ActionRefused) -> str:
    to = person(refusal.target or "")
    if refusal.reason is Refused.HAS_IT_ALREADY:
        return f"{to} already has this review{_since(refusal)}."
    return f"{to} can't review {_queue(refusal)}.{_who_can(refusal)}"


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
            do_it = phrase(refusal.action, "it")
            return f"You proposed this decision, so a second person needs to {do_it}.{_who_can(refusal)}"


def _about_the_holder(refusal: ActionRefused) -> str:
    holder = person(refusal.holder) if refusal.holder else ""
    if refusal.status is Status.PROPOSED:
        return f"{holder or 'Someone else'} has already proposed a decision. It needs confirmation by a second person."
    at_work = f"{holder or 'Someone else'} has been working on this{_since(refusal)}."
    # A lead can release or reassign another person's review, and nothing more.
    by_lead = refusal.action in (Action.RELEASE, Action.REASSIGN)
    lead = f" or a lead ({people(refusal.leads)})" if refusal.leads and by_lead else ""
    do_it = phrase(refusal.action, "it")
    if refusal.reason is Refused.HELD_BY_OTHER:
        return f"{at_work} {TAKE_OVER_HINT}"
    return f"{at_work} Only {holder or 'the person who claimed it'}{lead} can {do_it}. {TAKE_OVER_HINT}"


def _why_not_now(refusal: ActionRefused) -> str:
    action = refusal.action
    match refusal.reason:
        case Refused.ALREADY_YOURS:
            return (
                f"You've had this review{_since(refusal)}." if refusal.claimed_at else "You have this review."
            )
        case Refused.ALREADY_DONE:
            return _already_done(refusal)
        case Refused.ALREADY_ESCALATED:
            return f"{person(refusal.escalated_by or '')} has already escalated this review to the leads."
        case Refused.NOTE_REQUIRED:
            return f"You can't {phrase(action, 'it')} without a note: the reason you chose needs one."
        case Refused.NOT_SNOOZED:
            return "This review isn't snoozed."
        case Refused.CHANGED_MEANWHILE:
            return f"{changed_meanwhile(refusal)} {TRY_AGAIN}"
        case Refused.NOT_POSSIBLE:
            return (
                f"You can't {phrase(action, 'this review')} now: {_state(refusal)}. The card is up to date."
            )
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
            holder = person(refusal.holder) if refusal.holder else "its proposer"
            return f"You've already sent this decision back to {holder}."
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


def _since(refusal: ActionRefused) -> str:
    return f" since {moment(refusal.claimed_at)}" if refusal.claimed_at is not None else ""


def _who_can(refusal: ActionRefused) -> str:
    """The people who can review, without the one who proposed the decision."""
    others = [id_ for id_ in refusal.reviewers if id_ != refusal.proposer]
    if channels := [id_ for id_ in others if is_channel(id_)]:
        named = [id_ for id_ in others if not is_channel(id_)]
        also = f", and so can {people(named)}" if named else ""
        return f" Members of {' or '.join(map(mention, channels))} can{also}."
    return f" Ask one of: {people(others)}." if others else ""


def _state(refusal: ActionRefused) -> str:
    match refusal.status:
        case Status.OPEN:
            return "it's unclaimed"
        case Status.CLAIMED:
            return f"{person(refusal.holder) if refusal.holder else 'someone else'} has claimed it"
        case Status.PROPOSED:
            return "a decision is awaiting confirmation"
        case Status.DECIDED:
            return "it's decided"
        case Status.CLOSED:
            return "Ralio's verdict closed it"
        case None:
            raise ValueError(f"{refusal.reason} is about a review, and there is none")
