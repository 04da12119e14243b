"""The image: hadolint's rules, what goes into it, and its health check. `make image` carries out its commands.

Rules by their numbers on https://github.com/hadolint/hadolint#rules.
"""

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are one more package for two files
from aiohttp import web

from bot.settings.environment import Settings
from tests.support.dockerfile import ROOT, stages
from tests.support.process import free_port

BUILD, FINAL = stages()
PINNED = re.compile(r"[a-z]+:\d[\w.-]*-\w+")
RUNS = [each.rest for stage in (BUILD, FINAL) for each in stage.all("RUN")]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KNOWN = {"RUN", "COPY", "WORKDIR", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


def test_only_instructions_with_a_rule_here_are_used() -> None:
    """No ADD (DL3020), no MAINTAINER (DL4000), no ARG or SHELL."""
    assert {each.word for stage in (BUILD, FINAL) for each in stage.instructions} <= KNOWN


def test_the_base_is_a_slim_one_of_a_version() -> None:
    """DL3006, DL3007; the same Python as everywhere else."""
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    assert {stage.base for stage in (BUILD, FINAL)} == {f"python:{version}-slim-bookworm"}
    assert PINNED.fullmatch(COMPOSE["services"]["database"]["image"])


def test_the_second_stage_takes_what_the_first_one_made() -> None:
    """DL3022, DL3023: nothing is copied from anywhere else, and nothing is installed there."""
    assert (BUILD.name, FINAL.name) == ("build", "")
    assert all(each.rest.startswith("--from=build ") for each in FINAL.all("COPY"))
    assert not any("pip" in each.rest for each in FINAL.all("RUN"))


def test_it_does_not_run_as_root() -> None:
    """DL3002; by number, so that a host can see it without the image's list of users."""
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", FINAL.last("USER").rest)
    numbers = re.findall(r"--[ug]id (\d+)", " ".join(RUNS))
    assert {*numbers} == {*FINAL.last("USER").rest.split(":")}
    assert FINAL.instructions.index(FINAL.last("USER")) > FINAL.instructions.index(FINAL.all("COPY")[-1])


def test_commands_follow_the_rules() -> None:
    """No sudo (DL3004), cd (DL3003), pipe without pipefail (DL4006), cache (DL3042), package without hash (DL3013)."""
    assert not [
        command for command in RUNS if re.search(r"\b(sudo|cd|apt|apt-get|curl|wget)\b|[^|]\|[^|]", command)
    ]
    for command in RUNS:
        if "pip install" in command:
            assert {"--no-cache-dir", "--require-hashes", "--only-binary=:all:"} <= set(command.split())


def test_folders_are_absolute() -> None:
    """DL3000, and DL3045: nothing is copied before one is chosen."""
    for stage in (BUILD, FINAL):
        assert all(each.rest.startswith("/") for each in stage.all("WORKDIR"))
    assert BUILD.instructions[0].word == "WORKDIR"
    assert all(each.rest.split()[-1].startswith("/") for each in FINAL.all("COPY"))


def test_signals_reach_the_bot() -> None:
    """DL3025: no shell is between, DL3012 and DL4003: one of each; it runs what the Procfile does."""
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8")
    assert " ".join(FINAL.last("CMD").array or []) == procfile.splitlines()[0].removeprefix("web: ")
    assert [len(FINAL.all(word)) for word in ("CMD", "HEALTHCHECK", "USER")] == [1, 1, 1]


def test_no_secret_is_in_it() -> None:
    """Settings come from where it runs; those in the image are harmless."""
    names = {pair.partition("=")[0] for pair in FINAL.last("ENV").rest.split()}
    assert names == {"PATH", "PYTHONUNBUFFERED", "LOG_FORMAT"}
    assert BUILD.all("ENV") == []


def test_the_port_is_the_default_one() -> None:
    """What a host reads from EXPOSE is where the bot listens."""
    assert FINAL.last("EXPOSE").rest == str(Settings.model_fields["port"].default)


def test_what_is_copied_is_what_the_build_is_sent() -> None:
    """The list in .dockerignore names each, and each is there; the bot's code and its file are among them."""
    copied = {source for each in BUILD.all("COPY") for source in each.rest.split()[:-1]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied
    assert copied == {"requirements.txt", "bot", "config/bot.toml"}
    assert all((ROOT / source).exists() for source in copied)


async def _health(port: str) -> int:
    program, *arguments = FINAL.last("HEALTHCHECK").array or []
    assert program == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={"PORT": port}, stderr=subprocess.DEVNULL
    )
    return await asyncio.wait_for(process.wait(), 20)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
async def test_the_health_check_asks_the_bot(status: int, code: int) -> None:
    """At its own port, past any proxy; the image has no curl."""
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert await _health(str(runner.addresses[0][1])) == code
    assert asked == ["/healthz"]
    await runner.cleanup()


async def test_the_health_check_fails_where_nobody_listens() -> None:
    """The container is then restarted, or shown as unhealthy."""
    assert await _health(str(free_port())) == 1


def test_compose_runs_the_bot_with_a_database_that_stays() -> None:
    """It waits for a healthy PostgreSQL with a volume; only this machine can reach the bot, and nobody the database."""
    bot, database = COMPOSE["services"]["bot"], COMPOSE["services"]["database"]
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert bot["ports"] == [f"127.0.0.1:{port}:{port}" for port in [FINAL.last("EXPOSE").rest]]
    assert "ports" not in database
    assert {volume.partition(":")[0] for volume in database["volumes"]} == set(COMPOSE["volumes"])
    assert (bot["read_only"], bot["cap_drop"], bot["init"]) == (True, ["ALL"], True)
    assert database["healthcheck"]["test"][0] == "CMD"


def test_compose_sets_what_the_bot_reads() -> None:
    """The database's address fits the database; the password has no default; files that it names exist."""
    bot, database = COMPOSE["services"]["bot"], COMPOSE["services"]["database"]
    assert {name.lower() for name in bot["environment"]} <= set(Settings.model_fields)
    given = database["environment"]
    found = re.fullmatch(
        r"postgresql://(\w+):(\$\{.*\})@(\w+):5432/(\w+)", bot["environment"]["DATABASE_URL"]
    )
    assert found is not None
    assert found.groups() == (
        given["POSTGRES_USER"],
        given["POSTGRES_PASSWORD"],
        "database",
        given["POSTGRES_DB"],
    )
    assert given["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    file, inside, mode = bot["volumes"][0].split(":")
    assert ((ROOT / file).exists(), inside, mode) == (True, bot["environment"]["BOT_CONFIG"], "ro")
    assert ".env" in Path(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
