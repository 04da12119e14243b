"""`events` and its commands `show`, `replay` and `discard`: the inbox and the quarantine."""

import asyncio
import sys
from collections.abc import Mapping

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.os_user import os_user
from bot.cli.output import json_line, print_rows
from bot.cli.parameters import (
    ROW_ID,
    json_option,
    require_id_or_all,
    required_by_option,
    required_reason_option,
)
from bot.clock import iso
from bot.handlers.discard import Discard
from bot.handlers.replay import Replay, Replayed, ReplayResult
from bot.reviews.audit.entry import Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import Policy
from bot.settings.environment import read_event_settings, read_file_settings, read_store_settings
from bot.store.store import database_at, reading
from bot.store.tables import events as events_table
from bot.store.tables.events import InboxRow, ShownEvent
from bot.web.admin_commands import DISCARD_EVENT, REPLAY


@click.group(invoke_without_command=True)
@click.option("--quarantined", is_flag=True, help="Only events that couldn't be read.")
@json_option
@click.pass_context
@report_errors
def events(context: click.Context, *, quarantined: bool, as_json: bool) -> None:
    """List the events received from Ralio; `show`, `replay` or `discard` quarantined ones."""
    if context.invoked_subcommand is None:
        url = read_store_settings().database_url.get_secret_value()
        asyncio.run(print_events(url, quarantined=quarantined, as_json=as_json))


@events.command()
@click.argument("row_id", metavar="ID", type=ROW_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All quarantined events.")
@report_errors
def replay(row_id: int | None, *, everything: bool) -> None:
    """Process quarantined events again, for example after an upgrade; the server can keep running."""
    require_id_or_all(row_id, everything=everything)
    settings, queues = read_event_settings(), read_file_settings().rules()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(replay_events(url, settings.audit_keys, queues, settings.decision_sharing, row_id)):
        sys.exit(1)


@events.command()
@click.argument("row_id", metavar="ID", type=ROW_ID)
@json_option
@report_errors
def show(row_id: int, *, as_json: bool) -> None:
    """Print an event and, while it is quarantined, its raw body, which can contain personal data."""
    url = read_store_settings().database_url.get_secret_value()
    if not asyncio.run(print_event(url, row_id, as_json=as_json)):
        sys.exit(1)


@events.command()
@click.argument("row_id", metavar="ID", type=ROW_ID)
@required_by_option
@required_reason_option
@report_errors
def discard(row_id: int, by: str, reason: str) -> None:
    """Remove a quarantined event and its raw body, and record who did it and why; the server can keep running."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(discard_quarantined(url, settings.audit_keys, Discard(row_id, by, reason, os_user()))):
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


async def print_event(url: str, row_id: int, *, as_json: bool) -> bool:
    """Print one event with its raw body, if that is there; return False if there is no such event."""
    async with reading(url) as connection:
        shown = await events_table.show(connection, row_id)
    if shown is None:
        click.echo(f"there is no event {row_id}: see 'python -m bot events'", err=True)
        return False
    if as_json:
        body = None if shown.body is None else shown.body.decode(errors="backslashreplace")
        click.echo(json_line(event_object(shown.row) | {"body": body, "body_size": shown.body_size}))
    else:
        click.echo(event_line(shown.row))
        click.echo(body_text(shown))
    return True


def body_text(shown: ShownEvent) -> str:
    """Return the raw body as `events show` prints it, without characters that could act on a terminal."""
    if shown.body is not None:
        text = shown.body.decode(errors="backslashreplace")
        return "".join(each if each.isprintable() or each in "\n\t" else _escaped(each) for each in text)
    if shown.row.error is not None:
        return f"(its body of {shown.body_size} bytes wasn't kept because the quarantine was full)"
    return "(no body: only quarantined events keep theirs)"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


async def discard_quarantined(url: str, keys: Keys, request: Discard) -> bool:
    """Remove an event from the quarantine; return False if it is not there."""
    async with open_admin_client(database_at(url), keys) as client:
        discarded = await client.run(DISCARD_EVENT, request)
    if not discarded.is_done:
        click.echo(_not_quarantined(request.id), err=True)
        return False
    click.echo(f"discarded event {request.id} and its body")
    return True


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
        f"{results[ReplayResult.RECORDED]} recorded, {results[ReplayResult.DUPLICATE]} duplicate, "
        f"{results[ReplayResult.NOT_NEEDED]} not needed, {results[ReplayResult.STAYS]} still quarantined"
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
            return f"{row.id}  duplicate: the same event has arrived again since"
        case ReplayResult.NOT_NEEDED:
            return f"{row.id}  not needed: the bot doesn't use events of this type"
        case ReplayResult.STAYS:
            return f"{row.id}  still quarantined: {row.problem}"
        case ReplayResult.NOT_QUARANTINED:
            return _not_quarantined(row.id)


def _not_quarantined(row_id: int) -> str:
    return f"{row_id}  isn't quarantined: see 'python -m bot events --quarantined'"
