"""What is told in the thread under a card: it mentions whom it concerns, so that Slack tells them. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, PlainTextObject, SectionBlock

from bot.reviews.notifications import Topic
from bot.reviews.review import Disagreement, SessionState, Status
from bot.slack.api.client import Message
from bot.slack.messages.metadata import metadata
from bot.slack.messages.mrkdwn import VERDICTS, code, escaped, moment, one_line, people, person

FALLBACK_WORDS_LENGTH = 500


def thread_note(key: str, facts: Mapping[str, Any]) -> Message:
    """An announcement; what a person typed stands below it as it was typed."""
    text, words = _text(facts), facts["words"]
    text = text[0].upper() + text[1:]
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=text))]
    if words:
        blocks.append(SectionBlock(text=PlainTextObject(text=words, emoji=False)))
    said = f" {escaped(one_line(words, FALLBACK_WORDS_LENGTH))}" if words else ""
    return Message(text=f"{text}{said}", blocks=[block.to_dict() for block in blocks], metadata=metadata(key))


def _text(facts: Mapping[str, Any]) -> str:
    text = _told(facts)
    mentioned = f"{people(facts['to'])}: " if facts["to"] else ""
    return f"{mentioned}{text}{':' if facts['words'] else '.'}"


_DONE_BY_PEOPLE: Mapping[Topic, str] = MappingProxyType(
    {
        Topic.TAKEN_OVER: "has taken this review over from you",
        Topic.RELEASED: "has released this review, which you had claimed",
        Topic.ESCALATED: "asks the leads for help with this review",
        Topic.SENT_BACK: "has sent your decision back",
        Topic.REOPENED: "has reopened this review, which was decided",
    }
)


def _told(facts: Mapping[str, Any]) -> str:
    topic = Topic(facts["topic"])
    if topic in _DONE_BY_PEOPLE:
        return f"{person(facts['by'] or '')} {_DONE_BY_PEOPLE[topic]}"
    match topic:
        case Topic.REASSIGNED:
            return (
                f"{person(facts['by'] or '')} has reassigned this review to {person(facts['holder'] or '')}"
            )
        case Topic.CLOSED:
            return f"Ralio says that the session is {_verdict(facts)}: the review is closed"
        case Topic.DISAGREES:
            return _disagreement(facts)
        case Topic.REMIND_QUEUE if facts["status"] == Status.PROPOSED:
            return f"this decision still waits for a second person{_due(facts)}"
        case Topic.REMIND_QUEUE:
            return f"nobody has claimed this review yet{_due(facts)}"
        case Topic.REMIND_LEADS:
            return f"this review needs you, it is {_plain_status(facts)}{_due(facts)}"
        case Topic.RELEASED_FOR_SILENCE:
            return "your claim was released, for nothing was heard of it; anybody may claim the review now"
        case other:
            raise ValueError(f"{other} is told in a direct message")


def _verdict(facts: Mapping[str, Any]) -> str:
    return VERDICTS[SessionState(facts["session_state"])]


def _disagreement(facts: Mapping[str, Any]) -> str:
    if facts["disagreement"] == Disagreement.UNDECIDED:
        return f"Ralio says that the session is {_verdict(facts)}, and nobody had decided it here"
    return (
        f"Ralio says that the session is {_verdict(facts)}, which contradicts what was decided here "
        f"({code(str(facts['outcome']))})"
    )


def _plain_status(facts: Mapping[str, Any]) -> str:
    holder = f" by {person(facts['holder'])}" if facts["holder"] else ""
    return f"{facts['status']}{holder}"


def _due(facts: Mapping[str, Any]) -> str:
    return f"; it was due {moment(facts['due_at'])}" if facts["due_at"] else ""
