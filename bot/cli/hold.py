"""`hold add`, `hold remove` and `hold list`: legal holds, which keep sessions from every purge."""

import asyncio
import sys
from dataclasses import replace

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.os_user import os_user
from bot.cli.output import json_line
from bot.cli.parameters import Reason, by_option, json_option, session_argument
from bot.cli.session_named import session_named
from bot.clock import iso
from bot.reviews.audit.entry import Keys
from bot.settings.environment import read_store_settings
from bot.store.store import database_at, reading
from bot.store.tables import legal_holds
from bot.store.tables.legal_holds import LiftHold, PlaceHold
from bot.web.admin_commands import LIFT_HOLD, PLACE_HOLD


@click.group()
def hold() -> None:
    """Place sessions on legal hold. No purge removes them."""


@hold.command()
@session_argument
@click.option(
    "--reason", type=Reason(), default="", help="The reason, kept in the record. Don't enter personal data."
)
@by_option
@report_errors
def add(session: str, reason: str, by: str) -> None:
    """Keep a session from being purged until the hold is removed."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(place_hold(url, settings.audit_keys, PlaceHold(session, reason, by, os_user()))):
        sys.exit(1)


@hold.command()
@session_argument
@by_option
@report_errors
def remove(session: str, by: str) -> None:
    """Remove the hold, so the session can be purged again."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(lift_hold(url, settings.audit_keys, LiftHold(session, by, os_user()))):
        sys.exit(1)


@hold.command("list")
@json_option
@report_errors
def list_(*, as_json: bool) -> None:
    """List the sessions on hold."""
    asyncio.run(print_holds(read_store_settings().database_url.get_secret_value(), as_json=as_json))


async def place_hold(url: str, keys: Keys, request: PlaceHold) -> bool:
    """Place a hold on a session, named by its id or its number; return False if there is no such session."""
    request = replace(request, session_id=await session_named(url, request.session_id))
    async with open_admin_client(database_at(url), keys) as client:
        answer = await client.run(PLACE_HOLD, request)
    result = "is on hold" if answer.changed else "was already on hold; the original reason is kept"
    return _print_result(request.session_id, result, known=answer.known)


async def lift_hold(url: str, keys: Keys, request: LiftHold) -> bool:
    """Lift the hold of a session, named by its id or its number; return False if there is no such session."""
    request = replace(request, session_id=await session_named(url, request.session_id))
    async with open_admin_client(database_at(url), keys) as client:
        answer = await client.run(LIFT_HOLD, request)
    result = "is no longer on hold" if answer.changed else "was not on hold"
    return _print_result(request.session_id, result, known=answer.known)


async def print_holds(url: str, *, as_json: bool) -> None:
    """Print every session on hold, the oldest hold first."""
    async with reading(url) as connection:
        found = await legal_holds.listing(connection)
    for each in found:
        shown = {
            "session_id": each.session_id,
            "number": each.number,
            "reason": each.reason,
            "placed_by": each.placed_by,
            "placed_at": iso(each.placed_at),
        }
        click.echo(json_line(shown) if as_json else "  ".join(map(str, shown.values())))
    if not found and not as_json:
        click.echo("nothing is on hold", err=True)


def _print_result(session_id: str, result: str, *, known: bool) -> bool:
    if not known:
        click.echo(f"there is no review of session {session_id}: check the id", err=True)
        return False
    click.echo(f"session {session_id} {result}")
    return True
