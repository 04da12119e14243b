"""What all tests share: their order, and the one PostgreSQL server, started by the first test that needs it."""

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from bot.store.engine.sqlite import SqliteDatabase
from tests.support.order import mixed
from tests.support.postgres import PostgresServer
from tests.support.slack import SIGNING_SECRET, TOKEN, WEBHOOK_SECRET

CANARIES = (TOKEN, SIGNING_SECRET, WEBHOOK_SECRET, "Jane Roe", "jane.roe")
"""Secrets and a person that the stories use: no test's output, and so no log line of the bot, may show them."""


def pytest_collection() -> None:
    """Collecting creates what stays to the end, so a tenth of its time would be garbage collection in vain."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several workers share the tests in an order that keeps all of them busy to the end."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = mixed(items, workers)


def pytest_collection_finish() -> None:
    """The tests stay to the end: the garbage collector need not look through them again and again."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test whose output shows a canary has failed, whatever it was about; its end has all of the output."""
    report = yield
    if report.when == "teardown" and report.passed:
        for name, content in report.sections:
            if sung := [canary for canary in CANARIES if canary in content]:
                report.outcome = "failed"
                report.longrepr = f"{name} shows {', '.join(sung)}"
    return report


SHORT_TEMPORARY_FOLDER = Path("/tmp")  # noqa: S108 - TMPDIR can be too long for the path of a Unix socket
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - memory, where copying and dropping a database takes a third of the time
MEMORY_NEEDED_BYTES = 4 * 2**30
"""Enough for the servers of some workers, each of which needs up to 300 MiB; containers often have 64 MiB only."""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A new folder whose path leaves room for the path of a Unix socket, however long TMPDIR is."""
    with tempfile.TemporaryDirectory(prefix="review-bot-", dir=SHORT_TEMPORARY_FOLDER) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL, never skipped.

    Its data lie outside pytest's own folders: another run of pytest tidies up the older ones, and takes the way to all
    of them away from other users, such as the one that PostgreSQL runs as where we are root.
    """
    with tempfile.TemporaryDirectory(
        prefix="review-bot-postgres-", dir=_postgres_folder(), ignore_cleanup_errors=True
    ) as folder:
        server = PostgresServer(Path(folder) / "data")
        yield server
        server.stop()


def _postgres_folder() -> Path:
    try:
        is_roomy = shutil.disk_usage(MEMORY_FOLDER).free >= MEMORY_NEEDED_BYTES
    except OSError:
        is_roomy = False
    return MEMORY_FOLDER if is_roomy and os.access(MEMORY_FOLDER, os.W_OK) else SHORT_TEMPORARY_FOLDER


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema; copying it takes a hundredth of the time of the migrations."""
    file = tmp_path_factory.mktemp("template") / "reviews.db"
    SqliteDatabase(file).migrate(1)
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A new SQLite database with the newest schema."""
    file = tmp_path_factory.mktemp("database") / "reviews.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database of each kind, with the newest schema."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url
