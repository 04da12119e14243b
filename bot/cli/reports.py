"""`reviews`, `events` and `deliveries`: what the database holds, a line each, read beside a running server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import click

from bot.clock import iso
from bot.reviews.review import Status
from bot.store.store import reading
from bot.store.tables import deliveries, events, reviews
from bot.store.tables.deliveries import Undelivered
from bot.store.tables.events import InboxRow
from bot.store.tables.reviews import ListedReview


async def print_reviews(url: str, status: Status | None, *, disagreeing: bool, as_json: bool) -> None:
    """Every review of this status, or of these the ones whose verdict does not fit, oldest first."""
    async with reading(url) as connection:
        rows = reviews.listing(connection, status, disagreeing=disagreeing)
        await _print(rows, review_object, _review_line, as_json=as_json)


async def print_events(url: str, *, quarantined: bool, as_json: bool) -> None:
    """The inbox or the quarantine, oldest first; bodies are never printed."""
    async with reading(url) as connection:
        rows = events.inbox(connection, quarantined=quarantined)
        await _print(rows, event_object, _event_line, as_json=as_json)


async def print_deliveries(url: str, *, held: bool, as_json: bool) -> None:
    """What Slack has not got yet, or of that what is held, oldest first; messages are never printed."""
    async with reading(url) as connection:
        rows = deliveries.undelivered(connection, held=held)
        await _print(rows, delivery_object, _delivery_line, as_json=as_json)


async def _print(rows: AsyncIterator[Any], to_object: Any, to_line: Any, *, as_json: bool) -> None:  # noqa: ANN401
    empty = True
    async for row in rows:
        empty = False
        shown = to_object(row)
        click.echo(json.dumps(shown, ensure_ascii=False) if as_json else to_line(shown))
    if empty and not as_json:
        click.echo("nothing to show", err=True)


def review_object(listed: ListedReview) -> dict[str, Any]:
    """A review as `reviews --json` prints it."""
    review = listed.review
    return {
        "session_id": review.session_id,
        "entity_type": review.entity_type,
        "subject_id": review.subject_id,
        "queue": review.queue,
        "session_state": review.session_state,
        "status": review.status,
        "claimed_by": review.claimed_by,
        "claimed_at": iso(review.claimed_at),
        "outcome": review.outcome,
        "reason": review.reason,
        "note": review.note,
        "decided_by": review.decided_by,
        "decided_at": iso(review.decided_at),
        "confirmed_by": review.confirmed_by,
        "opened_at": iso(review.opened_at),
        "due_at": iso(review.due_at),
        "channel": listed.channel,
        "message_ts": listed.message_ts,
        "version": review.version,
    }


def event_object(row: InboxRow) -> dict[str, Any]:
    """An event as `events --json` prints it."""
    return {
        "id": row.id,
        "event_id": row.event_id,
        "type": row.type,
        "session_id": row.session_id,
        "occurred_at": iso(row.occurred_at),
        "received_at": iso(row.received_at),
        "quarantined": row.error is not None,
        "error": row.error,
    }


def delivery_object(row: Undelivered) -> dict[str, Any]:
    """A delivery as `deliveries --json` prints it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": "held" if row.held_at is not None else "leased" if row.leased else "pending",
        "session_id": row.session_id,
        "lane": row.lane,
        "channel": row.channel,
        "recipient": row.recipient,
        "attempts": row.attempts,
        "wanted_version": row.wanted_version,
        "shown_version": row.shown_version,
        "due_at": iso(row.due_at),
        "held_at": iso(row.held_at),
        "last_error": row.last_error,
    }


def _review_line(review: dict[str, Any]) -> str:
    holder = f" by {review['claimed_by']}" if review["claimed_by"] else ""
    state = f"{review['status']}{holder}"
    columns = [
        f"{review['queue']:<13}",
        f"{state:<24}",
        f"{review['session_state']:<8}",
        review["opened_at"] or "-",
    ]
    if review["outcome"]:
        columns.append(f"{review['outcome']} by {review['decided_by']}")
    return "  ".join([review["session_id"], *columns])


def _event_line(event: dict[str, Any]) -> str:
    session = f"session {event['session_id'] or '-'}"
    what = f"quarantined: {event['error']}" if event["quarantined"] else session
    return f"{event['id']}  {event['received_at']}  {event['type']}  {what}"


def _delivery_line(delivery: dict[str, Any]) -> str:
    when = f"since {delivery['held_at']}" if delivery["held_at"] else f"due {delivery['due_at']}"
    columns = [
        f"{delivery['state']:<7} {when}",
        f"{delivery['kind']:<17}",
        f"session {delivery['session_id'] or '-'}",
        f"channel {delivery['channel'] or '-'}",
        f"attempts {delivery['attempts']}",
        delivery["last_error"] or "-",
    ]
    return "  ".join([str(delivery["id"]), *columns])
