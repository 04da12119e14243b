"""`events` and `events replay`: the inbox and the quarantine."""

import asyncio
import sys
from collections.abc import Mapping

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.output import print_rows
from bot.cli.parameters import ROW_ID, json_option, require_id_or_all
from bot.clock import iso
from bot.handlers.replay import Replay, Replayed, ReplayResult
from bot.reviews.audit.entry import Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import Policy
from bot.settings.environment import read_event_settings, read_file_settings, read_store_settings
from bot.store.store import database_at, reading
from bot.store.tables import events as events_table
from bot.store.tables.events import InboxRow
from bot.web.admin_commands import REPLAY


@click.group(invoke_without_command=True)
@click.option("--quarantined", is_flag=True, help="Only what could not be understood.")
@json_option
@click.pass_context
@report_errors
def events(context: click.Context, *, quarantined: bool, as_json: bool) -> None:
    """List the events that Ralio sent; `replay` reads quarantined ones again."""
    if context.invoked_subcommand is None:
        url = read_store_settings().database_url.get_secret_value()
        asyncio.run(print_events(url, quarantined=quarantined, as_json=as_json))


@events.command()
@click.argument("row_id", metavar="ID", type=ROW_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All that is quarantined.")
@report_errors
def replay(row_id: int | None, *, everything: bool) -> None:
    """Read quarantined events again, after an upgrade that understands more; beside a running server, too."""
    require_id_or_all(row_id, everything=everything)
    settings, queues = read_event_settings(), read_file_settings().rules()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(replay_events(url, settings.audit_keys, queues, settings.decision_sharing, row_id)):
        sys.exit(1)


async def print_events(url: str, *, quarantined: bool, as_json: bool) -> None:
    """Print the inbox or the quarantine, oldest first, without request bodies."""
    async with reading(url) as connection:
        rows = events_table.inbox(connection, quarantined=quarantined)
        await print_rows(rows, event_object, event_line, as_json=as_json)


def event_object(row: InboxRow) -> dict[str, object]:
    """Return an event as `events --json` prints it."""
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


def event_line(row: InboxRow) -> str:
    """Return an event as `events` prints it for people."""
    what = f"session {row.session_id or '-'}" if row.error is None else f"quarantined: {row.error}"
    return f"{row.id}  {iso(row.received_at)}  {row.type}  {what}"


async def replay_events(
    url: str, keys: Keys, queues: Mapping[str, Policy], sharing: DecisionSharing, row_id: int | None
) -> bool:
    """Read one quarantined event again, or all, and print the result of each.

    `keys` seal the audit entries, `queues` are the policies of the queues and `sharing` is what the decision webhook
    gets, as for an event that arrives by webhook. Returns False if an event stays in the quarantine or `row_id` is not
    in it.
    """
    results: dict[ReplayResult, int] = dict.fromkeys(ReplayResult, 0)
    request: Replay | None = Replay(row_id)
    async with open_admin_client(database_at(url), keys, queues, sharing) as client:
        while request is not None:
            page = await client.run(REPLAY, request)
            for row in page.rows:
                results[row.fate] += 1
                click.echo(
                    replayed_line(row), err=row.fate in (ReplayResult.STAYS, ReplayResult.NOT_QUARANTINED)
                )
            request = None if page.next_after is None else Replay(None, page.next_after)
    click.echo(
        f"{results[ReplayResult.RECORDED]} recorded, {results[ReplayResult.DUPLICATE]} known already, "
        f"{results[ReplayResult.NOT_NEEDED]} not needed, {results[ReplayResult.STAYS]} still in the quarantine"
    )
    return not results[ReplayResult.STAYS] and not (
        row_id is not None and results[ReplayResult.NOT_QUARANTINED]
    )


def replayed_line(row: Replayed) -> str:
    """Return the result of replaying one event as `events replay` prints it."""
    match row.fate:
        case ReplayResult.RECORDED:
            return f"{row.id}  recorded"
        case ReplayResult.DUPLICATE:
            return f"{row.id}  known already: the same event came again since"
        case ReplayResult.NOT_NEEDED:
            return f"{row.id}  not needed: of a type that the bot does not use"
        case ReplayResult.STAYS:
            return f"{row.id}  stays in the quarantine: {row.problem}"
        case ReplayResult.NOT_QUARANTINED:
            return f"{row.id}  is not in the quarantine: see 'python -m bot events --quarantined'"
