"""An instance stalls and another one takes over: the first sends nothing more."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from bot.delivery.attempt import Attempts
from bot.delivery.find_posted import ChannelSearch
from bot.delivery.render import Renderer
from bot.delivery.retry_policy import LEASE_S, START_LIMIT_S
from bot.handlers import ralio_event
from bot.reviews.review import EntityType, SessionEvent, SessionState
from bot.settings.file import BotFile
from bot.slack.api.client import open_slack_client
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.store import Store, open_store
from bot.store.tables import leases
from bot.store.tables.deliveries import posts
from bot.store.tables.leases import Leased, LeaseRequest
from tests.support.bot import MovableClock
from tests.support.look import look_into
from tests.support.slack import TOKEN, USER_CHANNEL, LocalSlack

POST, HISTORY = "chat.postMessage", "conversations.history"


@dataclass(frozen=True, slots=True)
class _Instance:
    """What sends, without the delivery worker, so that a test decides when it stalls."""

    store: Store
    attempts: Attempts
    clock: MovableClock

    async def lease(self, token: str) -> Leased:
        """Take the one card that there is."""
        now = self.clock()
        request = LeaseRequest(posts("user"), USER_CHANNEL, 10, token, now, now + int(LEASE_S * 1000))
        (leased,) = await self.store.write(leases.lease, request)
        return leased


@pytest.fixture
async def instance(database_url: str, slack: LocalSlack) -> AsyncIterator[_Instance]:
    """An instance with a card to post."""
    clock = MovableClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(database_url, clock(), lambda: None))
        slack_client = await stack.enter_async_context(
            open_slack_client(slack.api_url, TOKEN, 1_000.0, clock)
        )
        search, health = ChannelSearch(slack_client, clock), SlackHealth(slack_client, [])
        directory = UserDirectory(slack_client, clock, BotFile().rules())
        renderer = Renderer(store, slack_client, directory, clock, "")
        attempts = Attempts(store, slack_client, search, health, renderer, clock)
        event = SessionEvent(
            "e-1",
            clock(),
            "s-1",
            SessionState.REVIEW,
            entity_type=EntityType.USER,
            subject_id="u-1",
            type="kyc_session_manual_review",
            received_at=clock(),
        )
        await store.write_batched(ralio_event.receive, event)
        yield _Instance(store, attempts, clock)


@pytest.mark.leaves_undelivered("the lease is still held by nobody who is there")
async def test_a_lease_that_is_old_sends_nothing(
    instance: _Instance, slack: LocalSlack, database_url: str
) -> None:
    """Three seconds after it was taken a call could outlast it: nothing is sent, nothing is noted."""
    leased = await instance.lease("stalled")
    before = look_into(database_url, "SELECT * FROM deliveries")
    instance.clock.advance(START_LIMIT_S + 0.1)
    ended = await instance.attempts.attempt(leased, 0.0)
    assert ended.kind is None
    assert await slack.calls(POST) == []
    assert look_into(database_url, "SELECT * FROM deliveries") == before


async def test_who_is_in_time_sends(instance: _Instance, slack: LocalSlack) -> None:
    """A short pause does no harm."""
    leased = await instance.lease("in time")
    instance.clock.advance(START_LIMIT_S / 3)
    await instance.attempts.attempt(leased, 0.0)
    assert len(await slack.messages(USER_CHANNEL)) == 1


async def test_who_was_overtaken_while_looking_does_not_post(instance: _Instance, slack: LocalSlack) -> None:
    """The look found nothing, yet meanwhile another instance holds the lease and has posted."""
    await instance.lease("gone")
    instance.clock.advance(LEASE_S + 1)
    stalled = await instance.lease("stalled")
    instance.clock.advance(LEASE_S + 1)
    other = await instance.lease("other")
    assert stalled.is_unresolved
    await instance.attempts.attempt(other, 0.0)
    ended = await instance.attempts.attempt(stalled, 0.0)
    assert ended.kind is None
    assert len(await slack.calls(POST)) == 1
    assert await slack.calls(HISTORY)


@pytest.mark.leaves_undelivered("the lease belongs to another instance, which is not there")
async def test_who_was_overtaken_does_not_send_the_plain_form(instance: _Instance, slack: LocalSlack) -> None:
    """Slack refused the payload when the lease had gone to somebody else: the second call is not made."""
    overtaken = dataclasses.replace(await instance.lease("another"), lease_token="mine")
    await slack.fault(POST, "error", error="invalid_blocks", count=1)
    ended = await instance.attempts.attempt(overtaken, 0.0)
    assert ended.kind is None
    assert len(await slack.calls(POST)) == 1
