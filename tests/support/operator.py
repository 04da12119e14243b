"""The operator as tests play one: the command line beside the bot, and the quarantine's bodies changed by hand."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from typing import Any

import psycopg

from tests.support.process import ROOT


async def command(database_url: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot ...` to its end while the test's own bot goes on; it knows the database and what is given."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url} | env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode is not None
    assert b"Traceback" not in errors, errors.decode()
    return subprocess.CompletedProcess(words, process.returncode, output.decode(), errors.decode())


def change_quarantined(database_url: str, row_id: int, body: bytes) -> None:
    """Put another body into the quarantine, as if the bot had not understood it; only while no bot runs."""
    if not database_url.startswith("sqlite:///"):
        with psycopg.connect(database_url) as postgres:
            postgres.execute("UPDATE events SET body = %s WHERE id = %s", (body, row_id))
        return
    connection: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    try:
        with connection:
            connection.execute("UPDATE events SET body = ? WHERE id = ?", (body, row_id))
    finally:
        connection.close()
