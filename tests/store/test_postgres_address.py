"""DATABASE_URL for PostgreSQL: read as libpq reads it, and never shown."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from bot.store.engine.postgres import PostgresDatabase
from bot.store.errors import StoreUnavailable
from bot.store.store import database_at, open_store
from tests.support.postgres import PostgresServer


async def test_an_address_without_a_server_says_so() -> None:
    """Within seconds, and without the password."""
    url = "postgres://user:canary@127.0.0.1:1/bot"
    with pytest.raises(StoreUnavailable) as caught:
        async with open_store(url, 1, lambda: None):
            pass
    assert "127.0.0.1" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "postgres://user:secret@host:5433/bot",
            {"host": "host", "port": "5433", "user": "user", "dbname": "bot"},
        ),
        ("postgresql://host/bot?sslmode=verify-full&sslrootcert=/ca.pem", {"sslmode": "verify-full"}),
        (
            "postgres://host/bot?sslmode=require&connect_timeout=9",
            {"sslmode": "require", "connect_timeout": "9"},
        ),
    ],
)
def test_a_url_is_understood_as_libpq_does(url: str, wanted: dict[str, str]) -> None:
    """Heroku's form, TLS parameters, and what it says goes before our own habits."""
    database = PostgresDatabase(url)
    assert wanted.items() <= conninfo_to_dict(database.address.conninfo).items()
    assert "secret" not in str(database)


async def test_a_url_that_is_none_says_so_without_repeating_it() -> None:
    """It may hold a password."""
    with pytest.raises(StoreUnavailable) as caught:
        database_at("postgres://user:canary@host:port:port/%%%")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("password", ["kxn@vqy", "kxn/vqy", "kxn%vqy", "kxn@v/qy", "kxnvqy?a@b", "kxn:v@qy"])
async def test_an_unescaped_password_is_named_as_the_cause_and_never_repeated(password: str) -> None:
    """Without escapes a part of it would be read as the host, the port or the database's name."""
    with pytest.raises(StoreUnavailable, match="percent-encode special characters in the password") as caught:
        database_at(f"postgres://bot_user:{password}@db.example.com/bot")
    assert not any(part in str(caught.value) for part in ("kxn", "vq", "qy", "bot_user"))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_the_drivers_message_shows_no_credentials(postgres: PostgresServer) -> None:
    """Neither the user's name nor the password."""
    url = postgres.url("postgres").replace("postgres:@", "bot_user:canary@")
    with pytest.raises(StoreUnavailable, match="role does not exist") as caught:
        async with open_store(url, 1, lambda: None):
            pass
    assert "bot_user" not in str(caught.value)
    assert "canary" not in database_at(url).explain(psycopg.OperationalError("bad canary"))
