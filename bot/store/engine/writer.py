"""The one writer: everything that waits is written in one transaction, with one wait for the disk.

A request hands over a command and awaits its result; it never touches the connection, so that cancelling it cannot
leave a transaction open. All that waits is run in one transaction, committed, and then every waiter is told (group
commit); what comes meanwhile is the next batch. A command is an ordinary function of the transaction and of *all*
arguments that were handed to it in this batch, so that it may work set-wise.

Who waits for the database is a thread, which has the connection from when it is handed a batch until it is done. But
where the database is a file (SQLite), the thread is only handed what has to wait for the disk, the commit: quick
commands are run on the loop before. Two threads at work would pass the interpreter's lock to and fro, which costs more
than the commands.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, TypeVar

import structlog

from bot.reviews.audit.entry import Keys
from bot.reviews.policy import Policy
from bot.store.engine.protocol import Engine
from bot.store.engine.transaction import Transaction
from bot.store.errors import StaleRead, StoreBusy, StoreClosing, StoreUnavailable
from bot.store.tables import audit

QUEUE_LIMIT = 2_000
BATCH_LIMIT = 500
STALE_READ_TRIES = 10

_log = structlog.get_logger(__name__)

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")
Command = Callable[[Transaction, Sequence[ArgumentT]], Sequence[ResultT]]
"""Answers with one result for each argument, in the same order."""


OnBatch = Callable[[int, float], None]
"""Told, in the writer's thread, how many writes shared a transaction and how many seconds it took."""


def nobody_counts(_batch: int, _took_s: float) -> None:
    """Where nobody wants to know."""


@dataclass(slots=True, eq=False)
class _Waiting:
    command: Command[Any, Any]
    argument: Any
    future: "asyncio.Future[Any]"


_Outcome = tuple[_Waiting, Any, Exception | None]


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the thread is handed; an `open` transaction only has to be committed for these outcomes.

    A batch of nothing is a quiet moment.
    """

    waiting: Sequence[_Waiting]
    began_s: float
    open: Transaction | None = None
    outcomes: Sequence[_Outcome] = ()


def quick(command: Command[ArgumentT, ResultT]) -> Command[ArgumentT, ResultT]:
    """Mark a command that takes a few rows through indexes, so that nobody minds when the loop runs it."""
    _QUICK.add(command)
    return command


_QUICK: set[Command[Any, Any]] = set()


class Writer:
    """Owns the database's writing connection, and the thread that waits for it."""

    def __init__(
        self,
        engine: Engine,
        on_commit: Callable[[], None],
        queue_limit: int = QUEUE_LIMIT,
        queues: Mapping[str, Policy] = MappingProxyType({}),
        keys: Keys | None = None,
        on_batch: OnBatch = nobody_counts,
    ) -> None:
        self._on_batch = on_batch
        self._engine = engine
        self._on_commit = on_commit
        self._queues = queues
        self._queue_limit = queue_limit
        self._keys = keys or Keys()
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._gathered: list[_Waiting] = []
        self._in_hand = False
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
        if not self._gathered and not self._in_hand:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Waiting(command, argument, future))
        return await future

    async def close(self) -> None:
        """Write what was handed over, then close the connection."""
        self._closing = True
        if not self._in_hand and not self._gathered:
            self._queue.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """On the loop: give the thread what was gathered, or else time to tidy, unless it has something in hand."""
        if self._in_hand or not (self._gathered or self._engine.is_untidy):
            return
        waiting, self._gathered = self._gathered[:BATCH_LIMIT], self._gathered[BATCH_LIMIT:]
        self._in_hand = True
        self._queue.put(self._prepared(waiting))

    def _prepared(self, waiting: list[_Waiting]) -> _Batch:
        """Run the commands here, where they wait for nobody; whatever goes wrong, the thread begins from the start."""
        batch = _Batch(waiting, time.perf_counter())
        if not waiting or not self._engine.is_local or any(item.command not in _QUICK for item in waiting):
            return batch
        try:
            transaction = self._begin(waits=False)
            return replace(batch, open=transaction, outcomes=self._run_sealed(transaction, waiting))
        except Exception:  # noqa: BLE001 - it comes again in the thread, which knows what to do
            self._engine.rollback()
            return batch

    def _run(self, opened: "asyncio.Future[None]") -> None:
        assert self._loop is not None  # noqa: S101 - set by start()
        try:
            self._engine.open()
        except Exception as error:  # noqa: BLE001 - handed to start(), which raises it
            self._loop.call_soon_threadsafe(opened.set_exception, error)
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        while batch := self._queue.get():
            if batch.waiting:
                outcomes = self._finish(batch) if batch.open else self._write(batch.waiting)
                self._on_batch(len(batch.waiting), time.perf_counter() - batch.began_s)
            else:
                outcomes = []
                self._engine.tidy()
            self._loop.call_soon_threadsafe(self._answer, outcomes)
        self._engine.close()

    def _finish(self, batch: _Batch) -> Sequence[_Outcome]:
        assert batch.open is not None  # noqa: S101 - the caller looked
        try:
            self._engine.commit(batch.open)
        except StoreUnavailable as error:
            return [(waiting, None, error) for waiting in batch.waiting]
        return batch.outcomes

    def _write(self, batch: Sequence[_Waiting]) -> list[_Outcome]:
        try:
            return self._in_one_transaction(batch)
        except StoreUnavailable as error:
            return [(waiting, None, error) for waiting in batch]
        except Exception as error:  # noqa: BLE001 - the command's own failure, for its waiter alone
            if len(batch) == 1:
                return [(batch[0], None, error)]
        # One bad command must not fail its neighbours: each is run alone.
        return [outcome for waiting in batch for outcome in self._write([waiting])]

    def _in_one_transaction(self, batch: Sequence[_Waiting]) -> list[_Outcome]:
        for tries_left in reversed(range(STALE_READ_TRIES)):
            transaction = self._begin()
            try:
                outcomes = self._run_sealed(transaction, batch)
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

    def _begin(self, *, waits: bool = True) -> Transaction:
        transaction = self._engine.begin(waits=waits)
        transaction.queues = self._queues
        transaction.keys = self._keys
        return transaction

    def _run_sealed(self, transaction: Transaction, batch: Sequence[_Waiting]) -> list[_Outcome]:
        outcomes = _run_commands(transaction, batch)
        audit.seal(transaction)
        return outcomes

    def _answer(self, outcomes: Sequence[_Outcome]) -> None:
        """On the loop: tell every waiter how it ended, and the publisher that there may be something to do."""
        self._waiting -= len(outcomes)
        self._in_hand = False
        for waiting, result, error in outcomes:
            if waiting.future.done():
                continue
            if error is None:
                waiting.future.set_result(result)
            else:
                waiting.future.set_exception(error)
        self._on_commit()
        assert self._loop is not None  # noqa: S101 - set by start()
        # After those who were told, or their answers would wait for the next batch to be made ready.
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """On the loop: hand over what came meanwhile; if that is nothing, end where that was asked for."""
        self._hand_over()
        if self._closing and not self._in_hand:
            self._queue.put(None)


def _run_commands(transaction: Transaction, batch: Sequence[_Waiting]) -> list[_Outcome]:
    by_command: dict[Command[Any, Any], list[_Waiting]] = {}
    for waiting in batch:
        by_command.setdefault(waiting.command, []).append(waiting)
    outcomes: list[_Outcome] = []
    for command, group in by_command.items():
        results = command(transaction, [waiting.argument for waiting in group])
        outcomes.extend((waiting, result, None) for waiting, result in zip(group, results, strict=True))
    return outcomes
