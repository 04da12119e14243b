"""A database with as many closed reviews as wanted, as years of work leave one behind.

The bot's own code lives through one review; the others are copies of its rows with identifiers, people and times of
their own, and with real seals, so that `audit verify` passes. Reviews overlap as they do in life: a thousand are
received, then claimed, decided and closed, so that rows grow after they were written and indexes fill as they would.
"""

import asyncio
import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.handlers import ralio_event
from bot.reviews.audit.entry import Keys, canonical
from bot.reviews.policy import Decision
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.engine import migrate
from bot.store.store import Store, open_store
from bot.store.tables import leases
from bot.store.tables.deliveries import posts
from bot.store.tables.leases import Shown
from tests.support.slack import USER_CHANNEL
from tests.support.store import act, lease

NOW = 1_795_000_000_000
"""The last review is closed about then (milliseconds)."""

YEAR_MS = 365 * 24 * 3_600_000
OVERLAPPING = 1_000
PEOPLE = [f"U{number:010}" for number in range(12)]
SESSION, SUBJECT, REVIEW_EVENT, VERDICT_EVENT = (
    f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "abcd"
)
PERSON = "UPERSON0001"
RECEIVED_AT = NOW - 3 * YEAR_MS
MINUTE_MS = 60_000
_CACHE_KIB = 2_000_000

Row = dict[str, Any]


async def _receive(store: Store, event_id: str, state: SessionState, at: int) -> None:
    kind = "kyc_session_manual_review" if state is SessionState.REVIEW else "kyc_session_verified"
    event = SessionEvent(
        event_id,
        at - 900,
        SESSION,
        state,
        entity_type=EntityType.USER,
        subject_id=SUBJECT,
        type=kind,
        received_at=at,
    )
    await store.write_batched(ralio_event.receive, event)


async def _show(store: Store, lane: str, at: int) -> None:
    for delivery in await lease(store, lane, at):
        ts = "1700000000.123456"
        await store.write(leases.record_shown, Shown(delivery, USER_CHANNEL, ts, delivery.wanted_version, at))


@dataclass(frozen=True, slots=True)
class Life:
    """The rows of one review: when it was received, and when it was closed."""

    received: dict[str, list[Row]]
    closed: dict[str, list[Row]]


async def live_through(path: Path) -> Life:
    """Let a new database see one review from its webhook to its verdict."""
    async with open_store(f"sqlite:///{path}", RECEIVED_AT, lambda: None) as store:
        await _receive(store, REVIEW_EVENT, SessionState.REVIEW, RECEIVED_AT)
        received = _rows(path)
        await _show(store, posts("user"), RECEIVED_AT + 400)
        for minutes, action, decision in (
            (10, Action.CLAIM, None),
            (25, Action.RESOLVE, Decision("approve")),
        ):
            at = RECEIVED_AT + minutes * MINUTE_MS
            await act(store, SESSION, PERSON, action, at, decision=decision, comment=None)
            await _show(store, "update", RECEIVED_AT + minutes * MINUTE_MS + 400)
        await _receive(store, VERDICT_EVENT, SessionState.VERIFIED, RECEIVED_AT + 40 * MINUTE_MS)
        for lane in ("update", posts("user")):
            await _show(store, lane, RECEIVED_AT + 40 * MINUTE_MS + 400)
    return Life(received, _rows(path))


def _rows(path: Path) -> dict[str, list[Row]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = {
        table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608
        for table in ("events", "reviews", "deliveries", "audit")
    }
    connection.close()
    return found


@dataclass(frozen=True, slots=True)
class Copy:
    """What is a copy's own: `number` counts from 1, times are stretched from the moment it was received."""

    number: int
    session: str
    subject: str
    review_event: str
    verdict_event: str
    person: str
    received_at: int
    stretch: float


def _copies(first: int, count: int, total: int) -> list[Copy]:
    return [_copy(number, total) for number in range(first, first + count)]


def _copy(number: int, total: int) -> Copy:
    digits = hashlib.blake2b(b"%d" % number, digest_size=64).hexdigest()
    one, two, three, four = (
        f"{part[:8]}-{part[8:12]}-4{part[13:16]}-8{part[17:20]}-{part[20:]}"
        for part in (digits[:32], digits[32:64], digits[64:96], digits[96:])
    )
    chance = int(digits[:4], 16)
    received_at = NOW - YEAR_MS - MINUTE_MS * 600 + number * YEAR_MS // total
    return Copy(
        number, one, two, three, four, PEOPLE[chance % len(PEOPLE)], received_at, 0.1 + chance / 8_000
    )


Cell = Callable[[Copy], Any]

_WORDS: Mapping[str, Cell] = {
    SESSION: lambda copy: copy.session,
    SUBJECT: lambda copy: copy.subject,
    REVIEW_EVENT: lambda copy: copy.review_event,
    VERDICT_EVENT: lambda copy: copy.verdict_event,
    PERSON: lambda copy: copy.person,
}
_OWN = re.compile("|".join([*_WORDS, r"(?<!\d)\d{13}(?!\d)"]))
"""What is a copy's own in a text: ids, and times in milliseconds."""


def _moved(at: int) -> Cell:
    after = at - RECEIVED_AT
    return lambda copy: copy.received_at + int(after * copy.stretch)


def _cell(value: Any) -> Cell | None:
    """What stands in a copy where this stands in the original; None where it is the same."""
    if isinstance(value, int) and value > RECEIVED_AT // 2:
        return _moved(value)
    if not isinstance(value, str) or not (found := _OWN.findall(value)):
        return None
    between = _OWN.split(value)
    own = [_WORDS.get(token) or _moved(int(token)) for token in found]

    def text(copy: Copy) -> str:
        parts = [
            each for cell, behind in zip(own, between[1:], strict=True) for each in (str(cell(copy)), behind)
        ]
        return "".join([between[0], *parts])

    return text


class _Table:
    """Writes the copies of one row, the one in this place of `rows`; `id` and `review_id` count on."""

    def __init__(self, name: str, rows: Sequence[Row], place: int, earlier: Row | None = None) -> None:
        row, a_review, taken = rows[place], len(rows), max(each["id"] for each in rows)
        self.id: Cell = lambda copy: taken + (copy.number - 1) * a_review + place + 1
        own: dict[str, Cell | None] = {"id": self.id}
        if row.get("review_id") is not None:
            own["review_id"] = lambda copy: copy.number + 1
        cells = {column: own.get(column) or _cell(value) for column, value in row.items()}
        self.same = {column: row[column] for column, cell in cells.items() if cell is None}
        self.own = {column: cell for column, cell in cells.items() if cell is not None}
        written = {
            column: "?" if column in self.own else _literal(value)
            for column, value in row.items()
            if earlier is None or value != earlier[column]
        }
        self._values = [self.own[column] for column, what in written.items() if what == "?"]
        if earlier is None:
            columns, values = ", ".join(written), ", ".join(written.values())
            self._statement = f"INSERT INTO {name} ({columns}) VALUES ({values})"  # noqa: S608 - our own words
        else:
            changes = ", ".join(f"{column} = {what}" for column, what in written.items())
            self._statement = f"UPDATE {name} SET {changes} WHERE id = ?"  # noqa: S608 - our own words
            self._values.append(self.id)

    def write(self, connection: sqlite3.Connection, copies: Sequence[Copy]) -> None:
        """The copies' rows, or what became of them."""
        values = self._values
        connection.executemany(self._statement, ([cell(copy) for cell in values] for copy in copies))


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


_CHANGED = ("reviews", "deliveries")
"""Their first row is written when the review is received and changed until it is closed; others are added by then."""


class _Writer:
    """Writes lives that overlap, and the chain of their audit."""

    def __init__(self, connection: sqlite3.Connection, life: Life) -> None:
        self._connection = connection
        self._events, self._audit = (
            [_Table(name, life.closed[name], place) for place in range(len(life.closed[name]))]
            for name in ("events", "audit")
        )
        self._received = [_Table(name, _received(life, name), 0) for name in _CHANGED]
        self._closed = [_Table(name, life.closed[name], 0, life.received[name][0]) for name in _CHANGED]
        self._closed += [
            _Table(name, life.closed[name], place)
            for name in _CHANGED
            for place in range(1, len(life.closed[name]))
        ]
        self._keys = Keys()
        self._head = (life.closed["audit"][-1]["id"], life.closed["audit"][-1]["seal"])
        self._columns = list(life.closed["audit"][0])
        columns, marks = ", ".join(self._columns), ", ".join("?" * len(self._columns))
        self._insert_audit = f"INSERT INTO audit ({columns}) VALUES ({marks})"  # noqa: S608 - our own words

    def write(self, copies: Sequence[Copy]) -> None:
        """Receive all of them, then each further entry of all of them, then the end."""
        seals = dict.fromkeys((copy.number for copy in copies), "")
        self._events[0].write(self._connection, copies)
        for table in self._received:
            table.write(self._connection, copies)
        for entry in self._audit:
            self._append(entry, copies, seals)
        for table in (*self._events[1:], *self._closed):
            table.write(self._connection, copies)

    def finish(self) -> None:
        """Note the end of the chain."""
        self._connection.execute("UPDATE audit_head SET id = ?, seal = ?", self._head)

    def _append(self, entry: _Table, copies: Sequence[Copy], seals: dict[int, str]) -> None:
        rows = []
        for copy in copies:
            number, previous = self._head
            row = entry.same | {column: cell(copy) for column, cell in entry.own.items()}
            row |= {"id": number + 1, "session_id": copy.session}
            row["seal"] = self._keys.seal(canonical(row, previous, seals[copy.number]))
            seals[copy.number] = row["seal"]
            self._head = (row["id"], row["seal"])
            rows.append([row[column] for column in self._columns])
        self._connection.executemany(self._insert_audit, rows)


def _received(life: Life, name: str) -> list[Row]:
    """The row as it was when it was received, among as many rows as there are in the end."""
    return [life.received[name][0], *life.closed[name][1:]]


def make(path: Path, count: int, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Make a database with so many closed reviews; FileExistsError where there is one."""
    if path.exists():
        raise FileExistsError(path)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    life = asyncio.run(live_through(partial))
    connection = sqlite3.connect(partial, isolation_level=None)
    for pragma in (
        "journal_mode = OFF",
        "synchronous = OFF",
        f"cache_size = -{_CACHE_KIB}",
        "foreign_keys = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")
    writer = _Writer(connection, life)
    connection.execute("BEGIN")
    for first in range(1, count, OVERLAPPING):
        writer.write(_copies(first, min(OVERLAPPING, count - first), count))
        progress(min(first + OVERLAPPING, count))
    writer.finish()
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    partial.rename(path)


def cached(folder: Path, count: int, console: Console) -> Path:
    """The database with so many closed reviews in this folder, made when it is not there yet."""
    path = folder / f"closed-{count}-schema-{migrate.newest()}.db"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    columns = (TextColumn("closed reviews"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("", total=count)
        make(path, count, lambda done: bars.update(bar, completed=done))
    return path


@click.command()
@click.argument("count", type=click.IntRange(1))
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("/dev/shm"))  # noqa: S108
def main(count: int, folder: Path) -> None:
    """Make a database with COUNT closed reviews and print where it is."""
    click.echo(cached(folder, count, Console(stderr=True)))


if __name__ == "__main__":
    main()
