"""How commands print what the database holds, and how they show the progress of long work."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import click

RowT = TypeVar("RowT")

ShowProgress = Callable[[int], None]
"""Takes how much is done so far."""


async def print_rows(
    rows: AsyncIterator[RowT],
    to_object: Callable[[RowT], Mapping[str, object]],
    to_line: Callable[[RowT], str],
    *,
    as_json: bool,
) -> None:
    """Print one JSON object or one line per row; without rows there is a line on stderr instead."""
    empty = True
    async for row in rows:
        empty = False
        click.echo(json_line(to_object(row)) if as_json else to_line(row))
    if empty and not as_json:
        click.echo("nothing to show", err=True)


def json_line(values: Mapping[str, object]) -> str:
    """Return an object as `--json` prints it, on one line."""
    return json.dumps(values, ensure_ascii=False)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[ShowProgress]:
    """Show a bar on stderr or, without a total, a number; where stderr is no terminal, show nothing."""
    if not sys.stderr.isatty():
        yield lambda _done: None
    elif total is None:
        yield lambda done: click.echo(f"\r{label} {done}", nl=False, err=True)
        click.echo(err=True)
    else:
        with _bar(label, total) as show_progress:
            yield show_progress


@contextmanager
def _bar(label: str, total: int) -> Iterator[ShowProgress]:
    """Show a bar that is drawn at most a thousand times."""
    steps = max(1, total // 1_000)
    with click.progressbar(length=max(1, total), label=label, file=sys.stderr, update_min_steps=steps) as bar:
        shown = 0

        def show_progress(done: int) -> None:
            nonlocal shown
            bar.update(done - shown)
            shown = done

        yield show_progress
