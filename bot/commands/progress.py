"""A progress bar for long work, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Gives a function that is told how much is done; without a total the bar only moves.

    Where stderr is no terminal there is none.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 - takes time to load
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None if total is None else max(total, 1))
        step = max(1, (total or 0) // 1_000)

        def told(done: int) -> None:
            if done % step == 0:
                bar.update(task, completed=done)

        yield told
