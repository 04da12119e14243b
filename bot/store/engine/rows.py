"""Rows of either database, taken as a whole: looking up each column of a SQLite row by its name takes long."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, TypeVar

TupleT = TypeVar("TupleT", bound=NamedTuple)


def values_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The row's values in the order of its columns."""
    return tuple(row.values()) if isinstance(row, dict) else tuple(row)


def as_dicts(rows: Sequence[Mapping[str, Any]]) -> Sequence[dict[str, Any]]:
    """The values of rows of one query by column."""
    if not rows or isinstance(rows[0], dict):
        return list(map(dict, rows))
    names = tuple(map(sys.intern, rows[0].keys()))
    return [dict(zip(names, row, strict=False)) for row in rows]


def as_tuples(rows: Sequence[Mapping[str, Any]], kind: type[TupleT]) -> list[TupleT]:
    """Rows of one query as named tuples whose fields are its columns, in the same order."""
    if rows and isinstance(rows[0], dict):
        return [kind._make(row.values()) for row in rows]
    return list(map(kind._make, rows))


async def fetched(query: AbstractAsyncContextManager[Any]) -> Sequence[Any]:
    """All rows of a statement's cursor at once: iterating over the statement resumes a generator for each row."""
    async with query as cursor:
        return list(await cursor.fetchall())
