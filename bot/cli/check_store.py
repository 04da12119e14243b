"""What `check` finds out about the database: reachable, on the newest schema, durable, and its audit's key at hand."""

import asyncio
from collections.abc import AsyncIterator

from bot.cli.check_line import CheckLine, fine, wrong
from bot.reviews.audit.entry import PLAIN, Keys, maker_of
from bot.store.engine import migrate
from bot.store.errors import SchemaProblem, StoreError, StoreInUse
from bot.store.store import database_at, reading
from bot.store.tables import audit_trail

LIMIT_S = 15.0


async def database_lines(url: str, keys: Keys) -> AsyncIterator[CheckLine]:
    """One line on the database, and where it can be read one on the audit."""
    try:
        async with asyncio.timeout(LIMIT_S):
            yield await _usable(url)
    except SchemaProblem as error:
        yield wrong("database", *_halves(str(error)))
    except StoreError as error:
        yield wrong("database", *_halves(str(error), "check DATABASE_URL, and that the database runs"))
    except TimeoutError:
        yield wrong(
            "database", f"no answer within {LIMIT_S:g} s", "check DATABASE_URL, and that the database runs"
        )
    else:
        yield await _audit(url, keys)


async def _usable(url: str) -> CheckLine:
    """Open it as a server would; where a running server has it, that has asserted the durability itself."""
    database = database_at(url)
    try:
        async with database.maintaining():
            await asyncio.to_thread(migrate.require_newest, database.engine(), str(database))
    except StoreInUse:
        async with reading(url) as connection:
            found = await migrate.version(connection)
        if found != migrate.newest():
            advice = "stop the running server, it is of another version, and run 'python -m bot migrate'"
            return wrong(
                "database", f"{database} has schema {found}, this version needs {migrate.newest()}", advice
            )
        return fine("database", f"{database}: a running server has it, schema {found} is the newest")
    return fine("database", f"{database}: reachable, durable, schema {migrate.newest()} is the newest")


async def _audit(url: str, keys: Keys) -> CheckLine:
    async with reading(url) as connection:
        head = await audit_trail.head(connection)
    maker = maker_of(head.seal)
    if maker not in {"", PLAIN} and not keys.know(maker):
        missing = "AUDIT_KEY is not set" if keys.maker == PLAIN else "AUDIT_KEY does not hold that key"
        return wrong("audit", f"sealed with the key {maker}, but {missing}", "set AUDIT_KEY as before")
    if keys.maker == PLAIN:
        return fine(
            "audit", f"{head.id} entries, plain hashes: who can write the database could make them anew"
        )
    return fine("audit", f"{head.id} entries, sealed with AUDIT_KEY")


def _halves(message: str, otherwise: str = "") -> tuple[str, str]:
    """The store's errors say what is wrong and, behind the last colon, what to do, where that is known."""
    message = " ".join(message.split())  # a driver's own words may be several lines
    what, _, advice = message.rpartition(": ")
    known = advice.startswith(("run ", "deploy ", "stop "))
    return (what, advice) if known else (message, otherwise)
