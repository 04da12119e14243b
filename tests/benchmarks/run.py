"""A whole run: every stage of every round in turn, so that what disturbs the machine disturbs everybody alike."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from tests.benchmarks import clicks, feel, life, rounds
from tests.benchmarks.contender import Contender
from tests.benchmarks.kept import Refused
from tests.benchmarks.lineup import BOT, OWN, POSTGRES, Entry
from tests.benchmarks.machine import Noise
from tests.benchmarks.results import Figure, Results
from tests.benchmarks.rounds import Load, Surroundings
from tests.benchmarks.stand_in import stand_in
from tests.crash.machines import RestartablePostgres
from tests.support.process import ROOT, free_port

Watch = Callable[[str], None]
"""Told what is done next."""

Figures = dict[Figure, float]

LEAST_LIVES = 20
"""Fewer reviews would grow the database by less than what it allocates at once."""

Measurement = Callable[[Entry, Surroundings], Coroutine[Any, Any, Figures]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and which entries take part in what; with clicks also how prompt this bot is."""

    rounds: int
    events: int
    webhooks: Sequence[Entry]
    clicks: Sequence[Entry]
    feel: Sequence[Entry]
    life: Sequence[Entry]
    with_million: bool

    @property
    def stages(self) -> int:
        """How many measurements the run takes."""
        each = len(self.webhooks) + len(self.clicks) + len(self.feel) + len(self.life)
        return self.rounds * (each + (BOT in self.clicks)) + self.with_million


class Run:
    """Measures what the plan says into `results`; a server that fails is reported and left out from then on."""

    def __init__(self, plan: Plan, folder: Path, watch: Watch, tell: Callable[[str], None]) -> None:
        self.results = Results()
        self.noise = Noise()
        self._plan = plan
        self._folder = folder
        self._watch = watch
        self._tell = tell
        self._load = Load(plan.events)
        self._failed: set[Entry] = set()
        self._postgres: RestartablePostgres | None = None

    def go(self) -> Results:
        """All rounds."""
        try:
            for number in range(self._plan.rounds):
                self.noise.take(self._folder)
                self._round(number)
            if self._plan.with_million:
                self._stage(BOT, 0, ", a million events", rounds.growth)
            self.noise.take(self._folder)
        finally:
            if self._postgres is not None:
                self._postgres.stop()
        return self.results

    def _round(self, number: int) -> None:
        """Every second round runs backwards: what speeds a machine up or slows it down then favours no one."""
        order = -1 if number % 2 else 1
        for entry in self._plan.webhooks[::order]:
            self._stage(entry, number, "", partial(rounds.measure, load=self._load))
        for entry in self._plan.clicks[::order]:
            self._stage(entry, number, ", clicks", self._clicks)
        if BOT in self._plan.clicks:
            self._stage(BOT, number, ", promptness", _promptness)
        for entry in self._plan.feel[::order]:
            self._stage(entry, number, ", what people feel", self._feel)
        for entry in self._plan.life[::order]:
            self._stage(entry, number, ", a review's life", self._life)

    @property
    def has_own_failure(self) -> bool:
        """Whether this bot or the limit is among those that failed."""
        return not self._failed.isdisjoint(OWN)

    async def _clicks(self, entry: Entry, around: Surroundings) -> Figures:
        return await clicks.throughput(entry, max(1, self._plan.events // 4), around)

    async def _feel(self, entry: Entry, around: Surroundings) -> Figures:
        database = self._postgres if entry.database == POSTGRES else None
        async with stand_in(around.slack_api_url) as slack:
            return await feel.feel(entry, slack, around, feel.sizes(self._plan.events), database)

    async def _life(self, entry: Entry, around: Surroundings) -> Figures:
        async with stand_in(around.slack_api_url) as slack:
            return await life.life(entry, slack, around, max(LEAST_LIVES, self._plan.events // 40))

    def _stage(self, entry: Entry, number: int, what: str, measured: Measurement) -> None:
        self._watch(f"round {number + 1}: ({entry.letter}) {entry.title}{what}")
        if entry in self._failed:
            return
        try:
            with self._surroundings(entry) as around:
                self.results.add(entry.letter, number, uvloop.run(measured(entry, around)))
        except (Refused, RuntimeError, OSError, sqlite3.Error) as error:
            self._failed.add(entry)
            self._tell(f"({entry.letter}) {entry.title} is left out: {error}")

    @contextmanager
    def _surroundings(self, entry: Entry) -> Iterator[Surroundings]:
        """An empty database, and a Slack of its own for a server that calls it."""
        place = self._folder / "databases"
        place.mkdir()
        try:
            slack = slack_server(self._folder)
            with self._database(entry, place) as url, slack if entry.calls_slack else nullcontext():
                yield Surroundings(url, slack, self._folder / f"{entry.letter}.log")
        finally:
            shutil.rmtree(place)

    @contextmanager
    def _database(self, entry: Entry, place: Path) -> Iterator[str]:
        if entry.database != POSTGRES:
            yield f"sqlite:///{place / 'reviews.db'}"
            return
        self._postgres = self._postgres or RestartablePostgres(self._folder / "postgres")
        with self._postgres.empty_database() as url:
            yield url


async def _promptness(_entry: Entry, around: Surroundings) -> Figures:
    async with stand_in(around.slack_api_url) as slack:
        return await clicks.promptness(slack, around)


def slack_server(folder: Path, audit_head: str = "") -> Contender:
    """What stands in for Slack, to be used as a context; the bot seems to have posted this head of the record there."""
    command = [sys.executable, "-m", "tests.benchmarks.servers.slack"]
    return Contender(command, free_port(), {"AUDIT_HEAD": audit_head}, ROOT, folder / "slack.log")
