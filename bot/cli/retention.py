"""`purge` and `hold`: what is kept, and what goes when its time has come."""

import json

import click

from bot.cli.maintenance import maintainer_of
from bot.cli.progress import progress_bar
from bot.clock import iso, system_clock
from bot.handlers.retention import Part, Purge
from bot.reviews.audit.entry import Keys
from bot.store.store import database_at, reading
from bot.store.tables import legal_holds
from bot.store.tables.legal_holds import LiftHold, PlaceHold


async def purge(url: str, keys: Keys, order: Purge) -> None:
    """Remove all that is older, page by page, and say how much; a rehearsal removes nothing."""
    if order.before > system_clock():
        raise click.BadParameter("must not lie in the future", param_hint="--before")
    rows = dict.fromkeys(Part, 0)
    entries = 0
    page: Purge | None = order
    async with maintainer_of(database_at(url), keys) as maintainer:
        with progress_bar("purging", None) as progress:
            while page is not None:
                purged = await maintainer.purge(page)
                rows[purged.part] += purged.rows
                entries += purged.entries
                progress(sum(rows.values()))
                page = purged.then
    what = f"{rows[Part.REVIEWS]} reviews and {entries} entries of the audit from before {iso(order.before)}"
    if order.dry_run:
        click.echo(f"would remove {what}, with their events and messages; nothing was removed")
    else:
        click.echo(f"removed {what}, {rows[Part.EVENTS]} events and {rows[Part.MESSAGES]} further messages")
    click.echo("what is in work, on hold, on its way to Slack or in the quarantine stays")


async def add_hold(url: str, keys: Keys, order: PlaceHold) -> bool:
    """Put a session on hold; false when there is no such session."""
    async with maintainer_of(database_at(url), keys) as maintainer:
        answer = await maintainer.place_hold(order)
    words = "is on hold" if answer.changed else "was on hold already; its reason stays as it was"
    return _said(order.session_id, answer.known, words)


async def remove_hold(url: str, keys: Keys, order: LiftHold) -> bool:
    """Lift a session's hold; false when there is no such session."""
    async with maintainer_of(database_at(url), keys) as maintainer:
        answer = await maintainer.lift_hold(order)
    words = "is not on hold any more" if answer.changed else "was not on hold"
    return _said(order.session_id, answer.known, words)


async def list_holds(url: str, *, as_json: bool) -> None:
    """Every session on hold, the oldest hold first."""
    async with reading(url) as connection:
        found = await legal_holds.listing(connection)
    for hold in found:
        shown = {
            "session_id": hold.session_id,
            "reason": hold.reason,
            "placed_by": hold.placed_by,
            "placed_at": iso(hold.placed_at),
        }
        click.echo(json.dumps(shown, ensure_ascii=False) if as_json else "  ".join(map(str, shown.values())))
    if not found and not as_json:
        click.echo("nothing is on hold", err=True)


def _said(session_id: str, known: bool, words: str) -> bool:  # noqa: FBT001 - an answer's own field
    if not known:
        click.echo(f"there is no review of session {session_id}: check the id", err=True)
        return False
    click.echo(f"session {session_id} {words}")
    return True
