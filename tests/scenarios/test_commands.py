"""The command line as a person uses it: the real process, its output and its exit codes."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.support.bot import settled, until
from tests.support.process import ROOT, Process, environment, free_port, run
from tests.support.slack import RELATED_PARTY_CHANNEL, USER_CHANNEL, LocalSlack


@pytest.fixture
def env(database_url: str, slack: LocalSlack) -> dict[str, str]:
    """The environment of a complete set-up."""
    return environment(database_url, free_port(), slack.api_url)


@pytest.fixture
def sqlite_env(env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The same with a SQLite file that does not exist yet."""
    return env | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}


@pytest.fixture
async def server(env: dict[str, str], tmp_path: Path) -> AsyncIterator[Process]:
    """A running `serve`."""
    process = Process(env, tmp_path / "bot.log")
    process.start()
    await process.listening()
    yield process
    if process.runs:
        await settled(env["DATABASE_URL"])
    process.kill()


async def test_serve_send_test_and_reports(server: Process, env: dict[str, str], slack: LocalSlack) -> None:
    """From a signed sample event to the line that `reviews` prints, beside the running server."""
    for entity, channel in (("user", USER_CHANNEL), ("related-party", RELATED_PARTY_CHANNEL)):
        sent = run(["send-test", "--entity", entity], env)
        assert (sent.returncode, '"result": "recorded"' in sent.stdout) == (0, True), sent.stderr
        (card,) = await until(lambda where=channel: slack.messages(where), "no card")  # type: ignore[misc]
        await settled(env["DATABASE_URL"])
        (line,) = [
            row
            for row in map(json.loads, run(["reviews", "--json"], env).stdout.splitlines())
            if row["entity_type"] == entity
        ]
        assert line["message_ts"] == card["ts"]
        assert line["channel"] == channel
        assert line["status"] == "open"
        assert line["opened_at"].endswith("Z")
        assert list(line)[:3] == ["session_id", "number", "entity_type"]
    assert len(run(["reviews"], env).stdout.splitlines()) == 2
    assert run(["reviews", "--status", "claimed", "--json"], env).stdout == ""
    events = [json.loads(line) for line in run(["events", "--json"], env).stdout.splitlines()]
    assert [event["type"] for event in events] == ["kyc_session_manual_review"] * 2
    assert await server.terminate() == 0


async def test_the_quarantine_is_listed(server: Process, env: dict[str, str], slack: LocalSlack) -> None:
    """With the reason and without the body."""
    url = f"http://127.0.0.1:{env['PORT']}/webhooks/ralio"
    from tests.support.ralio import Ralio  # noqa: PLC0415

    status, _ = await Ralio(url, env["RALIO_WEBHOOK_SECRET"], slack.session).send_bytes(b"{secret name}")
    assert status == 400
    listed = run(["events", "--quarantined"], env)
    assert "quarantined: the body is not JSON" in listed.stdout
    assert "secret name" not in listed.stdout
    assert server.log().count("webhook_quarantined") == 1


async def test_sigterm_under_load_stops_in_order(
    server: Process, env: dict[str, str], slack: LocalSlack
) -> None:
    """Everything acknowledged is stored, the exit code is 0, and it takes less than ten seconds."""
    await slack.fault("*", "slow_answer", seconds=1.0)
    for _ in range(5):
        assert run(["send-test"], env).returncode == 0
    began = time.monotonic()
    assert await server.terminate() == 0
    assert time.monotonic() - began < 10
    assert len(run(["reviews"], env).stdout.splitlines()) == 5
    assert "Traceback" not in server.log()
    await slack.no_faults()
    server.start()
    await server.listening()
    await settled(env["DATABASE_URL"])
    assert len(await slack.messages(USER_CHANNEL)) == 5


def test_all_problems_with_the_settings_are_reported_at_once(env: dict[str, str]) -> None:
    """One line per problem and exit code 2."""
    broken = env | {"RALIO_WEBHOOK_SECRET": " ", "PORT": "eighty", "USER_REVIEW_CHANNEL": "#users"}
    del broken["SLACK_BOT_TOKEN"]
    result = run(["serve"], broken)
    assert result.returncode == 2
    names = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert sorted(names) == ["PORT", "RALIO_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "USER_REVIEW_CHANNEL"]


def test_a_dyno_without_postgres_is_refused(sqlite_env: dict[str, str]) -> None:
    """Its disk is wiped at every restart; a variable allows it for a trial."""
    result = run(["migrate"], sqlite_env | {"DYNO": "web.1"})
    assert result.returncode == 2
    assert "ALLOW_EPHEMERAL_DATABASE=1" in result.stderr
    assert run(["migrate"], sqlite_env | {"DYNO": "web.1", "ALLOW_EPHEMERAL_DATABASE": "1"}).returncode == 0


def test_migrate_twice(sqlite_env: dict[str, str]) -> None:
    """The second run has nothing to do."""
    assert "applied 0001_reviews" in run(["migrate"], sqlite_env).stdout
    again = run(["migrate"], sqlite_env)
    assert again.returncode == 0
    assert "applied" not in again.stdout


async def test_a_second_server_on_a_file_is_refused_and_migrate_is_not(
    sqlite_env: dict[str, str], tmp_path: Path
) -> None:
    """The error says that another process writes the file."""
    server = Process(sqlite_env, tmp_path / "bot.log")
    server.start()
    await server.listening()
    second = run(["serve"], sqlite_env | {"PORT": str(free_port())})
    assert second.returncode == 1
    assert "in use by another process" in second.stderr
    assert "Traceback" not in second.stderr
    assert run(["migrate"], sqlite_env).returncode == 0
    assert await server.terminate() == 0


def test_listing_reviews_without_a_database_says_what_to_do(sqlite_env: dict[str, str]) -> None:
    """Instead of a traceback."""
    result = run(["reviews"], sqlite_env)
    assert result.returncode == 1
    assert "python -m bot migrate" in result.stderr


def test_send_test_without_a_server_says_so(env: dict[str, str]) -> None:
    """The error names the address that did not answer."""
    result = run(["send-test"], env)
    assert result.returncode == 1
    url = f"http://127.0.0.1:{env['PORT']}/webhooks/ralio"
    assert result.stderr.startswith(f"Error: no answer from {url}: ")
    assert result.stderr.endswith(". Is the bot running there?\n")
    assert "Connector" not in result.stderr


async def test_a_taken_port_is_reported(server: Process, env: dict[str, str], tmp_path: Path) -> None:
    """One line, no traceback."""
    other = env | {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    result = run(["serve"], other)
    assert result.returncode == 1
    assert env["PORT"] in result.stderr
    assert "Traceback" not in result.stderr
    assert await server.terminate() == 0


async def test_the_demo_needs_no_set_up(tmp_path: Path) -> None:
    """Without any environment it prints one address, which answers, and it ends with Ctrl-C."""
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0"]
    process = subprocess.Popen(  # noqa: ASYNC220 - read line by line, at its own pace
        command,
        env={"HOME": str(tmp_path)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = next(word for word in line.split() if word.startswith("http://"))
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in errors
