"""How commands print what the database holds, in any encoding, and how they show the progress of long work."""

import codecs
import io
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar, cast

import click

RowT = TypeVar("RowT")

ShowProgress = Callable[[int], None]
"""Takes how much is done so far."""


def prepare_stdout() -> None:
    """From now on, print a question mark for each character that the encoding of stdout lacks, instead of failing.

    If stdout is closed, what is printed is dropped.
    """
    stdout = sys.stdout
    if stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    elif isinstance(stdout, io.TextIOWrapper):
        if codecs.lookup(stdout.encoding).name == "ascii":
            # click takes ASCII for a misconfiguration and would write UTF-8 to the stream's buffer: this one hides it.
            sys.stdout = cast("TextIO", codecs.getwriter("ascii")(stdout.buffer, "replace"))
        else:
            stdout.reconfigure(errors="replace")


def stdout_is_utf8() -> bool:
    """Return whether every character can be printed."""
    return codecs.lookup(getattr(sys.stdout, "encoding", None) or "ascii").name == "utf-8"


def utf8_stdout() -> TextIO:
    """Return stdout for text that is always in UTF-8, such as CSV, whatever the terminal's encoding is."""
    stdout = sys.stdout if isinstance(sys.stdout, io.TextIOWrapper) else sys.__stdout__
    if not isinstance(stdout, io.TextIOWrapper):
        return sys.stdout
    stdout.reconfigure(encoding="utf-8", newline="")
    return stdout


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
    """Return an object as `--json` prints it, on one line; where stdout is not in UTF-8, in ASCII with escapes."""
    return json.dumps(values, ensure_ascii=not stdout_is_utf8())


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
