"""What the local Slack remembers: people, channels, messages and views."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]

TEAM_ID = "T0LOCAL001"
TEAM_NAME = "Compliance Team"
TEAM_DOMAIN = "local-slack"
OTHER_TEAM_ID = "T0OTHER001"
APP_ID = "A0LOCAL001"
BOT_ID = "B0LOCAL001"
BOT_USER_ID = "U0LOCALBOT"
SLACKBOT_ID = "USLACKBOT"


@dataclass(slots=True)
class Person:
    """A person in the workspace: a member, a guest, or by `team_id` a person of another organisation.

    `color` is that of the avatar; `status_expiration` is in seconds, 0 for a status that stays. A person of another
    organisation who is in none of the channels that the app sees is a stranger to Slack (https://docs.slack.dev/reference/objects/user-object).
    """

    id: str
    name: str
    handle: str
    color: str = "#5b6b82"
    team_id: str = TEAM_ID
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0


@dataclass(slots=True)
class Message:
    """One message; with `ephemeral_to` it is a note that only this person sees."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    ephemeral_to: str | None = None
    edited_count: int = 0
    edited_ts: str | None = None

    @property
    def session_id(self) -> str | None:
        """The session that a card is about, by its metadata; None for a reply or anything else."""
        if self.thread_ts is not None or self.metadata is None:
            return None
        session_id = self.metadata.get("event_payload", {}).get("session_id")
        return session_id if isinstance(session_id, str) else None


@dataclass(slots=True)
class Channel:
    """A channel, or with `im_user` the direct messages between the bot and that person.

    One that `is_ext_shared` is shared with another organisation. `messages` is in the order of their `ts`; `threads`
    are the replies to a message, so no one has to scan the whole channel for them.
    """

    id: str
    name: str
    archived: bool = False
    bot_is_member: bool = True
    is_ext_shared: bool = False
    is_private: bool = False
    members: list[str] = field(default_factory=list)
    im_user: str | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, dict[str, Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Store a message; its `ts` is newer than every other."""
        self.messages[message.ts] = message
        if message.thread_ts is not None:
            self.threads.setdefault(message.thread_ts, {})[message.ts] = message

    def remove(self, message: Message) -> None:
        """Forget a message and the replies to it."""
        for reply in self.threads.pop(message.ts, {}).values():
            del self.messages[reply.ts]
        del self.messages[message.ts]
        if message.thread_ts in self.threads:
            del self.threads[message.thread_ts][message.ts]


@dataclass(slots=True)
class UserGroup:
    """A named group of people, such as the reviewers."""

    id: str
    name: str
    handle: str
    users: list[str]


@dataclass(slots=True)
class View:
    """A modal or a person's home tab; `body` is what the bot sent, `errors` what it refused, by block id."""

    id: str
    type: Literal["modal", "home"]
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
