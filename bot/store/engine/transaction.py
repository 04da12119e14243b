"""What a command sees of the database: one open transaction and the named statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import aiosql

from bot.reviews.audit.entry import AuditEntry, Keys
from bot.reviews.decision_update import DecisionSharing
from bot.reviews.policy import Policy, policy_of

DATABASES = ("sqlite", "postgres")

_SQL = Path(__file__).parents[1] / "sql"


@dataclass(slots=True)
class Transaction:
    """An open transaction of the one writer. Commands neither begin nor commit it."""

    connection: Any
    sql: Any  # aiosql's Queries: a method a statement, made when the files are read
    queues: Mapping[str, Policy] = field(default_factory=dict)
    """The rules of each queue as they are configured, without the members of groups and channels."""

    sharing: DecisionSharing = DecisionSharing.NOTHING
    """What is sent to the decision webhook."""

    wakes_delivery_worker: bool = False
    """Set by a command after which there is something to deliver, for the other instances."""
    keys: Keys = field(default_factory=Keys)
    """What the audit is sealed with."""
    new_sessions: dict[int, str] = field(default_factory=dict)
    """Reviews inserted so far, by row id: there can be nothing about them yet."""
    unsealed: list[tuple[int | None, AuditEntry]] = field(default_factory=list)
    """Audit entries that are written at the end, each with its review's row id."""

    def policy(self, queue: str) -> Policy:
        """The queue's policy, the same one everywhere in this transaction; NO_POLICY for an unknown queue."""
        return policy_of(queue, self.queues)


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection that can only read; every statement is awaited."""

    connection: Any
    sql: Any


@cache
def statements(database: str, driver: str | type[Any]) -> Any:  # noqa: ANN401 - see Transaction.sql
    """The named statements: the shared files, and the given database's own for the few that differ.

    `driver` is aiosql's name for one, or an adapter.
    """
    shared = sorted(path for path in _SQL.glob("*.sql") if path.stem not in DATABASES)
    texts = [path.read_text(encoding="utf-8") for path in [*shared, _SQL / f"{database}.sql"]]
    return aiosql.from_str("\n\n".join(texts), driver)
