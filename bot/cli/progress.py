"""How far long work is, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Told = Callable[[int], None]


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Told]:
    """Gives a function that is told how much is done: a bar, or without a total the number alone.

    Where stderr is no terminal there is neither.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
    elif total is None:
        yield lambda done: click.echo(f"\r{label} {done}", nl=False, err=True)
        click.echo(err=True)
    else:
        with _bar(label, total) as told:
            yield told


@contextmanager
def _bar(label: str, total: int) -> Iterator[Told]:
    """Drawn a thousand times at most."""
    steps = max(1, total // 1_000)
    with click.progressbar(length=max(1, total), label=label, file=sys.stderr, update_min_steps=steps) as bar:
        at = 0

        def told(done: int) -> None:
            nonlocal at
            bar.update(done - at)
            at = done

        yield told
