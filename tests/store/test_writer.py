"""The one writer: group commit, no command harms another, no cancellation leaves anything half-written."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.store.engine.sqlite_connection import SqliteEngine
from bot.store.engine.transaction import Transaction
from bot.store.engine.writer import Writer
from bot.store.errors import StaleRead, StoreBusy, StoreClosing, StoreUnavailable


class CountingEngine(SqliteEngine):
    """Counts the commits."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.commits = 0

    def commit(self, transaction: Transaction) -> None:
        super().commit(transaction)
        self.commits += 1


@pytest.fixture
async def engine(database: Path) -> CountingEngine:
    """A database with two tables that belong together."""
    connection = sqlite3.connect(database)
    connection.executescript("CREATE TABLE first (n INTEGER UNIQUE); CREATE TABLE second (n INTEGER UNIQUE);")
    connection.close()
    return CountingEngine(database)


@pytest.fixture
async def writer(engine: CountingEngine) -> AsyncIterator[Writer]:
    """A started writer."""
    started = Writer(engine, lambda: None)
    await started.start()
    yield started
    await started.close()


def insert(transaction: Transaction, number: int) -> int:
    """Insert two rows, or none."""
    transaction.connection.execute("INSERT INTO first VALUES (?)", (number,))
    transaction.connection.execute("INSERT INTO second VALUES (?)", (number,))
    return number * 10


def insert_all(transaction: Transaction, numbers: Sequence[int]) -> Sequence[int]:
    """Insert two rows for each number."""
    return [insert(transaction, number) for number in numbers]


def _numbers(database: Path, table: str) -> list[int]:
    connection = sqlite3.connect(database)
    try:
        return [number for (number,) in connection.execute(f"SELECT n FROM {table} ORDER BY n")]  # noqa: S608
    finally:
        connection.close()


async def test_many_waiters_share_a_commit(writer: Writer, engine: CountingEngine, database: Path) -> None:
    """Each gets its own result; the disk is waited for a few times only."""
    results = await asyncio.gather(*(writer.submit(insert, number) for number in range(400)))
    assert results == [number * 10 for number in range(400)]
    assert _numbers(database, "second") == list(range(400))
    assert engine.commits <= 10


async def test_a_batched_command_gets_the_arguments_of_all_its_callers(writer: Writer) -> None:
    """It runs once per batch; an ordinary command beside it runs once per caller."""
    calls: list[Sequence[int] | int] = []

    def tenfold(_transaction: Transaction, numbers: Sequence[int]) -> Sequence[int]:
        calls.append(list(numbers))
        return [number * 10 for number in numbers]

    def twice(_transaction: Transaction, number: int) -> int:
        calls.append(number)
        return number * 2

    work = [
        writer.submit_batched(tenfold, 1),
        writer.submit(twice, 7),
        writer.submit_batched(tenfold, 2),
        writer.submit(twice, 8),
    ]
    assert await asyncio.gather(*work) == [10, 14, 20, 16]
    assert calls == [[1, 2], 7, 8]


async def test_a_batched_command_that_fails_is_run_again_for_each_caller(
    writer: Writer, database: Path
) -> None:
    """The bad argument fails alone."""
    await writer.submit(insert, 5)
    results = await asyncio.gather(
        *(writer.submit_batched(insert_all, number) for number in range(10)), return_exceptions=True
    )
    assert isinstance(results[5], sqlite3.IntegrityError)
    assert [result for result in results if not isinstance(result, BaseException)] == [
        number * 10 for number in range(10) if number != 5
    ]
    assert _numbers(database, "first") == _numbers(database, "second") == list(range(10))


async def test_callers_continue_before_the_next_batch_is_handed_over(writer: Writer) -> None:
    """What a caller writes next joins the writes that arrived in the meantime."""
    go_on = threading.Event()
    together: list[Sequence[str]] = []

    def wait(_transaction: Transaction, _nothing: None) -> None:
        assert go_on.wait(5)

    def note(_transaction: Transaction, names: Sequence[str]) -> Sequence[None]:
        together.append(list(names))
        return [None] * len(names)

    async def first() -> None:
        await writer.submit(wait, None)
        await writer.submit_batched(note, "first")

    working = asyncio.create_task(first())
    await asyncio.sleep(0.05)
    waiting = writer.submit_batched(note, "second")
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(working, waiting)
    assert together == [["second", "first"]]


async def test_a_bad_command_fails_alone(writer: Writer, database: Path) -> None:
    """Its neighbours in the batch are written; of itself nothing stays."""
    await writer.submit(insert, 5)
    results = await asyncio.gather(
        *(writer.submit(insert, number) for number in range(10)), return_exceptions=True
    )
    assert isinstance(results[5], sqlite3.IntegrityError)
    assert [result for result in results if not isinstance(result, BaseException)] == [
        number * 10 for number in range(10) if number != 5
    ]
    assert _numbers(database, "first") == _numbers(database, "second") == list(range(10))


async def test_a_stale_read_is_run_again(writer: Writer, database: Path) -> None:
    """Somebody was faster: the command reads again and decides anew."""
    runs: list[int] = []

    def reads_again(transaction: Transaction, number: int) -> int:
        runs.append(1)
        insert(transaction, number)
        if len(runs) < 3:
            raise StaleRead
        return number

    assert await writer.submit(reads_again, 1) == 1
    assert len(runs) == 3
    assert _numbers(database, "first") == [1]


async def test_a_stale_read_for_ever_ends(writer: Writer) -> None:
    """It is tried ten times, then the waiter is told."""

    def always(_transaction: Transaction, _number: int) -> int:
        raise StaleRead

    with pytest.raises(StaleRead):
        await writer.submit(always, 1)


async def test_four_hundred_random_cancellations_leave_nothing_half_written(
    writer: Writer, database: Path
) -> None:
    """A cancelled request loses its answer, never the connection; both rows are there or none."""
    tasks = [writer.submit(insert, number) for number in range(400)]
    for task in random.Random(7).sample(tasks, 300):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await writer.submit(insert, 1_000)
    assert _numbers(database, "first") == _numbers(database, "second")
    assert 1_000 in _numbers(database, "first")


async def test_the_queue_is_bounded(engine: CountingEngine) -> None:
    """Beyond the bound the answer is no, at once; afterwards there is room again."""
    writer = Writer(engine, lambda: None, queue_limit=5)
    await writer.start()
    go_on = threading.Event()

    def slow(_transaction: Transaction, number: int) -> int:
        assert go_on.wait(5)
        return number

    waiting = [writer.submit(slow, number) for number in range(5)]
    await asyncio.sleep(0.05)
    with pytest.raises(StoreBusy):
        await writer.submit(slow, 6)
    go_on.set()
    assert await asyncio.gather(*waiting) == list(range(5))
    assert await writer.submit(slow, 7) == 7
    await writer.close()


async def test_closing_writes_what_was_handed_over(engine: CountingEngine, database: Path) -> None:
    """And takes nothing more."""
    writer = Writer(engine, lambda: None)
    await writer.start()
    waiting = [writer.submit(insert, number) for number in range(50)]
    await asyncio.sleep(0)
    await writer.close()
    assert len(await asyncio.gather(*waiting)) == 50
    assert _numbers(database, "second") == list(range(50))
    with pytest.raises(StoreClosing):
        await writer.submit(insert, 99)


async def test_a_full_disk_is_unavailable_and_recovers(writer: Writer, database: Path) -> None:
    """SQLite itself says that it is full (a limit of pages stands for the disk)."""

    def limit(transaction: Transaction, pages: int) -> None:
        transaction.connection.execute(f"PRAGMA max_page_count = {pages}")

    def fill(transaction: Transaction, size: int) -> None:
        transaction.connection.execute("CREATE TABLE IF NOT EXISTS heavy (b BLOB)")
        transaction.connection.execute("INSERT INTO heavy VALUES (zeroblob(?))", (size,))

    await writer.submit(limit, 20)
    with pytest.raises(StoreUnavailable, match="is full: free up at least 64 MB"):
        await writer.submit(fill, 1_000_000)
    assert await writer.submit(insert, 1) == 10
    assert _numbers(database, "first") == [1]


async def test_an_unreadable_path_says_so(tmp_path: Path) -> None:
    """Starting fails with the path in the message."""
    writer = Writer(SqliteEngine(tmp_path / "missing" / "reviews.db"), lambda: None)
    with pytest.raises(StoreUnavailable, match="missing"):
        await writer.start()
