"""The private notes: why a click changed nothing, told to the person who clicked and to nobody else. Pure."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from bot.reviews.decide import Refused
from bot.reviews.review import Action, Status
from bot.slack.gateway import Message
from bot.slack.texts import QUEUE_NAMES, code, moment, people, person

_WISHES = {
    Action.CLAIM: "claim",
    Action.RELEASE: "release",
    Action.RESOLVE: "resolve",
    Action.PROPOSE: "resolve",
    Action.CONFIRM: "confirm",
    Action.SEND_BACK: "send back",
    Action.REOPEN: "reopen",
}


def refusal_note(facts: Mapping[str, Any]) -> Message:
    """Why the person's wish was refused, and who could help; the facts are those that were true at the click."""
    return _note(f"{_why(facts)} Nothing was changed.", str(facts["session_id"]))


def not_recorded_note(session_id: str) -> Message:
    """The click could not be written down; sent straight away, for there is no database to keep it in."""
    return _note(
        "Your click could not be recorded: the bot's database cannot be reached right now. Look at the card in a "
        "minute, and press again if it does not show what you asked for.",
        session_id,
    )


def _note(text: str, session_id: str) -> Message:
    """A sentence, and which session it is about on a line of its own."""
    about = f"Session {code(session_id)}"
    blocks: list[Block] = [
        SectionBlock(text=MarkdownTextObject(text=text)),
        ContextBlock(elements=[MarkdownTextObject(text=about)]),
    ]
    return Message(text=f"{text} ({about})", blocks=[block.to_dict() for block in blocks])


def _why(facts: Mapping[str, Any]) -> str:
    wish = _WISHES[Action(facts["action"])]
    match Refused(facts["why"]):
        case Refused.NOT_A_REVIEWER:
            queue = QUEUE_NAMES.get(facts["queue"], facts["queue"])
            return f"You may not {wish} this: you are not a reviewer of the {queue} queue.{_who_may(facts)}"
        case Refused.HELD_BY_OTHER:
            since, lead = _since(facts), _or_a_lead(facts)
            return f"{_holder(facts)} already has this review{since}. Ask them{lead} to release it."
        case Refused.ALREADY_YOURS:
            return f"You already have this review{_since(facts)}."
        case Refused.NOT_THE_HOLDER:
            # A lead may release what somebody else holds, and nothing more.
            lead = _or_a_lead(facts) if wish == "release" else ""
            return f"{_holder(facts)} has this review{_since(facts)}. Only they{lead} may {wish} it."
        case Refused.OWN_PROPOSAL:
            return f"You proposed this decision yourself: a second person has to {wish} it.{_who_may(facts)}"
        case Refused.NOT_POSSIBLE:
            return f"You cannot {wish} this review now: {_state(facts)}. The card shows its newest state."
        case Refused.UNKNOWN_REVIEW:
            return f"You cannot {wish} this: the bot does not know the session."


def _holder(facts: Mapping[str, Any]) -> str:
    return person(facts["holder"]) if facts["holder"] else "Somebody else"


def _since(facts: Mapping[str, Any]) -> str:
    return f" since {moment(facts['since'])}" if facts["since"] is not None else ""


def _or_a_lead(facts: Mapping[str, Any]) -> str:
    return f" or a lead ({people(facts['leads'])})" if facts["leads"] else ""


def _who_may(facts: Mapping[str, Any]) -> str:
    """Everybody who may review, but for whoever proposed the decision in question."""
    others = [user_id for user_id in facts["may"] if user_id != facts["maker"]]
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
