"""A whole run: every stage of every round in turn, so that what disturbs the machine disturbs everybody alike."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from tests.benchmarks import clicks, rounds
from tests.benchmarks.contender import Contender
from tests.benchmarks.kept import Refused
from tests.benchmarks.lineup import BOT, OWN, Entry
from tests.benchmarks.machine import Noise
from tests.benchmarks.results import Figure, Results
from tests.benchmarks.rounds import Load, Surroundings
from tests.support.postgres import PostgresServer
from tests.support.process import ROOT, free_port

Watch = Callable[[str], None]
"""Told what is done next."""

Figures = dict[Figure, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and of whom; with clicks also how prompt this bot is."""

    rounds: int
    events: int
    webhooks: Sequence[Entry]
    clicks: Sequence[Entry]
    with_million: bool

    @property
    def stages(self) -> int:
        """How often something is measured."""
        in_a_round = len(self.webhooks) + len(self.clicks) + bool(self.clicks)
        return self.rounds * in_a_round + self.with_million


class Run:
    """Measures what the plan says into `results`; a server that fails is reported and left out from then on."""

    def __init__(self, plan: Plan, folder: Path, watch: Watch, tell: Callable[[str], None]) -> None:
        self.results = Results()
        self.noise = Noise()
        self._plan = plan
        self._folder = folder
        self._watch = watch
        self._tell = tell
        self._failed: set[Entry] = set()
        self._postgres: PostgresServer | None = None

    def go(self) -> Results:
        """All rounds."""
        load = Load(self._plan.events)
        try:
            for number in range(self._plan.rounds):
                self.noise.take(self._folder)
                # Every second round runs backwards: what speeds a machine up or slows it down then favours no one.
                for entry in self._plan.webhooks[:: -1 if number % 2 else 1]:
                    self._stage(
                        entry, number, "", lambda each, around: uvloop.run(rounds.measure(each, load, around))
                    )
                for entry in self._plan.clicks[:: -1 if number % 2 else 1]:
                    self._stage(entry, number, ", clicks", self._clicks)
                if self._plan.clicks:
                    self._stage(BOT, number, ", promptness", _promptness)
            if self._plan.with_million:
                self._stage(
                    BOT, 0, ", a million events", lambda each, around: uvloop.run(rounds.growth(each, around))
                )
            self.noise.take(self._folder)
        finally:
            if self._postgres is not None:
                self._postgres.stop()
        return self.results

    @property
    def has_own_failure(self) -> bool:
        """Whether this bot or the limit is among those that failed."""
        return not self._failed.isdisjoint(OWN)

    def _clicks(self, entry: Entry, around: Surroundings) -> Figures:
        return uvloop.run(clicks.throughput(entry, max(1, self._plan.events // 4), around))

    def _stage(
        self, entry: Entry, number: int, what: str, measured: Callable[[Entry, Surroundings], Figures]
    ) -> None:
        self._watch(f"round {number + 1}: ({entry.letter}) {entry.title}{what}")
        if entry in self._failed:
            return
        try:
            with self._surroundings(entry) as around:
                self.results.add(entry.letter, number, measured(entry, around))
        except (Refused, RuntimeError, OSError, sqlite3.Error) as error:
            self._failed.add(entry)
            self._tell(f"({entry.letter}) {entry.title} is left out: {error}")

    @contextmanager
    def _surroundings(self, entry: Entry) -> Iterator[Surroundings]:
        """An empty database and a Slack of its own."""
        place = self._folder / "databases"
        place.mkdir()
        try:
            with self._database(entry, place) as url, slack_server(self._folder) as slack:
                yield Surroundings(
                    url, f"http://127.0.0.1:{slack.port}/api/", self._folder / f"{entry.letter}.log"
                )
        finally:
            shutil.rmtree(place)

    @contextmanager
    def _database(self, entry: Entry, place: Path) -> Iterator[str]:
        if entry.database != "postgres":
            yield f"sqlite:///{place / 'reviews.db'}"
            return
        self._postgres = self._postgres or PostgresServer(self._folder / "postgres")
        with self._postgres.empty_database() as url:
            yield url


def _promptness(_entry: Entry, around: Surroundings) -> Figures:
    async def measured() -> Figures:
        async with clicks.stand_in(around.slack_api_url) as slack:
            return await clicks.promptness(slack, around)

    return uvloop.run(measured())


def slack_server(folder: Path) -> Contender:
    """What stands in for Slack, to be used as a context."""
    command = [sys.executable, "-m", "tests.benchmarks.servers.slack"]
    return Contender(command, free_port(), {}, ROOT, folder / "slack.log")
