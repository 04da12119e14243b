"""Rows of either database, taken as a whole: looking up each column of a SQLite row by its name takes long."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any


def values_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row's values in the order of its columns."""
    return tuple(row.values()) if isinstance(row, dict) else tuple(row)


def as_dicts(rows: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """The values of rows of one query by column."""
    if not rows or isinstance(rows[0], dict):
        return list(map(dict, rows))
    names = tuple(map(sys.intern, rows[0].keys()))
    return [dict(zip(names, row, strict=True)) for row in map(tuple, rows)]
