"""What a person types after `/reviews`, from the signed form to what they request.

Fields as on https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from bot.reviews.action_request import Actor
from bot.reviews.typed_text import cleaned
from bot.slack.messages.buttons import session_id
from bot.slack.requests.payloads import SlackId, form_fields, request_id

MAX_FIELDS = 50
NAME = "/reviews"

_NUMBER = re.compile(r"#?([0-9]{1,18})", re.ASCII)
_LINK = re.compile(r"https?://\S+?/archives/([CGD][A-Z0-9_]{1,40})/p([0-9]{10})([0-9]{6})(\S*)", re.ASCII)
_THREAD = re.compile(r"[?&]thread_ts=([0-9]{10}\.[0-9]{6})", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_NUMBER_IN_TEXT = re.compile(r"(?<![\w#])#([0-9]{1,18})(?!\w)", re.ASCII)
_LABEL = re.compile(
    r"(?:(?:user|related[ -]party)\s+)?(?:reviews?|sessions?|subjects?|user|related[ -]party|id|number|no\.?)"
    r"(?:\s+(?:id|number|no\.?))?(?:\s*[:=]\s*(?=\S)|\s+(?=\S)|(?=#))",
    re.IGNORECASE,
)
"""What comes before an id or a number on cards, in tickets and in what people say."""

_AROUND = " \t\n\"'`<>()[],;:!?\u00ab\u00bb\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a"
"""Characters that come along when an id is copied: quotes of all kinds, brackets, ticks, punctuation."""


class Word(StrEnum):
    """What can be asked for."""

    MINE = "mine"
    OPEN = "open"
    OVERDUE = "overdue"
    TEAM = "team"
    NEXT = "next"
    STATS = "stats"
    HELP = "help"


_WORDS = {word.value: word for word in Word}


@dataclass(frozen=True, slots=True)
class CardLink:
    """A person asks about the review whose card is this message."""

    channel: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asks for what a word lists, or about a review (its session id, number or card) or a subject (its id).

    `request_id` identifies the command.
    """

    actor: Actor
    about: Word | CardLink | str
    request_id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A person typed something else."""

    actor: Actor
    text: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Slack only checks the address (`ssl_check`)."""


def is_ssl_check(body: bytes) -> bool:
    """Whether Slack only checks the address; such a request is not signed. Nothing is decoded."""
    return b"ssl_check=1" in body.split(b"&")


def read_command(body: bytes, signature: str = "") -> Asked | Misspelt | Probe | None:
    """Read a request with this valid signature; None if no one is named. Never raises."""
    try:
        form = dict(form_fields(body, MAX_FIELDS))
    except ValueError:
        return None
    if form.get("ssl_check") == "1":
        return Probe()
    try:
        person = TypeAdapter(SlackId).validate_python(form.get("user_id"))
    except ValidationError:
        return None
    actor = Actor(
        person,
        workspace_id=form.get("team_id", ""),
        enterprise_id=form.get("enterprise_id", ""),
        app_id=form.get("api_app_id", ""),
    )
    typed = cleaned(form.get("text", ""))
    about = _about(typed)
    if about is None:
        return Misspelt(actor, typed)
    return Asked(actor, about, request_id("command", form.get("trigger_id"), signature))


def _about(text: str) -> Word | CardLink | str | None:
    """What a typed or pasted text requests; None if that is unclear."""
    if not text:
        return Word.MINE
    if (link := _LINK.search(text)) is not None:
        channel, seconds, fraction, rest = link.groups()
        thread = _THREAD.search(rest)
        return CardLink(channel, thread[1] if thread else f"{seconds}.{fraction}")
    bare = _bare(text)
    if (word := _WORDS.get(bare.lower())) is not None:
        return word
    return _reference(_bare(_LABEL.sub("", bare, count=1)) if _LABEL.match(bare) else bare)


def _reference(text: str) -> str | None:
    """An id or a number, also in the midst of other words where its form makes it certain."""
    if (number := _NUMBER.fullmatch(text)) is not None:
        return text if text.startswith("#") else number[1]
    session = session_id(text)
    # A single word without a digit or a dash is a typing error rather than an id.
    if session is not None and any(character.isdigit() for character in session):
        return session
    for pattern in (_UUID, _NUMBER_IN_TEXT):
        found = {match[0].lower() for match in pattern.finditer(text)}
        if len(found) == 1:
            return found.pop()
    return None


def _bare(text: str) -> str:
    """The text without what surrounds it when it is copied: quotes, brackets, ticks, a stop at the end."""
    return text.strip(_AROUND).rstrip(f".…{_AROUND}").strip(_AROUND)
