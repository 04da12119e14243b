"""What Slack reports on `/slack/events` (https://docs.slack.dev/reference/events)."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.reviews.action_request import Actor
from bot.slack.requests.payloads import SlackId


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack checks the address and wants to hear this back."""

    text: str


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """A person opened the app's home tab."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """Anything else; `what` is its type."""

    what: str


def read_event(body: bytes) -> Challenge | HomeOpened | OtherEvent:
    """Read a request whose signature is right; never raises."""
    try:
        outer = _Outer.model_validate_json(body)
    except ValidationError:
        return OtherEvent("unreadable")
    if outer.type == "url_verification" and outer.challenge is not None:
        return Challenge(outer.challenge)
    event = outer.event
    if event.type == "app_home_opened" and event.tab in ("", "home") and event.user is not None:
        return HomeOpened(Actor(event.user, workspace_id=outer.team_id, app_id=outer.api_app_id))
    return OtherEvent(event.type or outer.type)


def _none_as_empty(value: object) -> object:
    return {} if value is None else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Inner(_Part):
    type: Annotated[str, Field(max_length=100)] = ""
    tab: Annotated[str, Field(max_length=20)] = ""
    user: SlackId | None = None


class _Outer(_Part):
    type: Annotated[str, Field(max_length=100)] = ""
    challenge: str | None = Field(None, max_length=1_000)
    team_id: Annotated[Any, BeforeValidator(lambda value: value if isinstance(value, str) else "")] = ""
    api_app_id: Annotated[Any, BeforeValidator(lambda value: value if isinstance(value, str) else "")] = ""
    event: Annotated[_Inner, BeforeValidator(_none_as_empty)] = _Inner()
