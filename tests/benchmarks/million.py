"""`make million`: a million webhooks through the real process, and what its memory did meanwhile.

Slack cannot be reached, so that everything piles up in the database, where it belongs, and nothing in the process.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from tests.benchmarks import load, requests
from tests.benchmarks.contender import Contender
from tests.support.process import ROOT, environment, free_port

CONNECTIONS = 64
PAGE = 10_000
LINES = 20
MIB = 1024 * 1024
MAX_AT_START_BYTES = 65 * MIB
MAX_GROWTH_BYTES = 8 * MIB
NOBODY = "http://127.0.0.1:9/api/"


@click.command()
@click.option("--events", type=click.IntRange(PAGE), default=1_000_000, envvar="EVENTS", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=None, help="Where the database goes.")
def main(events: int, folder: Path | None) -> None:
    """Send so many; exit code 1 if the process is larger than it may be, at the start or in the end."""
    folder = folder or Path(tempfile.mkdtemp(prefix="million-"))
    port = free_port()
    env = environment(f"sqlite:///{folder / 'reviews.db'}", port, NOBODY)
    command = [sys.executable, "-m", "bot", "serve"]
    with Contender(command, port, env, ROOT, folder / "bot.log") as bot:
        sizes = [bot.memory_bytes()]
        click.echo(f"{0:9,} events: {sizes[0] / MIB:.1f} MiB")
        for first in range(0, events, PAGE):
            answers = asyncio.run(load.closed_loop(port, list(requests.webhooks(first, PAGE)), CONNECTIONS))
            assert not answers.refused, answers.first_refusal
            sizes.append(bot.memory_bytes())
            if len(sizes) % max(1, events // PAGE // LINES) == 0:
                click.echo(
                    f"{first + PAGE:9,} events: {sizes[-1] / MIB:.1f} MiB, {answers.per_second:,.0f} a second"
                )
    is_met = sizes[0] <= MAX_AT_START_BYTES and max(sizes) - sizes[0] <= MAX_GROWTH_BYTES
    click.echo(f"{'ok' if is_met else 'missed'}: at most {max(sizes) / MIB:.1f} MiB; database in {folder}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
