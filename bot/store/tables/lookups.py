"""What Ralio's API is still to be asked, and what its answers do to the database.

A lookup is a row with `due_at`, leased like a delivery: of several instances one asks, and one that dies in between
leaves a row that becomes due by itself. An answer is recorded in the transaction that ends the lookup.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.reviews.review import Check, SessionEvent
from bot.store.engine.transaction import Reading, Transaction

PLAN_PAGE = 500


class LookupKind(StrEnum):
    """What is asked about a review."""

    CHECKS = "checks"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan at `now` what is missing; verdicts are asked for every so often (milliseconds)."""

    now: int
    every_ms: int


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """Ask for at most `limit` lookups until `lease_ends_at` (milliseconds); the token is the proof of the lease."""

    limit: int
    lease_token: str
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """Something that this process alone may ask now; `opened_at` is the review's, `attempts` failed in a row."""

    id: int
    review_id: int
    kind: LookupKind
    opened_at: int
    attempts: int
    lease_token: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A lookup is over: due again at `due_at` (milliseconds), or never; `last_error` is a word."""

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
    """Whether there is something to ask now."""
    return bool((await reading.sql.due_lookups(reading.connection, now=now))["found"])


def plan(transaction: Transaction, order: Plan) -> int:
    """Plan the lookups of a page of reviews that have none; returns how many lookups it added."""
    added = transaction.sql.plan_lookups(
        transaction.connection, now=order.now, every_ms=order.every_ms, page=PLAN_PAGE
    )
    return int(added)


def lease(transaction: Transaction, request: LookupRequest) -> list[Lookup]:
    """Take what is due, oldest first."""
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


def end(transaction: Transaction, ended: Ended) -> bool:
    """Record when to ask again; false if the lease was lost, and then nothing is recorded."""
    recorded = transaction.sql.end_lookup(
        transaction.connection,
        id=ended.lookup.id,
        lease_token=ended.lookup.lease_token,
        due_at=ended.due_at,
        attempts=ended.attempts,
        last_error=ended.last_error,
    )
    return bool(recorded)
