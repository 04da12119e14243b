"""Rows of either database as dictionaries."""

from collections.abc import Mapping
from typing import Any


def as_dict(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values by column; `dict` alone looks up every column of a SQLite row by its name, which takes long."""
    return dict(zip(row.keys(), tuple(row), strict=True)) if not isinstance(row, dict) else row
