"""The state of the local Slack, and the few ways in which it changes."""

import itertools
import secrets

from bot.demo.changes import Changes
from bot.demo.defaults import default_channels, default_groups, default_people, made_up_person
from bot.demo.records import BOT_USER_ID, Channel, Json, Message, Person, UserGroup, View
from bot.demo.timestamps import Timestamps
from bot.demo.triggers import Triggers
from bot.demo.web_api.scopes import ALL_SCOPES


class Workspace:
    """People, channels with their messages, user groups, home tabs, open modals, and what the bot's token allows.

    After changing a record in place, call `changed`, which wakes the open pages.
    """

    def __init__(self, changes: Changes, timestamps: Timestamps) -> None:
        self.people: dict[str, Person] = {person.id: person for person in default_people()}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in default_channels()}
        self.groups: dict[str, UserGroup] = {group.id: group for group in default_groups()}
        self.homes: dict[str, View] = {}
        self.modals: dict[str, list[View]] = {}
        self.scopes: list[str] = list(ALL_SCOPES)
        self.enterprise_id: str = ""
        self.triggers = Triggers()
        self.timestamps = timestamps
        self._changes = changes
        self._numbers = itertools.count(1)
        for channel in self.channels.values():
            channel.members = list(self.people)

    def changed(self) -> None:
        """Make the open pages read the state again."""
        self._changes.publish()

    def new_id(self, prefix: str) -> str:
        """Return an unused id in Slack's shape, such as `V000000012`."""
        return f"{prefix}{next(self._numbers):09d}"

    def add_message(self, message: Message) -> Message:
        """Store a message or note in its channel."""
        self.channels[message.channel].add(message)
        self.changed()
        return message

    def remove_message(self, message: Message) -> None:
        """Forget a message and its thread's replies."""
        self.channels[message.channel].remove(message)
        self.changed()

    def add_person(self, person: Person) -> Person:
        """Let a person in, to every channel."""
        self.people[person.id] = person
        for channel in self.channels.values():
            if channel.im_user is None and person.id not in channel.members:
                channel.members.append(person.id)
        self.changed()
        return person

    def add_made_up_person(self) -> Person:
        """Add a person with a made-up name."""
        return self.add_person(made_up_person(len(self.people)))

    def direct_channel(self, user: str) -> Channel:
        """Return the direct messages between the bot and a person, opening them when needed."""
        channel_id = f"D{user[1:]}"
        channel = self.channels.get(channel_id)
        if channel is None:
            members = [user, BOT_USER_ID]
            channel = Channel(channel_id, self.people[user].handle, members=members, im_user=user)
            self.channels[channel_id] = channel
            self.changed()
        return channel

    def new_view(self, user: str, body: Json, *, previous: View | None = None) -> View:
        """Return a view that is not shown yet; `previous` is the modal it is pushed onto."""
        view_id = self.new_id("V")
        return View(
            id=view_id,
            type="home" if body["type"] == "home" else "modal",
            user=user,
            body=body,
            hash=self.new_hash(),
            root_view_id=previous.root_view_id if previous else view_id,
            previous_view_id=previous.id if previous else None,
        )

    def new_hash(self) -> str:
        """Return a hash that distinguishes one version of a view from the next."""
        return f"{self.timestamps.next().partition('.')[0]}.{secrets.token_hex(4)}"

    def find_view(self, view_id: str) -> View | None:
        """Return an open modal or a home tab by its id."""
        modals = itertools.chain.from_iterable(self.modals.values())
        return next((v for v in itertools.chain(modals, self.homes.values()) if v.id == view_id), None)
