"""The table in docs/audit.md: each kind of tampering, on both databases, and the least that finds it."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.cli.audit.export import entry_object
from bot.cli.output import json_line
from bot.handlers.person_action import carry_out
from bot.reviews.audit.chain import Head
from bot.reviews.review import Action, SessionState
from bot.store.engine.transaction import Transaction
from bot.store.store import open_store, reading
from bot.store.tables import audit_trail, legal_holds, staff_names
from bot.store.tables.audit_replay import Comparison, compare
from bot.store.tables.legal_holds import PlaceHold
from tests.support.postgres import PostgresServer
from tests.support.store import RULES, act, asked, propose, receive, verdict
from tests.support.tampering import HAND, KEYS, TAMPERINGS, Tampering, head_of

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
TABLE = re.compile(r"(?<=<!-- tampering -->\n).*?(?=<!-- end -->)", re.DOTALL)
REFUSED, VERIFY, WITH_HEAD, SIGNATURE, NOTHING = (
    "the database refuses it",
    "`audit verify`",
    "`audit verify` with the head",
    "a signature",
    "nothing",
)


def _name(transaction: Transaction, now: int) -> None:
    staff_names.record(transaction, {"UANA": "Ana Ruiz"}, now)


async def _record(url: str) -> None:
    """Some reviews with decisions, a refusal, a hold and a name, before the head is noted."""
    async with open_store(url, 1, lambda: None, KEYS, RULES) as store:
        for session in ("decided", "open", "closed"):
            await receive(store, session, 1_000)
        await store.write(_name, 1_500)
        for session in ("decided", "closed"):
            await propose(store, session, "UANA")
            await act(store, session, "UBEN", Action.CONFIRM, 3_000)
        assert (await store.write_batched(carry_out, asked("open", "UBEN", Action.RELEASE))).refused
        await verdict(store, "closed", 5_000, SessionState.REJECTED)
        await store.write(legal_holds.place, (PlaceHold("closed", "a complaint", "Ines"), 6_000))
        await receive(store, "latest", 7_000)


async def _go_on(url: str) -> None:
    async with open_store(url, 8_000, lambda: None, KEYS, RULES) as store:
        await receive(store, "newest", 8_000)


async def _exported(url: str) -> str:
    async with reading(url) as connection:
        return "".join([f"{json_line(entry_object(row))}\n" async for row in audit_trail.entries(connection)])


async def _verifies(url: str, heads: Sequence[Head]) -> bool:
    """Whether `audit verify` finds nothing."""
    async with reading(url) as connection:
        finding, check = await audit_trail.verify(connection, KEYS, heads, lambda _done: None)
        if finding is not None:
            return False
        found = compare(connection, check.purged_before, Comparison(), lambda _done: None)
        return not [difference async for difference in found]


async def _found_by(tampering: Tampering, url: str, noted: Head, exported: str) -> str:
    """The least that finds it: `noted` and the signed export are from before."""
    try:
        tampering.do(url)
    except (sqlite3.DatabaseError, psycopg.Error):
        return REFUSED
    if not await _verifies(url, []):
        return VERIFY
    if not await _verifies(url, [head_of(url) if tampering.replaces_head else noted]):
        return WITH_HEAD
    if not (await _exported(url)).startswith(exported):
        return SIGNATURE
    return NOTHING


@contextmanager
def _copied(url: str, postgres: PostgresServer, folder: Path) -> Iterator[str]:
    if not url.startswith("sqlite"):
        with postgres.copy(url) as copied:
            yield copied
        return
    shutil.copyfile(url.removeprefix("sqlite:///"), folder / "copy.db")
    for each in ("copy.db-wal", "copy.db-shm"):
        (folder / each).unlink(missing_ok=True)
    yield f"sqlite:///{folder / 'copy.db'}"


def _of_files(exported: str) -> dict[tuple[str, str], str]:
    """What a person does to a file that was exported, with a signature or without."""
    key = Ed25519PrivateKey.generate()
    signature = key.sign(exported.encode())
    key.public_key().verify(signature, exported.encode())
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, exported.replace("reject", "approve").encode())
    return {
        ("change a signed export or case file", "anyone"): SIGNATURE,
        ("change an export or a case file without a signature", "anyone"): NOTHING,
    }


def _as_table(found: dict[tuple[str, str], str]) -> str:
    lines = ["| what someone does | who can do it | found by |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {who} | {by} |" for (what, who), by in found.items())]) + "\n"


async def test_the_documented_table_is_what_is_found(
    database_url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """On both databases alike; nothing that a careless user does stays hidden."""
    await _record(database_url)
    noted, exported = head_of(database_url), await _exported(database_url)
    await _go_on(database_url)
    assert await _verifies(database_url, [noted])
    found = {}
    for tampering in TAMPERINGS:
        with _copied(database_url, postgres, tmp_path) as url:
            by = await _found_by(tampering, url, noted, exported)
        found[tampering.what, tampering.who] = by
    assert len(found) == len(TAMPERINGS)
    assert {by for (_, who), by in found.items() if who == HAND} == {REFUSED, VERIFY}
    table = _as_table(found | _of_files(exported))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.write_text(TABLE.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    (documented,) = TABLE.findall(PAGE.read_text(encoding="utf-8"))
    assert documented == table
