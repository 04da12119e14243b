"""Renders reminders, at the moment they are sent, from what is overdue then and who can do something about it."""

import asyncio
from collections.abc import Collection, Mapping

from bot.clock import Clock
from bot.delivery.removal import Removal
from bot.reviews.mentions import candidates, who_can_act
from bot.reviews.permissions import Membership
from bot.reviews.policy import policy_of
from bot.reviews.reminders import LEADS, OverdueInQueue, OverdueReminder
from bot.slack.api.client import Message
from bot.slack.api.users import UserDirectory
from bot.slack.messages.overdue import Shown, nothing_overdue, overdue_claims, overdue_in_queue
from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import reminders
from bot.store.tables.leases import Leased
from bot.store.tables.reminders import Overdue, Posted

LOOKUP_LIMIT_S = 1.0
"""A reminder waits no longer than this to learn who people are; the next attempt uses answers that came later."""


class ReminderRenderer:
    """Turns reminders into messages."""

    def __init__(self, store: Store, directory: UserDirectory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def render(self, delivery: Leased, reminder: OverdueReminder, key: str) -> Message | Removal | None:
        """The message as it should be now; None if it is no longer worth posting."""
        now = self._clock()

        async def query(reading: Reading) -> tuple[Overdue, Posted]:
            found = await reminders.overdue(reading, reminder, now)
            return found, await reminders.posted(reading, reminder, delivery.id)

        overdue, posted = await self._store.read(query)
        is_posted = delivery.message_ts is not None
        if is_posted and not posted.is_newest:
            return Removal(nothing_overdue(key, reminder, is_replaced=True))
        if not overdue.total:
            return nothing_overdue(key, reminder) if is_posted else None
        if not is_posted and posted.is_followed:
            return None
        if isinstance(reminder, OverdueInQueue):
            return await self._in_queue(key, reminder, overdue, is_posted=is_posted)
        return overdue_claims(key, reminder, overdue, Shown(self._directory.workspace_url))

    async def _in_queue(
        self, key: str, reminder: OverdueInQueue, overdue: Overdue, *, is_posted: bool
    ) -> Message | None:
        audiences = [each for each in reminder.audiences if overdue.concerns(each)]
        if not audiences and not is_posted:
            return None
        roster = policy_of(reminder.queue, await self._directory.policies()).roster
        reviews = [each.review for each in overdue.listed]
        named = {person for each in reviews for person in (each.claimed_by, each.decided_by) if person}
        memberships = await self._memberships(candidates(roster) | named)
        # Again, because the answers about people say who is away.
        roster = policy_of(reminder.queue, await self._directory.policies()).roster
        escalated = [each.review for each in overdue.for_leads]
        mentioned = {
            each: who_can_act(escalated if each == LEADS else reviews, roster, memberships, each)
            for each in audiences
        }
        gone = {person for person, each in memberships.items() if each is Membership.DEACTIVATED}
        shown = Shown(self._directory.workspace_url, gone, roster.away)
        return overdue_in_queue(key, reminder.queue, overdue, mentioned, shown)

    async def _memberships(self, people: Collection[str]) -> Mapping[str, Membership]:
        """Who these people are, as far as Slack answers in time."""
        found: dict[str, Membership] = {}

        async def ask(person: str) -> None:
            found[person] = await self._directory.membership(person)

        tasks = [asyncio.create_task(ask(person)) for person in sorted(people)]
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=LOOKUP_LIMIT_S)
            for task in unfinished:
                task.cancel()
        return found
