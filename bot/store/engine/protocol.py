"""What the writer needs of a database: a connection that writes."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from bot.store.engine.transaction import Transaction
from bot.store.errors import StoreUnavailable

Say: TypeAlias = Callable[[str], None]
"""Called with a sentence for the operator who is waiting."""


def say_nothing(_sentence: str) -> None:
    """The Say where no one is waiting."""


class Engine(Protocol):
    """What the writer needs of a database; used by one thread at a time."""

    def open(self) -> Transaction:
        """Connect; StoreUnavailable says what is wrong."""
        ...

    def begin(self) -> Transaction:
        """Open a transaction; StoreUnavailable when the database refuses."""
        ...

    def commit(self, transaction: Transaction) -> None:
        """Make it durable; StoreUnavailable when that failed, OutcomeUnknown when it may have happened after all."""
        ...

    @property
    def needs_checkpoint(self) -> bool:
        """Whether a checkpoint is due as soon as nothing waits to be written."""
        ...

    def checkpoint(self) -> None:
        """Run the checkpoint, outside any transaction; nothing depends on its success."""
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
        """Whether running the commands again is enough."""
        ...

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The database's error in the store's words."""
        ...
