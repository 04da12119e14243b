"""The one writer: all waiting commands are written in one transaction, with one wait for the disk (group commit).

A request hands over a command and awaits its result. It never touches the connection, so cancelling the request cannot
leave a transaction open. The writer's thread owns the connection: it runs all waiting commands in one transaction,
commits, and then every caller gets its result. Whatever arrives in the meantime is the next batch.

If a command fails, the batch is rolled back and each command is run alone.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, TypeVar

from bot.reviews.audit.entry import Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import Policy
from bot.store.engine.protocol import Engine
from bot.store.engine.transaction import Transaction
from bot.store.errors import StaleRead, StoreBusy, StoreClosing, StoreUnavailable
from bot.store.tables import audit

QUEUE_LIMIT = 2_000
BATCH_LIMIT = 500
STALE_READ_TRIES = 10

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")

Command = Callable[[Transaction, ArgumentT], ResultT]
"""Works on one argument."""

BatchedCommand = Callable[[Transaction, Sequence[ArgumentT]], Sequence[ResultT]]
"""Works on all arguments that wait for it, and returns one result for each, in the same order."""

OnBatch = Callable[[int, float], None]
"""Called in the writer's thread with the number of writes that shared a transaction and the seconds it took."""


def ignore_batch(_writes: int, _seconds: float) -> None:
    """The OnBatch of a store without metrics."""


@dataclass(slots=True, eq=False)
class _Write:
    command: Callable[[Transaction, Any], Any]
    argument: Any
    batched: bool
    future: "asyncio.Future[Any]"


_Outcome = tuple[_Write, Any, Exception | None]


class Writer:
    """Owns the database's writing connection and the thread that uses it."""

    def __init__(
        self,
        engine: Engine,
        on_commit: Callable[[], None],
        queue_limit: int = QUEUE_LIMIT,
        queues: Mapping[str, Policy] = MappingProxyType({}),
        keys: Keys | None = None,
        on_batch: OnBatch = ignore_batch,
        sharing: DecisionSharing = DecisionSharing.NOTHING,
    ) -> None:
        self._engine = engine
        self._on_commit = on_commit
        self._on_batch = on_batch
        self._queues = queues
        self._keys = keys or Keys()
        self._sharing = sharing
        self._queue_limit = queue_limit
        self._batches: SimpleQueue[list[_Write] | None] = SimpleQueue()
        self._waiting: list[_Write] = []
        self._unanswered = 0
        self._thread_is_busy = False
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

    def submit(self, command: Command[ArgumentT, ResultT], argument: ArgumentT) -> "asyncio.Future[ResultT]":
        """Run the command in the next transaction; awaiting it gives the command's result once that is durable.

        Raises StoreBusy or StoreClosing at once. Awaiting it raises StoreUnavailable when the database failed, and
        whatever the command raised. A caller that is cancelled loses only the result: its write still happens.
        """
        return self._queued(command, argument, batched=False)

    def submit_batched(
        self, command: BatchedCommand[ArgumentT, ResultT], argument: ArgumentT
    ) -> "asyncio.Future[ResultT]":
        """Like `submit`, for a command that is called once with the arguments of all its waiting callers."""
        return self._queued(command, argument, batched=True)

    async def close(self) -> None:
        """Write everything that waits, then close the connection."""
        self._closing = True
        if not self._thread_is_busy and not self._waiting:
            self._batches.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _queued(
        self, command: Callable[[Transaction, Any], Any], argument: object, *, batched: bool
    ) -> "asyncio.Future[Any]":
        if self._closing or self._loop is None:
            raise StoreClosing("the store is shutting down")
        if self._unanswered >= self._queue_limit:
            raise StoreBusy(f"{self._unanswered} writes are waiting already")
        future: asyncio.Future[Any] = self._loop.create_future()
        if not self._waiting and not self._thread_is_busy:
            self._loop.call_soon(self._hand_over)
        self._waiting.append(_Write(command, argument, batched, future))
        self._unanswered += 1
        return future

    def _hand_over(self) -> None:
        """On the loop: give the idle thread what waits, or an empty batch when it is time for a checkpoint."""
        if self._thread_is_busy or not (self._waiting or self._engine.needs_checkpoint):
            return
        batch, self._waiting = self._waiting[:BATCH_LIMIT], self._waiting[BATCH_LIMIT:]
        self._thread_is_busy = True
        self._batches.put(batch)

    def _run(self, opened: "asyncio.Future[None]") -> None:
        assert self._loop is not None  # noqa: S101 - set by start()
        try:
            self._engine.open()
        except Exception as error:  # noqa: BLE001 - handed to start(), which raises it
            self._loop.call_soon_threadsafe(opened.set_exception, error)
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        while (batch := self._batches.get()) is not None:
            self._loop.call_soon_threadsafe(self._answer, self._write(batch) if batch else self._checkpoint())
        self._engine.close()

    def _checkpoint(self) -> list[_Outcome]:
        self._engine.checkpoint()
        return []

    def _write(self, batch: Sequence[_Write]) -> list[_Outcome]:
        began_s = time.perf_counter()
        outcomes = self._outcomes(batch)
        self._on_batch(len(batch), time.perf_counter() - began_s)
        return outcomes

    def _outcomes(self, batch: Sequence[_Write]) -> list[_Outcome]:
        try:
            return self._in_one_transaction(batch)
        except StoreUnavailable as error:
            return [(write, None, error) for write in batch]
        except Exception as error:  # noqa: BLE001 - the command's own failure, for its caller alone
            if len(batch) == 1:
                return [(batch[0], None, error)]
        # One bad command must not fail its neighbours: run each alone.
        return [outcome for write in batch for outcome in self._outcomes([write])]

    def _in_one_transaction(self, batch: Sequence[_Write]) -> list[_Outcome]:
        for tries_left in reversed(range(STALE_READ_TRIES)):
            transaction = self._engine.begin()
            transaction.queues = self._queues
            transaction.keys = self._keys
            transaction.sharing = self._sharing
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

    def _answer(self, outcomes: Sequence[_Outcome]) -> None:
        """On the loop: give every caller its result, and tell the delivery worker that there may be something to do."""
        self._unanswered -= len(outcomes)
        self._thread_is_busy = False
        for write, result, error in outcomes:
            if write.future.done():
                continue
            if error is None:
                write.future.set_result(result)
            else:
                write.future.set_exception(error)
        self._on_commit()
        assert self._loop is not None  # noqa: S101 - set by start()
        # Callers continue first: their next writes can still join the next batch.
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """On the loop: hand over what arrived in the meantime; if there is nothing and the writer is closing, end."""
        self._hand_over()
        if self._closing and not self._thread_is_busy:
            self._batches.put(None)


def _run_commands(transaction: Transaction, batch: Sequence[_Write]) -> list[_Outcome]:
    """Run the commands in order; a batched command takes its later callers with it."""
    groups: dict[BatchedCommand[Any, Any], list[_Write]] = {}
    for write in batch:
        if write.batched:
            groups.setdefault(write.command, []).append(write)
    outcomes: list[_Outcome] = []
    for write in batch:
        if not write.batched:
            outcomes.append((write, write.command(transaction, write.argument), None))
        elif group := groups.pop(write.command, None):
            results = write.command(transaction, [each.argument for each in group])
            outcomes += [(each, result, None) for each, result in zip(group, results, strict=True)]
    return outcomes
