"""`audit export`: the record as JSON lines or CSV, written as it is read."""

import csv
import json
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from bot.cli.progress import progress_bar
from bot.clock import iso
from bot.reviews.audit.entry import FIELDS, read_detail
from bot.store.store import reading
from bot.store.tables import audit_trail

COLUMNS = (*FIELDS, "seal")


async def export_audit(url: str, form: str, since: int | None) -> None:
    """Print entries from a time on (milliseconds), or all, oldest first, in constant memory."""
    out = sys.stdout
    since = audit_trail.FIRST if since is None else since
    async with reading(url) as connection:
        newest = await audit_trail.head(connection)
        with progress_bar("exporting", newest.id) as progress:
            table = _csv_table(out) if form == "csv" else None
            async for row in audit_trail.entries(connection, since=since):
                if table is None:
                    out.write(json.dumps(entry_object(row), ensure_ascii=False) + "\n")
                else:
                    table.writerow(_cells(row))
                progress(row["id"])
    out.flush()


def entry_object(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it is exported."""
    values = {name: row[name] for name in COLUMNS}
    return values | {"at": iso(row["at"]), "detail": read_detail(row["detail"])}


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in COLUMNS} | {"at": iso(row["at"])}


def _csv_table(out: TextIO) -> "csv.DictWriter[str]":
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    return table
