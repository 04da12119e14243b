"""`purge` and `hold add`, `hold remove`, `hold list`."""

import asyncio
import re
import sys

import click

from bot.cli.line_moment import Moment
from bot.cli.line_shared import explained, store_settings

LONGEST_REASON = 200


class Person(click.ParamType[str]):
    """A Slack user's id."""

    name = "user id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it, or say what it should look like."""
        if value != "operator" and not re.fullmatch(r"[UW][A-Z0-9_]{1,40}", str(value)):
            self.fail(f"{value!r} is not a Slack user's id such as U012AB3CD", param, ctx)
        return str(value)


by_option = click.option(
    "--by", type=Person(), default="operator", help="Your Slack user id, for the record."
)


@click.command()
@click.option("--before", type=Moment(), required=True, help="A date or time; what is newer stays.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@by_option
@explained
def purge(before: int, by: str, *, dry_run: bool) -> None:
    """Remove finished sessions with nothing newer than a date; beside a running server, too."""
    from bot.cli.retention import purge as purge_all
    from bot.handlers.retention import Purge

    settings = store_settings()
    url = settings.database_url.get_secret_value()
    asyncio.run(purge_all(url, settings.audit_keys, Purge(before, by, dry_run)))


@click.group()
def hold() -> None:
    """Keep sessions from every purge."""


@hold.command()
@click.argument("session_id")
@click.option("--reason", default="", help="For the record; no personal data.")
@by_option
@explained
def add(session_id: str, reason: str, by: str) -> None:
    """Keep a session until the hold is removed."""
    from bot.cli.retention import add_hold
    from bot.store.tables.legal_holds import PlaceHold

    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise click.BadParameter(f"one line of at most {LONGEST_REASON} characters", param_hint="--reason")
    settings = store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(add_hold(url, settings.audit_keys, PlaceHold(session_id, reason, by))):
        sys.exit(1)


@hold.command()
@click.argument("session_id")
@by_option
@explained
def remove(session_id: str, by: str) -> None:
    """Let a purge have the session again."""
    from bot.cli.retention import remove_hold
    from bot.store.tables.legal_holds import LiftHold

    settings = store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(remove_hold(url, settings.audit_keys, LiftHold(session_id, by))):
        sys.exit(1)


@hold.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@explained
def list_(*, as_json: bool) -> None:
    """List the sessions on hold."""
    from bot.cli.retention import list_holds

    asyncio.run(list_holds(store_settings().database_url.get_secret_value(), as_json=as_json))
