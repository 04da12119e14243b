"""What `check` looks at in the database: writable, durable, no transaction pooler, newest schema, disk, audit keys."""

import asyncio
from collections.abc import AsyncIterator

from bot.cli.check.disk import disk_line
from bot.cli.check.line import CheckLine, failed, passed
from bot.clock import system_clock
from bot.reviews.audit.entry import PLAIN, UNKEYED, Keys, maker_of
from bot.store.engine import migrate
from bot.store.errors import SchemaProblem, StoreError, StoreInUse
from bot.store.store import database_at, reading
from bot.store.tables import audit_trail, deliveries

TIMEOUT_S = 15.0
EDIT_WINDOW_ALERTS_MS = 2 * 24 * 3_600_000
"""The alert about it is repeated daily, as long as it lasts."""


async def database_lines(url: str, keys: Keys) -> AsyncIterator[CheckLine]:
    """Yield one line about the database and, if it can be read, one about the audit."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield await _usable(url)
    except SchemaProblem as error:
        yield await _migration_line(url, str(error))
    except StoreError as error:
        yield failed(
            "database",
            *_message_and_advice(str(error), "check DATABASE_URL, and that the database is running"),
        )
    except TimeoutError:
        yield failed(
            "database",
            f"no answer within {TIMEOUT_S:g} s",
            "check DATABASE_URL, and that the database is running",
        )
    else:
        folder = database_at(url).folder
        if folder is not None:
            yield disk_line(folder)
        yield await _audit(url, keys)
        async for line in _edit_window(url):
            yield line


async def _usable(url: str) -> CheckLine:
    """Open it as a server would and write; a running server that holds it has already done both."""
    database = database_at(url)
    how = await database.connection_kind()
    try:
        async with database.maintaining():
            await asyncio.to_thread(migrate.require_newest, database.engine(), str(database))
            await asyncio.to_thread(migrate.require_writable, database.engine())
    except StoreInUse:
        async with reading(url) as connection:
            found = await migrate.version(connection)
        if found != migrate.newest():
            advice = "the running server has another version: stop it and run 'python -m bot migrate'"
            return failed(
                "database", f"{database} has schema {found}, this version needs {migrate.newest()}", advice
            )
        return passed("database", f"{database}: in use by a running server, schema {found} is the newest")
    return passed(
        "database", f"{database}: {how}, writable, durable, schema {migrate.newest()} is the newest"
    )


async def _migration_line(url: str, problem: str) -> CheckLine:
    """Report that a migration is due, and whether it could create what it needs."""
    message, advice = _message_and_advice(problem)
    database = database_at(url)
    try:
        async with database.maintaining():
            await asyncio.to_thread(migrate.require_creatable, database.engine())
    except StoreError as error:
        message = f"{message}, and a migration couldn't create tables: {' '.join(str(error).split())}"
        advice = f"let the bot's role create tables in its schema (GRANT CREATE ON SCHEMA), then {advice}"
    return failed("database", message, advice)


async def _audit(url: str, keys: Keys) -> CheckLine:
    async with reading(url) as connection:
        head = await audit_trail.head(connection)
        makers = await audit_trail.makers(connection)
    if (problem := keys.misfit(head.seal)) is not None:
        return failed("audit", problem, "set AUDIT_KEY to the key that sealed the record")
    if missing := sorted(maker for maker in makers if not keys.know(maker)):
        advice = "add the former key after the others in AUDIT_KEY"
        return failed(
            "audit", f"AUDIT_KEY doesn't contain {', '.join(missing)}, which sealed older entries", advice
        )
    if keys.maker == PLAIN:
        return passed("audit", f"{head.id} entries, plain hashes, {UNKEYED}")
    if head.seal and maker_of(head.seal) != keys.maker:
        advice = "run 'python -m bot audit rotate-key'"
        return failed("audit", f"sealed with the former key {maker_of(head.seal)}", advice)
    return passed("audit", f"{head.id} entries, sealed with AUDIT_KEY")


async def _edit_window(url: str) -> AsyncIterator[CheckLine]:
    """Yield a line if Slack recently refused to update cards that it considers too old."""
    async with reading(url) as connection:
        found = await deliveries.alerts_since(
            connection, "edit_window:", system_clock() - EDIT_WINDOW_ALERTS_MS
        )
    if found:
        yield failed(
            "card updates",
            "Slack refuses to edit older messages; cards are posted again, at most once an hour each",
            "allow editing at any time: Slack's Settings & permissions > Message editing",
        )


def _message_and_advice(message: str, otherwise: str = "") -> tuple[str, str]:
    """Split an error of the store: after its last colon it says what to do, if that is known."""
    message = " ".join(message.split())  # a driver's message can have several lines
    if "read-only transaction" in message:
        return message, "use the primary's address: DATABASE_URL leads to a read-only replica"
    if "readonly database" in message:
        return message, "let the user that runs the bot write to the file and its folder"
    what, _, advice = message.rpartition(": ")
    known = advice.startswith(("run ", "deploy ", "stop ", "use ", "percent-encode ", "allow ", "free up "))
    return (what, advice) if known else (message, otherwise)
