"""What a person types behind `/reviews`, from the signed form to what they ask for.

Fields as on https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs

from pydantic import TypeAdapter, ValidationError

from bot.reviews.action_request import Actor
from bot.reviews.typed_text import cleaned
from bot.slack.messages.buttons import session_id
from bot.slack.requests.payloads import SlackId, request_id

MAX_FIELDS = 50
NAME = "/reviews"
_NUMBER = re.compile(r"#[0-9]{1,18}", re.ASCII)
"""A review's number; without the sign it looks like any id."""


class Word(StrEnum):
    """What can be asked for."""

    MINE = "mine"
    OPEN = "open"
    NEXT = "next"
    STATS = "stats"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Asked:
    """A person asks for a word's answer, or about a review (its session id or number) or a subject (its id).

    `request_id` identifies the command.
    """

    actor: Actor
    about: Word | str
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
    """Read a request with this right signature; None where no one is named. Never raises."""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    form = {name: values[-1] for name, values in fields.items()}
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
    return _asked(
        actor, cleaned(form.get("text", "")), request_id("command", form.get("trigger_id"), signature)
    )


def _asked(actor: Actor, text: str, request_id_: str) -> Asked | Misspelt:
    if not text:
        return Asked(actor, Word.MINE)
    for word in Word:
        if text.lower() == word:
            return Asked(actor, word, request_id_)
    reference = text.strip("`")
    if _NUMBER.fullmatch(reference):
        return Asked(actor, reference)
    session = session_id(reference)
    # A single word without a digit or a dash is a typing error rather than an id.
    looks_like_id = session is not None and any(character.isdigit() for character in session)
    return Asked(actor, session) if session is not None and looks_like_id else Misspelt(actor, text)
