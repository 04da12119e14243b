"""`deliveries`, `deliveries requeue` and `deliveries discard`: the outbox."""

import asyncio
import sys

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.os_user import os_user
from bot.cli.output import print_rows
from bot.cli.parameters import (
    ROW_ID,
    json_option,
    require_id_or_all,
    required_by_option,
    required_reason_option,
)
from bot.clock import iso
from bot.handlers.discard import Discard
from bot.handlers.requeue import Requeue
from bot.reviews.audit.entry import Keys
from bot.settings.environment import read_store_settings
from bot.store.store import database_at, reading
from bot.store.tables.deliveries import Kind
from bot.store.tables.undelivered import Undelivered, undelivered
from bot.web.admin_commands import DISCARD_DELIVERY, REQUEUE


@click.group(invoke_without_command=True)
@click.option("--held", is_flag=True, help="Only those that are held until an operator acts.")
@json_option
@click.pass_context
@report_errors
def deliveries(context: click.Context, *, held: bool, as_json: bool) -> None:
    """List messages and decisions that haven't been delivered yet; `requeue` or `discard` held ones."""
    if context.invoked_subcommand is None:
        url = read_store_settings().database_url.get_secret_value()
        asyncio.run(print_deliveries(url, held=held, as_json=as_json))


@deliveries.command()
@click.argument("delivery_id", metavar="ID", type=ROW_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All held deliveries.")
@report_errors
def requeue(delivery_id: int | None, *, everything: bool) -> None:
    """Send held deliveries again once the cause is fixed; the server can keep running."""
    require_id_or_all(delivery_id, everything=everything)
    url = read_store_settings().database_url.get_secret_value()
    if not asyncio.run(requeue_deliveries(url, delivery_id)):
        sys.exit(1)


@deliveries.command()
@click.argument("delivery_id", metavar="ID", type=ROW_ID)
@required_by_option
@required_reason_option
@report_errors
def discard(delivery_id: int, by: str, reason: str) -> None:
    """Give up a held delivery and record who did it and why; the server can keep running."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    request = Discard(delivery_id, by, reason, os_user())
    if not asyncio.run(discard_held_delivery(url, settings.audit_keys, request)):
        sys.exit(1)


async def print_deliveries(url: str, *, held: bool, as_json: bool) -> None:
    """Print what has not been delivered yet, or only what is held, oldest first, without message texts."""
    async with reading(url) as connection:
        rows = undelivered(connection, held=held)
        await print_rows(rows, delivery_object, delivery_line, as_json=as_json)


def delivery_object(row: Undelivered) -> dict[str, object]:
    """Return a delivery as `deliveries --json` prints it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": _state(row),
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


def delivery_line(row: Undelivered) -> str:
    """Return a delivery as `deliveries` prints it for people."""
    when = f"due {iso(row.due_at)}" if row.held_at is None else f"since {iso(row.held_at)}"
    columns = [
        str(row.id),
        f"{_state(row):<7} {when}",
        f"{row.kind:<17}",
        f"session {row.session_id or '-'}",
        f"channel {row.channel or '-'}",
        f"attempts {row.attempts}",
        row.last_error or "-",
    ]
    return "  ".join(columns)


def _state(row: Undelivered) -> str:
    if row.held_at is not None:
        return "held"
    return "leased" if row.leased else "pending"


async def requeue_deliveries(url: str, delivery_id: int | None) -> bool:
    """Make one held delivery due again, or all, and print how many; return False if `delivery_id` is not held."""
    async with open_admin_client(database_at(url)) as client:
        requeued = await client.run(REQUEUE, Requeue(delivery_id))
    if delivery_id is not None and not requeued.count:
        _report_not_held(delivery_id)
        return False
    click.echo(f"requeued {requeued.count} {'delivery' if requeued.count == 1 else 'deliveries'}")
    return True


async def discard_held_delivery(url: str, keys: Keys, request: Discard) -> bool:
    """Give up a held delivery and print what it was; return False if it is not held."""
    async with open_admin_client(database_at(url), keys) as client:
        discarded = await client.run(DISCARD_DELIVERY, request)
    if not discarded.is_done:
        _report_not_held(request.id)
        return False
    about = f" of session {discarded.session_id}" if discarded.session_id else ""
    then = "; the review's next change sends it again" if discarded.kind == Kind.CARD else ""
    click.echo(f"discarded delivery {request.id}, {discarded.kind}{about}{then}")
    return True


def _report_not_held(delivery_id: int) -> None:
    click.echo(f"there is no held delivery {delivery_id}: see 'python -m bot deliveries --held'", err=True)
