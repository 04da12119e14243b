"""What a signed interaction of Slack means: from the form's `payload` to a person's request on a review.

Payloads as on https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. Only what is needed is
read; unknown keys, and whatever else the app may receive, are left alone.
"""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.reviews.decide import Request
from bot.reviews.review import Action

ACTION_IDS = {"review_claim": Action.CLAIM, "review_release": Action.RELEASE}
"""The buttons' action ids and what each asks for; a button's value is the session id."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A person pressed a button of a card; `channel` is where they saw it."""

    session_id: str
    request: Request
    channel: str


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """A signed interaction that asks for nothing that the bot does."""

    what: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Signed, but not one of Slack's documented payloads; `problem` names the place, never a value."""

    problem: str


def read_interaction(body: bytes) -> ReviewRequest | NothingToDo | NotUnderstood:
    """Read the form of a request whose signature was found right; never raises."""
    try:
        fields = parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=20)
        (payload,) = fields["payload"]
    except (ValueError, KeyError):
        return NotUnderstood("the form has no single field payload")
    try:
        interaction = _Interaction.model_validate_json(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return NotUnderstood(f"payload.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}")
    if interaction.type != "block_actions":
        return NothingToDo(interaction.type)
    return _button(interaction)


def _button(interaction: "_Interaction") -> ReviewRequest | NothingToDo | NotUnderstood:
    if not interaction.actions:
        return NotUnderstood("payload.actions: empty")
    pressed = interaction.actions[0]
    action = ACTION_IDS.get(pressed.action_id)
    if action is None:
        return NothingToDo(pressed.action_id)
    if interaction.user is None or pressed.value is None:
        return NotUnderstood("payload: a button without a user or a value")
    channel = interaction.channel.id if interaction.channel else interaction.container.channel_id
    if channel is None:
        return NotUnderstood("payload.channel: missing")
    return ReviewRequest(pressed.value, Request(action, interaction.user.id), channel)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


_SlackId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,40}$")]
_SessionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]


class _Person(_Part):
    id: _SlackId


class _Channel(_Part):
    id: _SlackId


class _Container(_Part):
    channel_id: _SlackId | None = None


class _Pressed(_Part):
    action_id: str
    value: _SessionId | None = None


def _none_as_empty(value: object) -> object:
    return {} if value is None else value


class _Interaction(_Part):
    type: Annotated[str, Field(max_length=100)]
    user: _Person | None = None
    channel: _Channel | None = None
    container: Annotated[_Container, BeforeValidator(_none_as_empty)] = _Container()
    actions: list[_Pressed] = Field(default_factory=list, max_length=25)
