"""All that Slack must get: the cards, and one-off messages, with leases, attempts and what is held."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.reviews.review import Review
from bot.store.transaction import Reading, Transaction

SOMEBODY_WAITS = 0
BACKGROUND = 1
URGENCIES = (SOMEBODY_WAITS, BACKGROUND)
"""What somebody waits for goes before the backlog."""

UPDATES = "update"
PRIVATE = "private"
OPERATIONS = "post:operations"


def posts(queue: str) -> str:
    """The lane of the queue's new cards. Deliveries of one lane share one pace."""
    return f"post:{queue}"


class Kind(StrEnum):
    """What a delivery is."""

    CARD = "card"
    PRIVATE_NOTE = "private_note"
    OPERATIONS_NOTICE = "operations_notice"


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that this process alone may send until `lease_ends_at`; times are milliseconds.

    `unresolved_since` equals `leased_at` where this lease begins a post; an earlier time means that an earlier
    attempt never told how it ended, so Slack must be looked at before anything is posted again.
    """

    id: int
    kind: Kind
    review_id: int | None
    unique_key: str | None
    lane: str
    urgency: int
    channel: str | None
    recipient: str | None
    arguments: Mapping[str, Any]
    message_ts: str | None
    wanted_version: int
    wanted_at: int
    attempts: int
    unresolved_since: int | None
    lease_token: str
    leased_at: int
    lease_ends_at: int

    @property
    def is_unresolved(self) -> bool:
        """Whether an earlier attempt may have left a message in Slack that we do not know of."""
        return self.unresolved_since is not None and self.unresolved_since < self.leased_at


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Ask for at most `limit` deliveries of a lane, until `lease_ends_at`; the token is the proof of the lease.

    `channel` is where the lane's new messages go, None where each delivery knows its own.
    """

    lane: str
    channel: str | None
    limit: int
    lease_token: str
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Slack has the delivery: where, and which version it shows."""

    delivery: Leased
    channel: str | None
    message_ts: str | None
    version: int
    now: int


@dataclass(frozen=True, slots=True)
class NotShown:
    """Slack does not have it, or nobody knows; `held_at` is set when an operator has to look.

    `repost` says that the message is gone from Slack and has to be posted anew.
    """

    delivery: Leased
    repost: bool
    due_at: int
    attempts: int
    unresolved_since: int | None
    last_error: str
    held_at: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """The holder of a lease begins a new attempt at `now` and needs it until `lease_ends_at` (milliseconds)."""

    delivery: Leased
    now: int
    lease_ends_at: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nobody needs the delivery any more."""

    delivery: Leased
    last_error: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What Slack has not got yet; `oldest_at` in milliseconds."""

    pending: int
    oldest_at: int | None
    held: int


def want_cards(transaction: Transaction, reviews: Sequence[Review], now: int, urgency: int) -> None:
    """The cards of these reviews shall show their newest version."""
    rows = [
        {
            "review_id": review.id,
            "lane": posts(review.queue),
            "urgency": urgency,
            "version": review.version,
            "now": now,
        }
        for review in reviews
    ]
    if rows:
        transaction.sql.want_card(transaction.connection, rows)


def tell_person(
    transaction: Transaction, channel: str, person: str, facts: Mapping[str, object], now: int
) -> None:
    """Tell one person something in a channel that only they can see."""
    _want_message(
        transaction,
        kind=Kind.PRIVATE_NOTE,
        lane=PRIVATE,
        urgency=SOMEBODY_WAITS,
        channel=channel,
        recipient=person,
        arguments=facts,
        now=now,
    )


def tell_operations(transaction: Transaction, what: str, facts: Mapping[str, object], now: int) -> None:
    """Tell the operations channel that something needs a person; at most once an hour for each kind of thing."""
    hour = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H")
    _want_message(
        transaction,
        kind=Kind.OPERATIONS_NOTICE,
        unique_key=f"{what}:{hour}",
        lane=OPERATIONS,
        urgency=BACKGROUND,
        arguments={"what": what} | dict(facts),
        now=now,
    )


def _want_message(  # noqa: PLR0913 - the columns of one row
    transaction: Transaction,
    *,
    kind: Kind,
    lane: str,
    urgency: int,
    arguments: Mapping[str, object],
    now: int,
    unique_key: str | None = None,
    channel: str | None = None,
    recipient: str | None = None,
) -> None:
    row = {
        "kind": kind,
        "review_id": None,
        "unique_key": unique_key,
        "lane": lane,
        "urgency": urgency,
        "channel": channel,
        "recipient": recipient,
        "arguments": json.dumps(arguments, ensure_ascii=False),
        "now": now,
    }
    transaction.sql.want_message(transaction.connection, [row])


def lease(transaction: Transaction, requests: Sequence[LeaseRequest]) -> Sequence[list[Leased]]:
    """Take what is due in each lane, what somebody waits for first."""
    return [_lease(transaction, request) for request in requests]


def _lease(transaction: Transaction, request: LeaseRequest) -> list[Leased]:
    leased: list[Leased] = []
    for urgency in URGENCIES:
        rows = transaction.sql.lease_deliveries(
            transaction.connection,
            lane=request.lane,
            channel=request.channel,
            urgency=urgency,
            limit=request.limit - len(leased),
            lease_token=request.lease_token,
            lease_ends_at=request.lease_ends_at,
            now=request.now,
        )
        found = [_leased(row, request) for row in rows]
        leased += sorted(found, key=lambda delivery: (delivery.wanted_at, delivery.id))
    return leased


def _leased(row: Any, request: LeaseRequest) -> Leased:  # noqa: ANN401 - a driver's row
    values = dict(row)
    values["kind"] = Kind(values["kind"])
    values["arguments"] = json.loads(values["arguments"])
    return Leased(
        **values,
        lease_token=request.lease_token,
        leased_at=request.now,
        lease_ends_at=request.lease_ends_at,
    )


def record_shown(transaction: Transaction, results: Sequence[Shown]) -> Sequence[bool]:
    """Note what Slack has; false where the lease was lost, and nothing was noted."""
    return [_record_shown(transaction, result) for result in results]


def _record_shown(transaction: Transaction, result: Shown) -> bool:
    delivery = result.delivery
    recorded = transaction.sql.record_shown(
        transaction.connection,
        id=delivery.id,
        lease_token=delivery.lease_token,
        channel=result.channel,
        message_ts=result.message_ts,
        lane=UPDATES if delivery.kind is Kind.CARD else delivery.lane,
        version=result.version,
        now=result.now,
    )
    return bool(recorded)


def record_not_shown(transaction: Transaction, results: Sequence[NotShown]) -> Sequence[bool]:
    """Note when to try again, or that it is held and the operations channel shall know; false for a lost lease."""
    return [_record_not_shown(transaction, result) for result in results]


def _record_not_shown(transaction: Transaction, result: NotShown) -> bool:
    delivery = result.delivery
    recorded = transaction.sql.record_not_shown(
        transaction.connection,
        id=delivery.id,
        lease_token=delivery.lease_token,
        repost=int(result.repost),
        due_at=result.due_at,
        attempts=result.attempts,
        unresolved_since=result.unresolved_since,
        last_error=result.last_error,
        held_at=result.held_at,
    )
    if recorded and result.held_at is not None and delivery.kind is not Kind.OPERATIONS_NOTICE:
        # A notice about a notice that cannot be delivered would only be the next one to be held.
        facts = {"error": result.last_error, "lane": delivery.lane}
        tell_operations(transaction, f"held:{result.last_error}", facts, result.now)
    return bool(recorded)


def renew(transaction: Transaction, renewals: Sequence[Renewal]) -> Sequence[bool]:
    """Lengthen leases for new attempts; false where the lease was lost, and nothing may be sent any more."""
    return [
        bool(
            transaction.sql.renew_lease(
                transaction.connection,
                id=renewal.delivery.id,
                lease_token=renewal.delivery.lease_token,
                now=renewal.now,
                lease_ends_at=renewal.lease_ends_at,
            )
        )
        for renewal in renewals
    ]


def give_up(transaction: Transaction, given_up: Sequence[GivenUp]) -> Sequence[bool]:
    """Stop trying for good; false where the lease was lost."""
    return [
        bool(
            transaction.sql.give_up(
                transaction.connection,
                id=item.delivery.id,
                lease_token=item.delivery.lease_token,
                last_error=item.last_error,
            )
        )
        for item in given_up
    ]


async def next_due(reading: Reading, lanes: Sequence[str]) -> dict[str, int]:
    """When each lane's next delivery may be tried (milliseconds); lanes with nothing pending are left out."""
    due: dict[str, int] = {}
    for lane in lanes:
        for urgency in URGENCIES:
            at = await reading.sql.next_due(reading.connection, lane=lane, urgency=urgency)
            if at is not None:
                due[lane] = min(at, due.get(lane, at))
    return due


async def backlog(reading: Reading) -> Backlog:
    """Counts of what waits and what is held."""
    row = await reading.sql.backlog(reading.connection)
    return Backlog(pending=row["pending"], oldest_at=row["oldest_at"], held=row["held"])
