"""`audit export`: print the record as JSON lines or CSV while it is read."""

import asyncio
import csv
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from bot.cli.audit.signing import Output, sign_option, signature_option, signed_stdout, signing_key
from bot.cli.errors import report_errors
from bot.cli.output import json_line, progress_bar, utf8_stdout
from bot.cli.parameters import Moment
from bot.clock import iso
from bot.reviews.audit.entry import FIELDS, read_detail
from bot.settings.environment import read_store_settings
from bot.store.store import reading
from bot.store.tables import audit_trail

COLUMNS = (*FIELDS, "seal")

BYTE_ORDER_MARK = "\ufeff"
"""By which a spreadsheet sees that a CSV file is in UTF-8."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet runs a cell that begins with one of these (https://owasp.org/www-community/attacks/CSV_Injection)."""

PrintEntry = Callable[[Mapping[str, Any]], object]


@click.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", type=Moment(), help="Only entries since this date or time.")
@sign_option
@signature_option
@report_errors
def export(form: str, since: int | None, signature: Path | None, *, sign: bool) -> None:
    """Print every entry of the record, oldest first."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not sign:
        asyncio.run(export_audit(url, form, since, utf8_stdout() if form == "csv" else sys.stdout))
        return
    with signed_stdout(signing_key(settings), signature or Path(f"audit-export.{form}.sig")) as out:
        asyncio.run(export_audit(url, form, since, out))


async def export_audit(url: str, form: str, since: int | None, out: Output) -> None:
    """Print all entries, or those since a time in milliseconds, oldest first and in constant memory."""
    since = audit_trail.FIRST if since is None else since
    async with reading(url) as connection:
        newest = await audit_trail.head(connection)
        with progress_bar("exporting", newest.id) as show_progress:
            print_entry = _csv_printer(out) if form == "csv" else _json_printer(out)
            async for row in audit_trail.entries(connection, since=since):
                print_entry(row)
                show_progress(row["id"])
    sys.stdout.flush()


def _json_printer(out: Output) -> PrintEntry:
    return lambda row: out.write(json_line(entry_object(row)) + "\n")


def _csv_printer(out: Output) -> PrintEntry:
    """Print the heading; return what prints an entry."""
    out.write(BYTE_ORDER_MARK)
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    return lambda row: table.writerow(csv_cells(row))


def entry_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as the export prints it."""
    values = {name: row[name] for name in COLUMNS}
    return values | {"at": iso(row["at"]), "detail": read_detail(row["detail"])}


def csv_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as the CSV export prints it: an apostrophe keeps text from being read as a formula."""
    cells = {name: row[name] for name in COLUMNS} | {"at": iso(row["at"])}
    return {name: f"'{cell}" if _is_formula(cell) else cell for name, cell in cells.items()}


def _is_formula(cell: object) -> bool:
    return isinstance(cell, str) and cell.startswith(FORMULA_STARTS)
