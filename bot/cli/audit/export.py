"""`audit export`: print the record as JSON lines or CSV while it is read."""

import asyncio
import csv
import json
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import click

from bot.cli.errors import report_errors
from bot.cli.output import progress_bar
from bot.cli.parameters import Moment
from bot.clock import iso
from bot.reviews.audit.entry import FIELDS, read_detail
from bot.settings.environment import read_store_settings
from bot.store.store import reading
from bot.store.tables import audit_trail

COLUMNS = (*FIELDS, "seal")


@click.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", type=Moment(), help="Only entries from this date or time on.")
@report_errors
def export(form: str, since: int | None) -> None:
    """Print every entry of the record, oldest first."""
    asyncio.run(export_audit(read_store_settings().database_url.get_secret_value(), form, since))


async def export_audit(url: str, form: str, since: int | None) -> None:
    """Print all entries, or those since a time in milliseconds, oldest first and in constant memory."""
    out = sys.stdout
    since = audit_trail.FIRST if since is None else since
    async with reading(url) as connection:
        newest = await audit_trail.head(connection)
        with progress_bar("exporting", newest.id) as show_progress:
            table = _csv_table(out) if form == "csv" else None
            async for row in audit_trail.entries(connection, since=since):
                if table is None:
                    out.write(json.dumps(entry_object(row), ensure_ascii=False) + "\n")
                else:
                    table.writerow(_cells(row))
                show_progress(row["id"])
    out.flush()


def entry_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as the export prints it."""
    values = {name: row[name] for name in COLUMNS}
    return values | {"at": iso(row["at"]), "detail": read_detail(row["detail"])}


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS} | {"at": iso(row["at"])}


def _csv_table(out: TextIO) -> "csv.DictWriter[str]":
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    return table
