"""The private notes: why a click changed nothing, told to the person who clicked and to nobody else. Pure."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.decide import Refused
from bot.reviews.review import Action, Status
from bot.slack.api.client import Message
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, moment, people, person

_WISHES: Mapping[str, str] = {
    Action.CLAIM: "claim",
    Action.RELEASE: "release",
    Action.REASSIGN: "reassign",
    Action.TAKE_OVER: "take over",
    Action.ESCALATE: "escalate",
    Action.STILL_ON_IT: "keep",
    Action.RESOLVE: "resolve",
    Action.PROPOSE: "resolve",
    Action.CONFIRM: "confirm",
    Action.SEND_BACK: "send back",
    Action.REOPEN: "reopen",
}


def private_note(facts: Mapping[str, Any]) -> Message:
    """What became of a person's wish: done, or why not and who could help; the facts are those of the click."""
    text = why_refused(facts) if "why" in facts else _DONE[facts["action"]]
    return _note(text, facts.get("session_id"))


_DONE: Mapping[str, str] = {
    Action.STILL_ON_IT: "Noted: the review stays yours.",
    Action.RELEASE: "Done: the review is released, anybody may claim it.",
}
"""What can be asked for where the card does not stand."""


def why_refused(facts: Mapping[str, Any]) -> str:
    """The same as one line of Slack's mrkdwn."""
    return f"{_why(facts)} Nothing was changed."


def form_not_shown_note(action: Action, session_id: str) -> Message:
    """The form could not be shown in the three seconds that Slack gives for it."""
    return _note(
        f"Slack did not show the form to {_phrase(action, 'this review')}. Nothing was changed: press again.",
        session_id,
    )


def not_recorded_note(session_id: str | None) -> Message:
    """The click could not be written down; sent straight away, for there is no database to keep it in."""
    return _note(
        "Your click could not be recorded: the bot's database cannot be reached right now. Look at the card in a "
        "minute, and press again if it does not show what you asked for.",
        session_id,
    )


def _note(text: str, session_id: str | None) -> Message:
    """A sentence, and which session it is about on a line of its own."""
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if session_id is None:
        return Message(text=text, blocks=[block.to_dict() for block in blocks])
    about = f"Session {code(session_id)}"
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
    return Message(text=f"{text} ({about})", blocks=[block.to_dict() for block in blocks])


_NOT_A_MEMBER: Mapping[Refused, str] = {
    Refused.GUEST: "guests of the workspace may not work on them",
    Refused.BOT: "only people may work on them",
    Refused.OUTSIDER: "only members of this workspace may work on them",
    Refused.DEACTIVATED: "your account is deactivated",
}


def _phrase(action: str, what: str) -> str:
    """The wish with its object, where English puts it: send it back, take it over."""
    first, _, rest = _WISHES.get(action, action).partition(" ")
    return f"{first} {what} {rest}" if rest else f"{first} {what}"


def _why(facts: Mapping[str, Any]) -> str:
    """The reasons that lie in the person; the others lie in the review."""
    action, why = facts["action"], Refused(facts["why"])
    match why:
        case Refused.GUEST | Refused.BOT | Refused.OUTSIDER | Refused.DEACTIVATED:
            return f"You may not {_phrase(action, 'reviews')}: {_NOT_A_MEMBER[why]}."
        case Refused.CANNOT_CHECK:
            return (
                f"You cannot {_WISHES.get(action, action)} now: Slack does not answer who may work on this, and "
                "without that nobody may. Try again in a minute."
            )
        case Refused.NOT_A_REVIEWER:
            return f"You may not {_phrase(action, 'this')}: you are not a reviewer of {_queue(facts)}.{_who_may(facts)}"
        case Refused.NONE_LEFT:
            return "No review is left that you could claim."
        case Refused.UNKNOWN_REVIEW:
            return f"You cannot {_phrase(action, 'this')}: the bot does not know the session."
        case Refused.NO_LEADS:
            return f"You cannot escalate this: no leads are named for {_queue(facts)}."
        case Refused.CANNOT_GIVE_TO | Refused.HAS_IT_ALREADY:
            return _why_not_to(facts, why)
        case _:
            return _why_not_now(facts, why, action)


def _why_not_to(facts: Mapping[str, Any], why: Refused) -> str:
    to = person(facts["to"] or "")
    if why is Refused.HAS_IT_ALREADY:
        return f"{to} has this review already{_since(facts)}."
    return f"{to} may not review {_queue(facts)}.{_who_may(facts)}"


def _why_not_now(facts: Mapping[str, Any], why: Refused, action: str) -> str:
    do_it = _phrase(action, "it")
    match why:
        case Refused.HELD_BY_OTHER:
            since, lead = _since(facts), _or_a_lead(facts)
            return f"{_holder(facts)} already has this review{since}. Ask them{lead} to release it."
        case Refused.ALREADY_YOURS:
            return f"You already have this review{_since(facts)}."
        case Refused.NOT_THE_HOLDER:
            # A lead may release or hand over what somebody else holds, and nothing more.
            lead = _or_a_lead(facts) if action in (Action.RELEASE, Action.REASSIGN) else ""
            return f"{_holder(facts)} has this review{_since(facts)}. Only they{lead} may {do_it}."
        case Refused.OWN_PROPOSAL:
            return f"You proposed this decision yourself: a second person has to {do_it}.{_who_may(facts)}"
        case Refused.ALREADY_ESCALATED:
            return f"{person(facts['escalated_by'] or '')} has escalated this review to the leads already."
        case Refused.CHANGED_MEANWHILE:
            return f"The review changed before you could {do_it}: {_state(facts)}. Look at the card and press again."
        case Refused.NOT_POSSIBLE:
            return f"You cannot {_phrase(action, 'this review')} now: {_state(facts)}. The card shows its newest state."
        case other:
            raise ValueError(f"{other} is explained elsewhere")


def _queue(facts: Mapping[str, Any]) -> str:
    queue = facts.get("queue")
    return f"the {QUEUE_NAMES.get(queue, queue)} queue" if queue else "any queue"


def _holder(facts: Mapping[str, Any]) -> str:
    return person(facts["holder"]) if facts["holder"] else "Somebody else"


def _since(facts: Mapping[str, Any]) -> str:
    return f" since {moment(facts['since'])}" if facts["since"] is not None else ""


def _or_a_lead(facts: Mapping[str, Any]) -> str:
    return f" or a lead ({people(facts['leads'])})" if facts["leads"] else ""


def _who_may(facts: Mapping[str, Any]) -> str:
    """Everybody who may review, but for whoever proposed the decision in question."""
    others = [id_ for id_ in facts.get("may", ()) if id_ != facts["maker"]]
    return f" These people may: {people(others)}." if others else ""


def _state(facts: Mapping[str, Any]) -> str:
    match Status(facts["status"]):
        case Status.OPEN:
            return "it is open and nobody has it"
        case Status.CLAIMED:
            return f"{_holder(facts)} has claimed it"
        case Status.PROPOSED:
            return "a decision is proposed and waits for a second person"
        case Status.DECIDED:
            return "it is decided"
        case Status.CLOSED:
            return "it is closed, for Ralio has told the verdict"
