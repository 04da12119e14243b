"""The operator as tests play one: the command line beside the bot, and the quarantine's bodies changed by hand."""

import asyncio
import os
import sqlite3
import subprocess
from typing import Any

import psycopg

from tests.support.process import run


async def command(database_url: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot ...` to its end while the test's own bot goes on; it knows the database and what is given."""
    known = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url}
    done = await asyncio.to_thread(run, list(words), known | env, 40)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def change_quarantined(database_url: str, row_id: int, body: bytes) -> None:
    """Replace a quarantined body, as if the bot had not been able to read it; only while no bot runs."""
    _execute(database_url, "UPDATE events SET body = {} WHERE id = {}", (body, row_id))


def queue_again_as(database_url: str, kind: str, arguments: str) -> None:
    """Make deliveries of a kind due again with other arguments, as another version would; only while no bot runs."""
    statement = "UPDATE deliveries SET arguments = {}, shown_version = 0, message_ts = NULL, due_at = 0 WHERE kind = {}"
    _execute(database_url, statement, (arguments, kind))


def _execute(database_url: str, statement: str, values: tuple[object, ...]) -> None:
    """Run a statement whose `{}` stand for the values."""
    if not database_url.startswith("sqlite:///"):
        with psycopg.connect(database_url) as postgres:
            postgres.execute(statement.format(*["%s"] * len(values)).encode(), values)
        return
    connection: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    try:
        with connection:
            connection.execute(statement.format(*["?"] * len(values)), values)
    finally:
        connection.close()
