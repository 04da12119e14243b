"""The one writer: everything that waits is written in one transaction, with one wait for the disk.

A request hands over a command and awaits its result; it never touches the connection, so that cancelling it cannot
leave a transaction open. The writer's thread takes all that waits, runs it in one transaction, commits, and then
tells every waiter (group commit). A command is an ordinary function of the transaction and of *all* arguments that
were handed to it in this batch, so that it may work set-wise.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

import structlog

from bot.reviews.audit import Keys
from bot.reviews.outcomes import Rules
from bot.store import audit
from bot.store.errors import StaleRead, StoreBusy, StoreClosing, StoreUnavailable
from bot.store.transaction import Transaction

QUEUE_LIMIT = 2_000
BATCH_LIMIT = 500
STALE_READ_TRIES = 10

_log = structlog.get_logger(__name__)

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")
Command = Callable[[Transaction, Sequence[ArgumentT]], Sequence[ResultT]]
"""Answers with one result for each argument, in the same order."""


class Engine(Protocol):
    """What the writer needs of a database; used by the writer's thread only."""

    def open(self) -> Transaction:
        """Connect; StoreUnavailable says what is wrong."""
        ...

    def begin(self) -> Transaction:
        """Open a transaction; StoreUnavailable when the database does not let us."""
        ...

    def commit(self, transaction: Transaction) -> None:
        """Make it durable; StoreUnavailable when that failed, with nothing written."""
        ...

    def run_script(self, script: str) -> None:
        """Run a migration's statements in the open transaction."""
        ...

    def rollback(self) -> None:
        """Undo the open transaction, if there is one."""
        ...

    def close(self) -> None:
        """Disconnect; the next `begin` connects again."""
        ...

    def is_database_trouble(self, error: Exception) -> bool:
        """Whether an error is the database's and not the command's."""
        ...

    def is_conflict(self, error: Exception) -> bool:
        """Whether the commands only have to be run again."""
        ...

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The database's error in the store's words."""
        ...


OnBatch = Callable[[int, float], None]
"""Told, in the writer's thread, how many writes shared a transaction and how many seconds it took."""


def nobody_counts(_batch: int, _took_s: float) -> None:
    """Where nobody wants to know."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    command: Command[Any, Any]
    argument: Any
    future: "asyncio.Future[Any]"


_Outcome = tuple[_Waiting, Any, Exception | None]


class Writer:
    """Owns the database's writing connection in a thread of its own."""

    def __init__(
        self,
        engine: Engine,
        on_commit: Callable[[], None],
        queue_limit: int = QUEUE_LIMIT,
        queues: Mapping[str, Rules] = MappingProxyType({}),
        keys: Keys | None = None,
        on_batch: OnBatch = nobody_counts,
    ) -> None:
        self._on_batch = on_batch
        self._engine = engine
        self._on_commit = on_commit
        self._queues = queues
        self._queue_limit = queue_limit
        self._keys = keys or Keys()
        self._queue: SimpleQueue[list[_Waiting] | None] = SimpleQueue()
        self._gathered: list[_Waiting] = []
        self._waiting = 0
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Open the database in the writer's thread; raises what opening raises."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="store-writer", daemon=True)
        self._thread.start()
        await opened

    async def submit(self, command: Command[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Run the command in the next transaction and answer once it is durable.

        Raises StoreBusy or StoreClosing at once, StoreUnavailable when the database failed, and whatever the command
        raised. A caller that is cancelled loses only the answer: what was handed over is still written.
        """
        if self._closing or self._loop is None:
            raise StoreClosing("the store is shutting down")
        if self._waiting >= self._queue_limit:
            raise StoreBusy(f"{self._waiting} writes are waiting already")
        future: asyncio.Future[ResultT] = self._loop.create_future()
        self._waiting += 1
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Waiting(command, argument, future))
        return await future

    async def close(self) -> None:
        """Write what was handed over, then close the connection."""
        self._closing = True
        self._hand_over()
        self._queue.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Give the thread what was gathered in this turn of the loop: to wake it for each write would cost more."""
        if self._gathered:
            self._queue.put(self._gathered)
            self._gathered = []

    def _run(self, opened: "asyncio.Future[None]") -> None:
        assert self._loop is not None  # noqa: S101 - set by start()
        try:
            self._engine.open()
        except Exception as error:  # noqa: BLE001 - handed to start(), which raises it
            self._loop.call_soon_threadsafe(opened.set_exception, error)
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        go_on = True
        while go_on:
            batch, go_on = self._take()
            if batch:
                began = time.perf_counter()
                outcomes = self._write(batch)
                self._on_batch(len(batch), time.perf_counter() - began)
                self._loop.call_soon_threadsafe(self._answer, outcomes)
        self._engine.close()

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Wait for something to write, then take all that is there; false once the end was asked for."""
        batch: list[_Waiting] = []
        gathered = self._queue.get()
        while gathered is not None:
            batch += gathered
            if len(batch) >= BATCH_LIMIT or self._queue.empty():
                return batch, True
            gathered = self._queue.get()
        return batch, False

    def _write(self, batch: list[_Waiting]) -> list[_Outcome]:
        try:
            return self._in_one_transaction(batch)
        except StoreUnavailable as error:
            return [(waiting, None, error) for waiting in batch]
        except Exception as error:  # noqa: BLE001 - the command's own failure, for its waiter alone
            if len(batch) == 1:
                return [(batch[0], None, error)]
        # One bad command must not fail its neighbours: each is run alone.
        return [outcome for waiting in batch for outcome in self._write([waiting])]

    def _in_one_transaction(self, batch: list[_Waiting]) -> list[_Outcome]:
        for tries_left in reversed(range(STALE_READ_TRIES)):
            transaction = self._engine.begin()
            transaction.queues = self._queues
            transaction.keys = self._keys
            try:
                outcomes = _run_commands(transaction, batch)
                audit.seal(transaction)
            except Exception as error:
                self._engine.rollback()
                again = isinstance(error, StaleRead) or self._engine.is_conflict(error)
                if again and tries_left:
                    continue
                if self._engine.is_database_trouble(error):
                    self._engine.close()
                    raise self._engine.unavailable(error) from error
                raise
            self._engine.commit(transaction)
            return outcomes
        raise AssertionError("unreachable")

    def _answer(self, outcomes: list[_Outcome]) -> None:
        """On the loop: tell every waiter how it ended, and the publisher that there may be something to do."""
        self._waiting -= len(outcomes)
        for waiting, result, error in outcomes:
            if waiting.future.done():
                continue
            if error is None:
                waiting.future.set_result(result)
            else:
                waiting.future.set_exception(error)
        self._on_commit()


def _run_commands(transaction: Transaction, batch: Sequence[_Waiting]) -> list[_Outcome]:
    by_command: dict[Command[Any, Any], list[_Waiting]] = {}
    for waiting in batch:
        by_command.setdefault(waiting.command, []).append(waiting)
    outcomes: list[_Outcome] = []
    for command, group in by_command.items():
        results = command(transaction, [waiting.argument for waiting in group])
        outcomes.extend((waiting, result, None) for waiting, result in zip(group, results, strict=True))
    return outcomes
