"""`purge`: remove what is no longer kept."""

import asyncio
from collections.abc import Sequence

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.os_user import os_user
from bot.cli.output import progress_bar
from bot.cli.parameters import Moment, by_option
from bot.clock import iso, system_clock
from bot.handlers.retention import Part, Purge
from bot.reviews.audit.entry import Keys
from bot.settings.environment import read_file_settings, read_store_settings
from bot.store.store import database_at, reading
from bot.store.tables.kept_reviews import OldReview, old_reviews
from bot.web.admin_commands import PURGE


@click.command()
@click.option(
    "--before",
    type=Moment(),
    required=True,
    help="Remove sessions with nothing newer than this date or time.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be removed, without removing it.")
@by_option
@report_errors
def purge(before: int, by: str, *, dry_run: bool) -> None:
    """Remove finished sessions with nothing newer than a date; the server can keep running."""
    settings = read_store_settings()
    now, keep = system_clock(), read_file_settings().retention.keep_at_least
    if before > now:
        raise click.BadParameter("must not be in the future", param_hint="--before")
    url = settings.database_url.get_secret_value()
    newest = keep.before(now)
    if before <= newest:
        asyncio.run(purge_sessions(url, settings.audit_keys, Purge(before, by, dry_run, os_user=os_user())))
    elif dry_run:
        asyncio.run(_rehearse(url, before, newest, f"younger than {keep} (keep_at_least)"))
    else:
        message = (
            f"keep_at_least is {keep}, so nothing since {iso(newest)} can be purged; choose an earlier date"
        )
        raise click.BadParameter(message, param_hint="--before")


async def _rehearse(url: str, before: int, newest: int, too_young: str) -> None:
    """List what a purge up to `newest` would remove of all that is from before `before`, and why the rest stays."""
    removed = 0
    async with reading(url) as connection:
        async for review in old_reviews(connection, before):
            reasons = list(review.reasons)
            if review.last_entry_at is None or newest <= review.last_entry_at < before:
                reasons.append(too_young)
            removed += not reasons
            click.echo(_listed(review, reasons))
    click.echo(f"would remove {removed} reviews; nothing was removed")


def _listed(review: OldReview, reasons: Sequence[str]) -> str:
    what = f"kept: {', '.join(reasons)}" if reasons else "would be removed"
    return f"#{review.number}  {review.session_id}  {what}"


async def purge_sessions(url: str, keys: Keys, request: Purge) -> None:
    """Remove finished sessions page by page and print how many; a dry run removes nothing."""
    rows = dict.fromkeys(Part, 0)
    entries = 0
    page: Purge | None = request
    async with open_admin_client(database_at(url), keys) as client:
        with progress_bar("purging", None) as show_progress:
            while page is not None:
                purged = await client.run(PURGE, page)
                rows[purged.part] += purged.rows
                entries += purged.entries
                show_progress(sum(rows.values()))
                page = purged.then
    what = (
        f"{rows[Part.REVIEWS]} reviews and {entries} entries of the audit from before {iso(request.before)}"
    )
    if request.dry_run:
        async with reading(url) as connection:
            async for review in old_reviews(connection, request.before):
                click.echo(_listed(review, review.reasons))
        what += f", with their events and messages, and {rows[Part.QUARANTINE]} quarantined events"
        click.echo(f"would remove {what}; nothing was removed")
    else:
        also = f"{rows[Part.EVENTS]} events, {rows[Part.QUARANTINE]} quarantined ones"
        click.echo(f"removed {what}, {also} and {rows[Part.MESSAGES]} further messages")
    click.echo("reviews in progress, on hold or still being sent to Slack are kept")
