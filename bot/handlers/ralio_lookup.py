"""Lookups in Ralio's API beside the webhooks: why a session is in review, and whether a verdict was missed.

A card never waits for them. A missed verdict is recorded as an ordinary event whose id names the change of state, so a
repeated lookup, or a webhook that arrives later, changes nothing. The documented API covers sessions of users only, not
those of related parties.
"""

import asyncio
import secrets
from random import random

import structlog

from bot.clock import Clock
from bot.handlers import ralio_event
from bot.handlers.save_change import save_change
from bot.outage_log import OutageLog
from bot.ralio.api.answers import StateChange
from bot.ralio.api.client import CALL_LIMIT_S, CREDENTIALS_WAIT_S, RalioApi
from bot.ralio.api.errors import ApiAway, ApiProblem, ApiRefused, CredentialsRefused
from bot.ralio.events import SESSION_STATES
from bot.reviews.review import MAX_SKEW_MS, Review, SessionEvent, SessionState, Status
from bot.reviews.session_events import with_checks
from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import lookups, reviews
from bot.store.tables.lookups import (
    ChecksFound,
    Lookup,
    LookupKind,
    LookupRequest,
    LookupResult,
    Plan,
    VerdictFound,
)

POLL_S = 1.0
VERDICT_EVERY_S = 900.0
IN_FLIGHT = 4
LEASE_S = 6 * CALL_LIMIT_S
"""Longer than a lookup takes, including a login and a renewal."""

FIRST_BACKOFF_S = 15.0
LONGEST_BACKOFF_S = 900.0
REFUSED_ATTEMPTS = 5
"""The API can list a session late; after this many attempts its checks are given up."""

_EVENT_TYPES = {state: type_ for type_, state in SESSION_STATES.items()}

_log = structlog.get_logger(__name__)


class RalioLookups:
    """Runs the lookups that are due, a few at a time, beside any number of other instances."""

    def __init__(self, store: Store, api: RalioApi, clock: Clock) -> None:
        self._store = store
        self._api = api
        self._clock = clock

    async def run(self) -> None:
        """Run until cancelled."""
        await self._api.try_login()
        outage = OutageLog(_log, "ralio_lookups_paused", "ralio_lookups_resumed")
        while True:
            try:
                await self._plan()
                while await self._run_some():
                    pass
            except StoreUnavailable as error:
                outage.failed(reason=error.reason, error=str(error))
            else:
                outage.recovered()
            await asyncio.sleep(POLL_S)

    async def _plan(self) -> None:
        planned = 1
        while planned and await self._store.read(lookups.is_unplanned):
            planned = await self._store.write(lookups.plan, Plan(self._clock(), int(VERDICT_EVERY_S * 1000)))

    async def _run_some(self) -> bool:
        """Run some of the due lookups; returns whether there can be more."""
        now = self._clock()
        if now < self._api.ready_at:
            return False
        if not await self._store.read(lambda reading: lookups.is_due(reading, now)):
            return False
        request = LookupRequest(IN_FLIGHT, secrets.token_hex(8), now, now + int(LEASE_S * 1000))
        leased = await self._store.write(lookups.lease, request)
        await asyncio.gather(*(self._look_up(lookup) for lookup in leased))
        return bool(leased)

    async def _look_up(self, lookup: Lookup) -> None:
        try:
            review = await self._store.read(lambda reading: reviews.by_id(reading, lookup.review_id))
        except LookupError:
            return  # it was just purged, and the lookup with it
        if review.status is Status.CLOSED or review.subject_id is None:
            await self._store.write(lookups.end, LookupResult(lookup, due_at=None))
            return
        try:
            match lookup.kind:
                case LookupKind.CHECKS:
                    await self._look_up_checks(lookup, review, review.subject_id)
                case LookupKind.VERDICT:
                    await self._look_up_verdict(lookup, review, review.subject_id)
        except ApiProblem as problem:
            # The client logs an outage, once.
            log = _log.debug if isinstance(problem, ApiAway) else _log.warning
            log(
                "ralio_lookup_failed",
                lookup=lookup.kind.value,
                session_id=review.session_id,
                error=problem.reason,
            )
            await self._store.write(lookups.end, self._retry(lookup, problem))

    async def _look_up_checks(self, lookup: Lookup, review: Review, user_id: str) -> None:
        checks = await self._api.refused_checks(user_id, review.session_id)
        found = ChecksFound(lookup, review.session_id, checks, self._clock())
        await self._store.write(record_checks, found)

    async def _look_up_verdict(self, lookup: Lookup, review: Review, user_id: str) -> None:
        changes = await self._changes(user_id, review.session_id)
        now = self._clock()
        event = missed_verdict(review, changes, now)
        due_at = now + int(VERDICT_EVERY_S * 1000)
        if event is None:
            await self._store.write(lookups.end, LookupResult(lookup, due_at))
            return
        found = VerdictFound(lookup, event, due_at)
        if await self._store.write(record_verdict, found):
            _log.info("missed_verdict_recorded", session_id=event.session_id, session_state=event.state.value)

    async def _changes(self, user_id: str, session_id: str) -> tuple[StateChange, ...]:
        """Return the session's history; if Ralio refuses it, its state in the list of the user's sessions."""
        try:
            return await self._api.state_history(user_id, session_id)
        except ApiRefused:
            async for session in self._api.sessions(user_id):
                if session.id == session_id:
                    return (StateChange(str(session.changed_at), session.state, session.changed_at),)
            raise

    def _retry(self, lookup: Lookup, problem: ApiProblem) -> LookupResult:
        wait_s = retry_in_s(lookup.kind, problem, lookup.attempts, random())  # noqa: S311 - it spreads the load
        due_at = None if wait_s is None else self._clock() + int(wait_s * 1000)
        # Refused credentials are not this lookup's fault.
        attempts = lookup.attempts if isinstance(problem, CredentialsRefused) else lookup.attempts + 1
        return LookupResult(lookup, due_at, attempts, problem.reason)


def retry_in_s(kind: LookupKind, problem: ApiProblem, attempts: int, random: float) -> float | None:
    """Return when to repeat a failed lookup (seconds), given the failed `attempts` before it; None for never.

    `random` in [0, 1) keeps lookups from coming all at once.
    """
    backoff_s = min(FIRST_BACKOFF_S * 2.0 ** min(attempts, 16), LONGEST_BACKOFF_S) * (0.5 + random / 2)
    match problem:
        case CredentialsRefused():
            return CREDENTIALS_WAIT_S
        case ApiAway():
            return max(backoff_s, problem.retry_after_s)
        case ApiRefused() if kind is LookupKind.CHECKS and attempts + 1 >= REFUSED_ATTEMPTS:
            return None
        case _:
            return backoff_s


def missed_verdict(review: Review, changes: tuple[StateChange, ...], now: int) -> SessionEvent | None:
    """Return the verdict in the newest change of state (oldest first), unless the review knows it already."""
    if not changes:
        return None
    newest = changes[-1]
    if newest.state is None or newest.state is SessionState.REVIEW:
        return None
    if newest.at < review.session_event_at:
        # Usually Ralio's API has not caught up with the newest event. A verdict shortly before it, after a review, can
        # also mean that a clock was ahead: record it, so operators learn that it was dropped.
        is_close = newest.at >= review.session_event_at - MAX_SKEW_MS
        if not is_close or all(change.state is not SessionState.REVIEW for change in changes[:-1]):
            return None
    return SessionEvent(
        event_id=f"catch-up:{review.session_id}:{newest.id}",
        occurred_at=newest.at,
        session_id=review.session_id,
        state=newest.state,
        entity_type=review.entity_type,
        subject_id=review.subject_id,
        type=_EVENT_TYPES[newest.state],
        received_at=now,
    )


def record_checks(transaction: Transaction, found: ChecksFound) -> bool:
    """Show the refused checks on the card; false if the lease was lost or the review moved on."""
    if not lookups.end(transaction, LookupResult(found.lookup, due_at=None)):
        return False
    review = reviews.load(transaction, [found.session_id])[found.session_id]
    if review.opened_at != found.lookup.opened_at:
        return False
    change = with_checks(review, found.checks, found.now, transaction.queues)
    if change is not None:
        save_change(transaction, review, change)
    return True


def record_verdict(transaction: Transaction, found: VerdictFound) -> bool:
    """Record a missed verdict as if its webhook had arrived now; false if the lease was lost."""
    if not lookups.end(transaction, LookupResult(found.lookup, found.due_at)):
        return False
    ralio_event.receive(transaction, [found.event])
    return True
