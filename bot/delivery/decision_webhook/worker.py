"""The decision webhook's worker, separate from Slack's: its own lane, calls and circuit breaker.

A receiver that stalls or is down holds up its own calls and no card.
"""

import asyncio
import random
import uuid
from collections.abc import Callable

import structlog
from structlog.contextvars import bound_contextvars

from bot.circuit_breaker import CircuitBreaker
from bot.clock import Clock
from bot.delivery.decision_webhook.message import body_of, message_id
from bot.delivery.decision_webhook.receiver import CALL_LIMIT_S, Answer, Receiver
from bot.delivery.decision_webhook.retry_policy import decide
from bot.delivery.turns import TurnTaker
from bot.outage_log import OutageLog
from bot.reviews.decision_update import DecisionUpdate
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import decision_webhook, leases
from bot.store.tables.deliveries import DECISIONS
from bot.store.tables.leases import Leased, LeaseRequest, NotShown, Shown

CALLS_AT_ONCE = 4
POLL_S = 1.0
TURN_S = 0.1
"""Turns are at least this far apart: no person waits for a decision webhook as they do for a card."""

START_LIMIT_S = 3.0
LEASE_S = START_LIMIT_S + CALL_LIMIT_S + 3.0
"""A process that takes over an expired lease does not find a call of the earlier one under way."""

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
"""Pauses of the circuit breaker while the receiver is down."""

_log = structlog.get_logger(__name__)


class DecisionWorker(TurnTaker):
    """Leases decisions that are due and sends them; `run` until `stop`. `woken` is set when one may have become due.

    `report` is given each attempt's kind, how it ended, and the seconds since the decision.
    """

    def __init__(
        self,
        woken: asyncio.Event,
        store: Store,
        receiver: Receiver,
        clock: Clock,
        report: Callable[[str, str, float], None],
    ) -> None:
        super().__init__(woken, TURN_S)
        self._store = store
        self._receiver = receiver
        self._clock = clock
        self._report = report
        self._circuit = CircuitBreaker(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._outage = OutageLog(_log, "decision_webhook_away", "decision_webhook_back")

    async def turn(self) -> float:
        """Start what can start now; returns how many seconds the next turn can wait."""
        due_at = await self._store.read(decision_webhook.next_due)
        now = self._clock()
        if due_at is None:
            return POLL_S
        starts_at = max(due_at, self._circuit.retry_at)
        if starts_at > now:
            return min(POLL_S, (starts_at - now) / 1000)
        free = self._circuit.allowed(CALLS_AT_ONCE - self.in_flight, self.in_flight, now)
        if free <= 0:
            # The end of a call wakes the worker.
            return POLL_S
        request = LeaseRequest(DECISIONS, None, free, uuid.uuid4().hex, now, now + int(LEASE_S * 1000))
        for delivery in await self._store.write(decision_webhook.lease, request):
            self._begin(self._attempt(delivery), f"decision-{delivery.id}")
        return TURN_S

    async def _attempt(self, delivery: Leased) -> None:
        """Send once and record how it ended; every log line names the delivery, its review and its session."""
        update = delivery.notification
        session_id = update.session_id if isinstance(update, DecisionUpdate) else None
        with bound_contextvars(
            delivery=delivery.id, kind=delivery.kind, review=delivery.review_id, session_id=session_id
        ):
            try:
                await self._send(delivery)
            except StoreUnavailable as error:
                # The lease runs out, then it is sent again under the same id.
                _log.warning("delivery_record_failed", error=str(error))

    async def _send(self, delivery: Leased) -> None:
        update = delivery.notification
        if not isinstance(update, DecisionUpdate):
            # An operator can requeue it once a version runs that can read it.
            await self._record_failure(delivery, Answer(None, "unreadable_notification"), held=True)
            return
        try:
            answer = await self._answer(delivery, update)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours counts as an attempt, so it ends and is seen
            _log.exception("delivery_crashed")
            answer = Answer(None, "bot_error")
        if answer is None:
            _log.warning("lease_lost")
            return
        if answer.is_away:
            self._outage.failed(error=answer.error)
            self._circuit.record_failure(self._clock(), answer.retry_after_s)
        else:
            self._outage.recovered()
            self._circuit.record_success()
        if answer.is_received:
            await self._record_success(delivery)
        else:
            await self._record_failure(delivery, answer)

    async def _answer(self, delivery: Leased, update: DecisionUpdate) -> Answer | None:
        """Send an update; None if the lease is too old to begin with."""
        review_id = delivery.review_id or 0
        seal = await self._store.read(
            lambda reading: decision_webhook.seal_of_change(reading, review_id, update.version)
        )
        now = self._clock()
        if now > delivery.leased_at + int(START_LIMIT_S * 1000):
            return None
        message = message_id(delivery.unique_key or f"delivery:{delivery.id}")
        return await self._receiver.send(message, body_of(update, seal), now)

    async def _record_success(self, delivery: Leased) -> None:
        now = self._clock()
        shown = Shown(delivery, None, None, delivery.wanted_version, now)
        if await self._store.write(leases.record_shown, shown):
            _log.info("delivery_succeeded", version=delivery.wanted_version)
        else:
            _log.warning("lease_lost")
        self._report(delivery.kind, "done", (now - delivery.wanted_at) / 1000)

    async def _record_failure(self, delivery: Leased, answer: Answer, *, held: bool = False) -> None:
        now = self._clock()
        age_s = (now - delivery.wanted_at) / 1000
        decision = decide(answer, delivery.attempts, age_s, random.random())  # noqa: S311 - spreads load
        held = held or decision.held
        # An outage has lines of its own.
        log = _log.debug if answer.is_away and not held else _log.warning
        log(
            "delivery_held" if held else "delivery_failed",
            error=answer.error,
            attempts=decision.attempts,
            retry_in_s=round(decision.retry_in_s, 1),
        )
        failure = NotShown(
            delivery,
            repost=False,
            due_at=now + int(decision.retry_in_s * 1000),
            attempts=decision.attempts,
            unresolved_since=None,
            last_error=answer.error,
            held_at=now if held else None,
            now=now,
        )
        if not await self._store.write(leases.record_not_shown, failure):
            _log.warning("lease_lost")
        self._report(delivery.kind, "held" if held else "away" if answer.is_away else "refused", age_s)
