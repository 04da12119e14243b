"""How the bot connects to PostgreSQL: the URL, what every session is set to, and whether a session is its own.

Nothing is set with startup parameters of our own, because PgBouncer refuses most of them
(https://www.pgbouncer.org/config.html#ignore_startup_parameters): sessions are set after connecting.
"""

import asyncio
import re
import shlex
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row

from bot.store.errors import StoreUnavailable, TransactionPooler

# A server that vanishes without a word is noticed within seconds; what the URL says goes first.
_CONNECTION = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "review-bot",
}
_SET_OPTION = "SELECT set_config(%s, %s, false)"
_REFUSED_OPTIONS = "unsupported startup parameter"

POOLER_LIMIT_S = 10.0
POOLER_ROUNDS = 3

BAD_URL = (
    "PostgreSQL can't parse DATABASE_URL: percent-encode special characters in the password "
    "(@ as %40, / as %2F, % as %25)"
)


class PostgresAddress:
    """Where a database is, by its URL as libpq understands it; `str` names it without any credentials."""

    def __init__(self, url: str) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # The error's own text would repeat the URL, and with it the password.
            raise StoreUnavailable(BAD_URL) from None
        if not _is_split_as_meant(given):
            raise StoreUnavailable(BAD_URL)
        self.conninfo = make_conninfo(
            url, **{name: _CONNECTION[name] for name in _CONNECTION if name not in given}
        )
        self._password = str(given.get("password") or "")
        self._options = str(given.get("options") or "")
        self._name = (
            f"PostgreSQL database {given.get('dbname', '')} at {given.get('host', 'the local socket')}"
        )

    def __str__(self) -> str:
        return self._name

    def explain(self, error: BaseException) -> str:
        """Return the driver's message on one line, without the user's name and password."""
        text = " ".join(str(error).split()) or type(error).__name__
        text = re.sub(r'\b(user|role) "[^"]*"', r"\1", text)
        if self._password:
            text = text.replace(self._password, "***")
        return f"{self}: {text}"

    def connect(self) -> psycopg.Connection[DictRow]:
        """Connect; a pooler that refuses the URL's `options` gets them after connecting."""
        try:
            return psycopg.connect(self.conninfo, autocommit=True, row_factory=dict_row)
        except psycopg.OperationalError as error:
            if _REFUSED_OPTIONS not in str(error) or (settings := _settings(self._options)) is None:
                raise
        connection = psycopg.connect(self._without_options(), autocommit=True, row_factory=dict_row)
        for setting in settings:
            connection.execute(_SET_OPTION, setting)
        return connection

    async def connect_async(self) -> psycopg.AsyncConnection[DictRow]:
        """Like `connect`, without blocking the event loop."""
        connect = psycopg.AsyncConnection.connect
        try:
            return await connect(self.conninfo, autocommit=True, row_factory=dict_row)
        except psycopg.OperationalError as error:
            if _REFUSED_OPTIONS not in str(error) or (settings := _settings(self._options)) is None:
                raise
        connection = await connect(self._without_options(), autocommit=True, row_factory=dict_row)
        for setting in settings:
            await connection.execute(_SET_OPTION, setting)
        return connection

    def _without_options(self) -> str:
        return make_conninfo(self.conninfo, options="")


async def require_own_sessions(address: PostgresAddress) -> str:
    """Return how the bot is connected; raise TransactionPooler if other clients get the same session in between.

    Locks, notifications and session settings would then belong to the next client of the session.
    """
    try:
        async with asyncio.timeout(POOLER_LIMIT_S):
            return await _connection_kind(address)
    except TimeoutError:
        raise StoreUnavailable(
            f"{address} gave no second session within {POOLER_LIMIT_S:g} s: allow the bot at least eight connections"
        ) from None
    except psycopg.Error as error:
        if "pooling mode" in str(error):  # PgBouncer's statement mode refuses BEGIN with these words
            raise TransactionPooler(_pooler_problem(address)) from error
        raise StoreUnavailable(address.explain(error)) from error


async def _connection_kind(address: PostgresAddress) -> str:
    async with await address.connect_async() as first, await address.connect_async() as second:
        for _ in range(POOLER_ROUNDS):
            ours = await _server_process(first)
            await second.execute("BEGIN")
            # A pooler in transaction mode hands the second session the server process that the first one just used,
            # or, while that one is busy, the first session another one.
            is_shared = await _server_process(second) == ours or await _server_process(first) != ours
            await second.execute("ROLLBACK")
            if is_shared:
                raise TransactionPooler(_pooler_problem(address))
        # PgBouncer makes up the process number that a connection begins with.
        is_direct = first.info.backend_pid == ours
    return "directly connected" if is_direct else "connected through a pooler in session mode"


async def _server_process(connection: psycopg.AsyncConnection[DictRow]) -> int:
    row = await (await connection.execute("SELECT pg_backend_pid() AS pid")).fetchone()
    assert row is not None  # noqa: S101 - the statement returns one row
    return int(row["pid"])


def _pooler_problem(address: PostgresAddress) -> str:
    return (
        f"{address} is behind a connection pooler in transaction mode (such as PgBouncer with pool_mode=transaction, "
        "Supabase's port 6543 or Neon's '-pooler' host), which shares one session between clients: "
        "use the database's direct address, or the pooler in session mode"
    )


def _is_split_as_meant(given: dict[str, Any]) -> bool:
    """Return whether no part of a password with an unescaped `@` or `/` ended up in the host, port or name."""
    parts = [str(given.get(name) or "") for name in ("host", "hostaddr", "port", "dbname")]
    return not any("@" in part for part in parts) and set(parts[2]) <= set("0123456789,")


def _settings(options: str) -> Sequence[tuple[str, str]] | None:
    """Return the settings in libpq's `options`; None if there are none, or anything but settings."""
    settings: list[tuple[str, str]] = []
    words = iter(shlex.split(options))
    for word in words:
        if not word.startswith(("-c", "--")):
            return None
        name, equals, value = (next(words, "") if word == "-c" else word[2:]).partition("=")
        if not equals:
            return None
        settings.append((name.replace("-", "_"), value))
    return settings or None
