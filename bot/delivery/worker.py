"""The worker: makes Slack show what the database says, once each and at Slack's pace.

A turn finds the lanes that can send and have something due, leases as much as they can send, and starts the attempts.
Every commit and every finished attempt wakes it; it also polls.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Mapping

import structlog

from bot.circuit_breaker import CircuitBreaker
from bot.clock import Clock
from bot.delivery import rate_limit
from bot.delivery.attempt import AttemptResult, Attempts
from bot.delivery.retry_policy import LEASE_S
from bot.delivery.turns import TurnTaker
from bot.slack.api.call_results import ResultKind
from bot.slack.api.health import SlackHealth
from bot.store.engine.transaction import Reading
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import deliveries, leases
from bot.store.tables.leases import Leased, LeaseRequest

POLL_S = 1.0
TURN_S = 0.02
"""Turns are at least this far apart: under load many commits then share one."""

IN_FLIGHT_PER_LANE = 10
"""A slow Slack then holds up ten calls of a lane, and no other lane."""

_log = structlog.get_logger(__name__)


class DeliveryWorker(TurnTaker):
    """Leases what is due and sends it; `run` until `stop`. `woken` is set when something may have become due."""

    def __init__(
        self,
        woken: asyncio.Event,
        store: Store,
        attempts: Attempts,
        health: SlackHealth,
        clock: Clock,
        channels: Mapping[str, str],
        posts_per_second: float,
    ) -> None:
        super().__init__(woken, TURN_S)
        self._store = store
        self._attempts = attempts
        self._health = health
        self._clock = clock
        self._channels = channels
        self._buckets = _buckets(channels, posts_per_second, clock())
        self._circuits = {lane: _circuit(lane) for lane in self._buckets}
        self._in_flight: Counter[str] = Counter()
        self._sending: dict[int, Leased | None] = {}
        """By the ids of what is being sent: the lease that was taken meanwhile, because the clock was set forward."""

    async def turn(self) -> float:
        """Start what can start now; returns how many seconds the next turn can wait."""
        if self._health.token_refused:
            return POLL_S
        due = await self._store.read(self._next_due)
        now = self._clock()
        requests = [
            self._request(lane, limit, now)
            for lane in self._buckets
            if lane in due and (limit := self._reserve(lane, due[lane], now))
        ]
        found = await asyncio.gather(*(self._store.write(leases.lease, request) for request in requests))
        for request, leased in zip(requests, found, strict=True):
            self._buckets[request.lane].take(now, len(leased) - request.limit)
            for delivery in leased:
                self._start(delivery)
        return min([POLL_S, *(self._wait_s(lane, at) for lane, at in due.items())])

    async def _next_due(self, reading: Reading) -> dict[str, int]:
        return await leases.next_due(reading, list(self._buckets))

    def _reserve(self, lane: str, due_at: int, now: int) -> int:
        """How many calls the lane can start now; they are taken at once, because another lane can share the bucket."""
        if due_at > now:
            return 0
        in_flight = self._in_flight[lane]
        free = min(self._buckets[lane].available(now), IN_FLIGHT_PER_LANE - in_flight)
        free = self._circuits[lane].allowed(free, in_flight, now)
        self._buckets[lane].take(now, free)
        return free

    def _wait_s(self, lane: str, due_at: int) -> float:
        now = self._clock()
        circuit = self._circuits[lane]
        most = 1 if circuit.is_open else IN_FLIGHT_PER_LANE
        if self._in_flight[lane] >= most:
            # The end of a call wakes the worker.
            return POLL_S
        begins_at = max(due_at, self._buckets[lane].opens_at(now), circuit.retry_at)
        return max(0.001, (begins_at - now) / 1000)

    def _request(self, lane: str, limit: int, now: int) -> LeaseRequest:
        return LeaseRequest(
            lane=lane,
            channel=self._channels.get(lane),
            limit=limit,
            lease_token=uuid.uuid4().hex,
            now=now,
            lease_ends_at=now + int(LEASE_S * 1000),
        )

    def _start(self, delivery: Leased) -> None:
        if delivery.id in self._sending:
            _log.warning("delivery_still_sending", delivery=delivery.id)
            self._sending[delivery.id] = delivery
            return
        self._in_flight[delivery.lane] += 1
        self._sending[delivery.id] = None

        def ended() -> None:
            self._in_flight[delivery.lane] -= 1
            leased_again = self._sending.pop(delivery.id)
            if leased_again is not None and not self._stopping:
                self._start(leased_again)  # finds out in Slack how this attempt ended

        self._begin(self._send(delivery), f"delivery-{delivery.id}", ended)

    async def _send(self, delivery: Leased) -> None:
        try:
            ended = await self._attempts.attempt(delivery, random.random())  # noqa: S311 - spreads load
        except StoreUnavailable as error:
            # The end of the attempt could not be noted: the lease runs out, then Slack is looked at.
            _log.warning("delivery_record_failed", delivery=delivery.id, error=str(error))
        else:
            self._learn(delivery.lane, ended)

    def _learn(self, lane: str, ended: AttemptResult) -> None:
        """What the end of an attempt says about the lane's next calls."""
        now = self._clock()
        # One call was paid for when the delivery was leased.
        self._buckets[lane].take(now, ended.calls - 1)
        self._buckets[lane].close(ended.wait_until)
        if ended.kind in (ResultKind.UNKNOWN, ResultKind.AWAY):
            self._circuits[lane].record_failure(now)
        elif ended.kind is not None:
            self._circuits[lane].record_success()


def _circuit(lane: str) -> CircuitBreaker:
    is_awaited = lane in (deliveries.UPDATES, deliveries.PRIVATE, deliveries.HOMES)
    longest_pause_s = rate_limit.LONGEST_PAUSE_FOR_PEOPLE_S if is_awaited else rate_limit.LONGEST_PAUSE_S
    return CircuitBreaker(rate_limit.FIRST_PAUSE_S, longest_pause_s)


def _buckets(channels: Mapping[str, str], posts_per_second: float, now: int) -> dict[str, rate_limit.Bucket]:
    """A bucket for each lane, in the order in which a turn serves them; queues that share a channel share its pace.

    Home tabs come last: a click changes its card first, and many home tabs with it.
    """

    def bucket(per_second: float, burst: int) -> rate_limit.Bucket:
        return rate_limit.bucket(per_second, burst, posts_per_second, now)

    def posts() -> rate_limit.Bucket:
        return bucket(1.0, rate_limit.POST_BURST)

    by_channel = {channel: posts() for channel in channels.values()}
    return {
        deliveries.PRIVATE: bucket(rate_limit.PRIVATE_PER_SECOND, rate_limit.PRIVATE_BURST),
        deliveries.DIRECT: posts(),
        deliveries.UPDATES: bucket(rate_limit.UPDATES_PER_SECOND, rate_limit.UPDATE_BURST),
        # Even without an operations channel, its alerts must be taken out of the queue.
        deliveries.OPERATIONS: posts(),
        **{lane: by_channel[channel] for lane, channel in channels.items()},
        deliveries.HOMES: bucket(rate_limit.PRIVATE_PER_SECOND, rate_limit.PRIVATE_BURST),
    }
