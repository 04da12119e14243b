"""An audit entry as `audit export` and `audit case` print it."""

import pytest

from bot.cli.audit.export import COLUMNS, csv_cells, entry_object

ROW = dict.fromkeys(COLUMNS) | {"id": 7, "at": 1_000, "detail": '{"channel": "C1"}', "seal": "plain:00"}


def test_an_entry_has_every_column_in_order() -> None:
    """The seal is the last one."""
    shown = entry_object(ROW | {"previous": "not exported"})
    assert list(shown) == list(COLUMNS)
    assert list(shown)[-1] == "seal"


def test_times_and_details_are_readable() -> None:
    """ISO 8601 in UTC, and an object in place of its text."""
    shown = entry_object(ROW)
    assert shown["at"] == "1970-01-01T00:00:01.000Z"
    assert shown["detail"] == {"channel": "C1"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_spreadsheet_runs_no_cell(start: str) -> None:
    """An apostrophe makes it text; everything else stays as it is."""
    cells = csv_cells(ROW | {"actor": f"{start}HYPERLINK(1)", "refused": "a=b"})
    assert cells["actor"] == f"'{start}HYPERLINK(1)"
    assert (cells["id"], cells["refused"], cells["seal"]) == (7, "a=b", "plain:00")
