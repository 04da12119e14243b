"""Lookups in Ralio's API: what is due, leased and finished.

A lookup is a row with `due_at`, leased like a delivery: only one of several instances asks, and if it dies, the row
becomes due again by itself. An answer is recorded in the transaction that ends the lookup.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.reviews.checks import Check
from bot.reviews.review import SessionEvent
from bot.store.engine.transaction import Reading, Transaction

PLAN_PAGE = 500


class LookupKind(StrEnum):
    """What is asked about a review."""

    CHECKS = "checks"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan the missing lookups at `now`; verdicts are looked up every `every_ms` (both milliseconds)."""

    now: int
    every_ms: int


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """Lease at most `limit` lookups until `lease_ends_at` (milliseconds); the token proves the lease."""

    limit: int
    lease_token: str
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """A leased lookup; `opened_at` is the review's, `attempts` counts the failures in a row."""

    id: int
    review_id: int
    kind: LookupKind
    opened_at: int
    attempts: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class LookupResult:
    """How a lookup ended: due again at `due_at` (milliseconds), or never; `last_error` is a code."""

    lookup: Lookup
    due_at: int | None
    attempts: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class ChecksFound:
    """The refused checks of a session at `now` (milliseconds)."""

    lookup: Lookup
    session_id: str
    checks: tuple[Check, ...]
    now: int


@dataclass(frozen=True, slots=True)
class VerdictFound:
    """A verdict that no webhook reported; fetched again at `due_at` (milliseconds) unless it closes the review."""

    lookup: Lookup
    event: SessionEvent
    due_at: int


async def is_unplanned(reading: Reading) -> bool:
    """Whether there is something to plan."""
    return bool((await reading.sql.unplanned_lookups(reading.connection))["found"])


async def is_due(reading: Reading, now: int) -> bool:
    """Whether a lookup is due."""
    return bool((await reading.sql.due_lookups(reading.connection, now=now))["found"])


def plan(transaction: Transaction, order: Plan) -> int:
    """Plan the lookups of a page of reviews that have none; returns how many lookups it added."""
    added = transaction.sql.plan_lookups(
        transaction.connection, now=order.now, every_ms=order.every_ms, page=PLAN_PAGE
    )
    return int(added)


def lease(transaction: Transaction, request: LookupRequest) -> list[Lookup]:
    """Lease what is due, oldest first."""
    rows = transaction.sql.lease_lookups(
        transaction.connection,
        lease_token=request.lease_token,
        lease_ends_at=request.lease_ends_at,
        now=request.now,
        page=request.limit,
    )
    return [
        Lookup(**dict(row) | {"kind": LookupKind(row["kind"])}, lease_token=request.lease_token)
        for row in rows
    ]


def end(transaction: Transaction, result: LookupResult) -> bool:
    """Record when to ask again; false if the lease was lost, and then nothing is recorded."""
    recorded = transaction.sql.end_lookup(
        transaction.connection,
        id=result.lookup.id,
        lease_token=result.lookup.lease_token,
        due_at=result.due_at,
        attempts=result.attempts,
        last_error=result.last_error,
    )
    return bool(recorded)
