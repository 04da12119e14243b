"""The parts of Slack's interaction payloads that the bot reads, with their limits.

Pages: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and view-interactions-payload.
`message`, `state`, `view` and `channel` are optional; `team` is null in an organisation of workspaces.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from yarl import query_to_pairs

from bot.reviews.action_request import Actor
from bot.slack.messages.buttons import session_id

MAX_STATE_BLOCKS = 100

SlackId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,40}$")]


def _none_as_empty(value: object) -> object:
    return {} if value is None else value


def _none_as_blank(value: object) -> object:
    return "" if value is None else value


_OptionalText = Annotated[str, BeforeValidator(_none_as_blank), Field(max_length=255)]


def form_fields(body: bytes, most: int) -> list[tuple[str, str]]:
    """The fields of a form, in order; ValueError for more than `most`, or for bytes that are no text."""
    return query_to_pairs(body.decode("utf-8"), max_fields=most)


def request_id(what: str, trigger_id: str | None, signature: str) -> str:
    """What identifies a request of some kind, however often it is delivered: its trigger id, or else its signature."""
    identity = trigger_id or signature
    return f"{what}:{identity}" if identity else ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Person(_Part):
    id: SlackId
    team_id: _OptionalText = ""


class _Team(_Part):
    id: _OptionalText = ""
    enterprise_id: _OptionalText = ""


class _Named(_Part):
    id: _OptionalText = ""


class _Channel(_Part):
    id: SlackId


class _Container(_Part):
    channel_id: SlackId | None = None
    message_ts: _OptionalText = ""
    is_ephemeral: bool = False


class _Chosen(_Part):
    value: Annotated[str, Field(max_length=255)]


class Pressed(_Part):
    """One used element: a button with its value, or a menu with what was chosen."""

    action_id: Annotated[str, Field(max_length=255)]
    block_id: _OptionalText = ""
    action_ts: _OptionalText = ""
    value: Annotated[str, Field(max_length=2_000)] | None = None
    selected_option: _Chosen | None = None

    def chosen(self) -> str | None:
        """The value of the option that was chosen."""
        return self.selected_option.value if self.selected_option else None


class _State(_Part):
    values: Annotated[dict[str, dict[str, dict[str, Any]]], Field(max_length=MAX_STATE_BLOCKS)] = Field(
        default_factory=dict
    )


class ViewPart(_Part):
    """A form or home tab as it comes back."""

    id: _OptionalText = ""
    type: _OptionalText = ""
    hash: _OptionalText = ""
    callback_id: _OptionalText = ""
    private_metadata: Annotated[str, BeforeValidator(_none_as_blank), Field(max_length=3_000)] = ""
    state: Annotated[_State, BeforeValidator(_none_as_empty)] = Field(default_factory=_State)

    def values(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What was entered, by block and action id."""
        return self.state.values


class _Metadata(_Part):
    event_payload: Annotated[dict[str, Any], BeforeValidator(_none_as_empty)] = Field(default_factory=dict)


class _Message(_Part):
    metadata: Annotated[_Metadata, BeforeValidator(_none_as_empty)] = Field(default_factory=_Metadata)


class Interaction(_Part):
    """A payload of any type."""

    type: Annotated[str, Field(max_length=100)]
    user: _Person | None = None
    team: Annotated[_Team, BeforeValidator(_none_as_empty)] = Field(default_factory=_Team)
    enterprise: Annotated[_Named, BeforeValidator(_none_as_empty)] = Field(default_factory=_Named)
    api_app_id: _OptionalText = ""
    trigger_id: _OptionalText = ""
    channel: _Channel | None = None
    container: Annotated[_Container, BeforeValidator(_none_as_empty)] = Field(default_factory=_Container)
    message: Annotated[_Message, BeforeValidator(_none_as_empty)] = Field(default_factory=_Message)
    view: ViewPart | None = None
    actions: list[Pressed] = Field(default_factory=list, max_length=25)

    def actor(self) -> Actor | None:
        """Who sent it."""
        if self.user is None:
            return None
        return Actor(
            person=self.user.id,
            team_id=self.user.team_id,
            workspace_id=self.team.id,
            enterprise_id=self.enterprise.id or self.team.enterprise_id,
            app_id=self.api_app_id,
        )

    def channel_id(self) -> str | None:
        """Where the message is that was acted in."""
        return self.channel.id if self.channel else self.container.channel_id

    def message_ts(self) -> str | None:
        """The message that was acted on; None where Slack leaves it out, and for an ephemeral one."""
        return None if self.container.is_ephemeral else self.container.message_ts or None

    @property
    def is_at_home(self) -> bool:
        """Whether the person acted on their home tab."""
        return self.view is not None and self.view.type == "home"

    @property
    def is_in_list(self) -> bool:
        """Whether the person acted on a list that `/reviews` answered with, which never changes."""
        return self.container.is_ephemeral

    def session_of_message(self) -> str | None:
        """The session that the message's metadata names, if it is one of the bot's."""
        return session_id(self.message.metadata.event_payload.get("session_id"))
