"""Every command ends quietly when nothing reads its output any more, as with `| head`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.reviews.audit.entry import Keys
from bot.store.store import open_store
from tests.support.store import receive
from tests.unit.conftest import SetUp

SESSION = "5e551014"


@pytest.fixture
async def database(set_needed: SetUp, tmp_path: Path) -> None:
    """Set up a database with one review."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    set_needed(DATABASE_URL=url)
    async with open_store(url, 1, lambda: None, Keys([])) as store:
        await receive(store, SESSION, 1_000)


@contextmanager
def closed_pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let stdout be a pipe that nothing reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with (
        monkeypatch.context() as patch,
        Path(os.devnull).open("wb") as nowhere,
        open(writer, "w", encoding="utf-8") as stdout,  # noqa: PTH123 - a file descriptor
    ):
        patch.setattr(sys, "stdout", stdout)
        yield
        os.dup2(nowhere.fileno(), writer)  # for what is still in the buffer


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--version",
        "audit case 5e551014",
        "audit case 5e551014 --format html",
        "audit case 5e551014 --format json",
        "audit export",
        "audit export --format csv",
        "audit verify",
        "deliveries",
        "deliveries requeue --all",
        "events --json",
        "events replay --all",
        "hold add 5e551014",
        "manifest --url https://bot.example.com",
        "purge --before 2026-01-01 --dry-run",
        "reviews",
        "reviews --json",
        "stats",
        "stats --json",
    ],
)
def test_a_closed_pipe_ends_a_command_quietly(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a traceback nor an error, only an exit code."""
    with closed_pipe(monkeypatch), pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 1
    assert capsys.readouterr().err == ""
