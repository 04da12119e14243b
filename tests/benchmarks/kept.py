"""Whether a server kept what it acknowledged: every row, and an audit whose seals follow from each other."""

import sqlite3

from tests.benchmarks.lineup import FOUR_ROWS, Entry
from tests.benchmarks.requests import identifier
from tests.benchmarks.servers.four_rows import SCHEMA, seal
from tests.support.look import look_into


class Refused(Exception):
    """A server answered with something other than 200, or didn't keep what it acknowledged."""


def require_kept(entry: Entry, database_url: str, answered: int) -> None:
    """Raises Refused unless every row of so many new reviews is there."""
    tables = ["events"]
    if entry.rows == FOUR_ROWS:
        tables += ["reviews", "audit", "deliveries WHERE kind = 'card'" if entry.is_bot else "outbox"]
    for table in tables:
        _require(database_url, table, answered)
    if entry.rows == FOUR_ROWS and not entry.is_bot:
        require_chain(database_url)


def require_claimed(entry: Entry, database_url: str, answered: int) -> None:
    """Raises Refused unless so many reviews are claimed, with the audit and the outbox that belong to it."""
    _require(database_url, "reviews WHERE status = 'claimed'", answered)
    if entry.rows == FOUR_ROWS:
        _require(database_url, "audit WHERE action = 'claim'", answered)
        changed = (
            "deliveries WHERE kind = 'card' AND wanted_version > 1"
            if entry.is_bot
            else "outbox WHERE wanted_version > 1"
        )
        _require(database_url, changed, answered)
    if entry.rows == FOUR_ROWS and not entry.is_bot:
        require_chain(database_url)


def require_chain(database_url: str) -> None:
    """Raises Refused unless each seal of a peer's audit covers its entry and the seal before it."""
    previous = ""
    for row in look_into(database_url, "SELECT * FROM audit ORDER BY id"):
        *entry, sealed = row.values()
        previous = seal(previous, entry)
        if sealed != previous:
            raise Refused(f"entry {row['id']} of the audit doesn't follow from the one before")


def fill(database_url: str, count: int) -> None:
    """Open reviews, each with its card, for a server that has no webhook to make them."""
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    connection.executescript(SCHEMA)
    sessions = [(identifier("session", number),) for number in range(count)]
    with connection:
        connection.executemany("INSERT INTO reviews VALUES (?, 'user', NULL, 'open', NULL, 0, 1)", sessions)
        connection.executemany("INSERT INTO outbox VALUES (?, 1, 1, NULL, NULL)", sessions)
    connection.close()


def _require(database_url: str, table: str, expected: int) -> None:
    found = look_into(database_url, f"SELECT count(*) AS found FROM {table}")[0]["found"]  # noqa: S608
    if found != expected:
        raise Refused(f"{expected} requests were answered with 200, {found} are in {table}")
