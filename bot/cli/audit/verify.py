"""`audit verify`: check that the record is what was written, and that all of it is there."""

import asyncio
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.cli.errors import report_errors
from bot.cli.output import progress_bar
from bot.reviews.audit.chain import ChainCheck, Head
from bot.reviews.audit.entry import UNKEYED, Keys
from bot.settings.environment import read_store_settings
from bot.store.engine.transaction import Reading
from bot.store.store import reading
from bot.store.tables import audit_trail
from bot.store.tables.audit_replay import Comparison, compare

MAX_DIFFERENCES = 100
"""Printed one by one; the rest is counted."""

ROWS_UNTIL_COLLECTED = 50_000
"""Many pages of the record."""


@click.command()
@click.option(
    "--head",
    "kept",
    metavar="HEAD",
    help="A head that you saved elsewhere, to check that nothing up to it is missing.",
)
@click.option(
    "--head-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of heads that you saved elsewhere, one per line, oldest first.",
)
@report_errors
def verify(kept: str | None, head_file: Path | None) -> None:
    """Check that no entry was changed, removed, moved or forged; report the first one that was."""
    heads = _heads_of_file(head_file) if head_file else []
    try:
        heads += [Head.read(kept)] if kept else []
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from error
    settings = read_store_settings()
    # Rows hold no cycles: the garbage collector need not look through them and all modules again and again.
    gc.freeze()
    gc.set_threshold(ROWS_UNTIL_COLLECTED)
    if not asyncio.run(verify_audit(settings.database_url.get_secret_value(), settings.audit_keys, heads)):
        sys.exit(1)


def _heads_of_file(path: Path) -> list[Head]:
    try:
        heads = Head.read_lines(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise click.BadParameter(f"{path}: {error}", param_hint="--head-file") from error
    if not heads:
        raise click.BadParameter(f"{path} contains no head", param_hint="--head-file")
    return heads


async def verify_audit(url: str, keys: Keys, kept: Sequence[Head]) -> bool:
    """Check the chain, then the tables against it, and print the result; return False if something is wrong."""
    async with reading(url) as connection:
        newest = await audit_trail.head(connection)
        with progress_bar("verifying", newest.id) as show_progress:
            finding, check = await audit_trail.verify(connection, keys, kept, show_progress)
        if finding is not None:
            click.echo(f"{finding.aspect}: broken at entry {finding.id}: {finding.problem}")
            if check.end.id:
                click.echo(f"the record is sound up to entry {check.end.id}")
            return False
        for line in (*_integrity(check), *_completeness(check, kept)):
            click.echo(line)
        is_sound = await _compare(connection, check)
    click.echo(f"head: {check.end}")
    return is_sound


async def _compare(connection: Reading, check: ChainCheck) -> bool:
    """Compare the tables with the record and print what differs; return False if anything does."""
    comparison, differences = Comparison(), 0
    with progress_bar("comparing", None) as show_progress:
        async for difference in compare(connection, check.purged_before, comparison, show_progress):
            differences += 1
            if differences <= MAX_DIFFERENCES:
                click.echo(f"tables: {difference}")
    if not differences:
        counted = f"{comparison.reviews} reviews and {comparison.events} events"
        click.echo(f"tables: {counted} match the record")
        return True
    more = differences - MAX_DIFFERENCES
    if more > 0:
        click.echo(f"tables: {more} more differences")
    click.echo(
        "the tables were changed outside the bot; 'audit case' shows what happened according to the record"
    )
    return False


def _integrity(check: ChainCheck) -> list[str]:
    keyed = check.entries - check.unkeyed
    if check.unkeyed and not keyed:
        lines = [
            f"integrity: {check.entries} entries match their plain hashes",
            f"  {UNKEYED}; see AUDIT_KEY",
        ]
    else:
        lines = [f"integrity: {keyed} entries are as they were written"]
    if check.purged:
        lines.append(f"  {check.purged} more were purged, as entries of the record say")
    if check.sealed_afterwards:
        lines.append(
            f"  entries 1 to {check.sealed_afterwards} are older than the chain: sealed when it began, not before"
        )
    if check.unkeyed and keyed:
        lines.append(
            f"  the first {check.unkeyed}, from before AUDIT_KEY, match their plain hashes: {UNKEYED}"
        )
    return lines


def _completeness(check: ChainCheck, kept: Sequence[Head]) -> list[str]:
    if not kept:
        return [
            "completeness: as far as the database's own head; only with --head is a cut end certain to be found"
        ]
    newest = max(kept, key=lambda head: head.id)
    if newest in check.met:
        given = (
            "the head that you gave" if len(kept) == 1 else f"the newest of {len(kept)} heads that you gave"
        )
        return [f"completeness: nothing is missing up to entry {newest.id}, {given}"]
    return [f"completeness: entry {newest.id}, the head that you gave, was purged: give a newer one"]
