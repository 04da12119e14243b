"""Somebody with the database's own password: changes the record by hand, triggers and all."""

import sqlite3

import psycopg

TRIGGERS = (
    *(
        "audit_is_not_changed",
        "audit_is_not_removed",
        "audit_purged_is_not_changed",
        "audit_purged_is_not_removed",
    ),
    *("audit_is_not_emptied", "audit_purged_stays", "audit_purged_is_not_emptied"),
)


def write(database_url: str, *statements: str) -> None:
    """Run statements as anybody might, all or none."""
    if not database_url.startswith("sqlite:///"):
        with psycopg.connect(database_url) as postgres:
            for statement in statements:
                postgres.execute(statement.encode())
        return
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    try:
        with connection:
            for statement in statements:
                connection.execute(statement)
    finally:
        connection.close()


def tamper(database_url: str, *statements: str) -> None:
    """Take the database's own protection away, then run the statements."""
    if database_url.startswith("sqlite:///"):
        write(database_url, *(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS), *statements)
    else:
        tables = ("audit", "audit_purged")
        write(database_url, *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), *statements)
