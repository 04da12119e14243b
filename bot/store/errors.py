"""What can go wrong with the store.

StoreError
├── StoreUnavailable   the database cannot be read or written now: answer 503, nothing is half-written
│   ├── OutcomeUnknown the connection broke during the commit: it may have been recorded after all
│   ├── StoreBusy      more is waiting than the writer's queue can hold
│   ├── StoreClosing   the process is shutting down
│   ├── AuditKeyMissing  AUDIT_KEY doesn't match the record
│   ├── AuditHeadMissing  the record's own note of its end was removed
│   └── TransactionPooler  other clients get the same session of the database in between
├── StoreInUse         another process holds the SQLite file
├── StaleRead          the row was changed since it was read: the writer runs the command again
└── SchemaProblem      the database's schema is not the one that this version needs
"""


class StoreError(Exception):
    """Root of the store's errors; `reason` is the word for logs and metrics."""

    reason = "store"


class StoreUnavailable(StoreError):
    """The database cannot be read or written now."""

    reason = "database"


class OutcomeUnknown(StoreUnavailable):
    """The connection broke during the commit, so no one knows whether it happened. Repeating it is safe."""


class StoreBusy(StoreUnavailable):
    """More is waiting to be written than the queue can hold."""

    reason = "overload"


class StoreClosing(StoreUnavailable):
    """The process is shutting down and accepts nothing more."""

    reason = "closing"


class AuditKeyMissing(StoreUnavailable):
    """AUDIT_KEY doesn't match the record: the record's key isn't in it, or the record has no key yet."""

    reason = "audit_key"


class AuditHeadMissing(StoreUnavailable):
    """The record's own note of its end was removed: nothing can be appended."""

    reason = "audit_head"


class TransactionPooler(StoreUnavailable):
    """The database is behind a pooler that shares one session between clients."""

    reason = "transaction_pooler"


class StoreInUse(StoreError):
    """Another process holds the SQLite file."""

    reason = "in_use"


class StaleRead(StoreError):
    """A row changed between reading and writing it."""

    reason = "stale_read"


class SchemaProblem(StoreError):
    """The database's schema is not the one that this version needs."""

    reason = "schema"
