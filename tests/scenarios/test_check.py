"""The doctor: a working installation passes, and each common mistake is reported once and alone."""

import asyncio
import json
import subprocess
import time
from base64 import b64encode
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.slack.api.scopes import NEEDED
from tests.support import slack as local
from tests.support.bot import running
from tests.support.https import certificate, https_server
from tests.support.outbound_proxy import running_proxy
from tests.support.process import environment, free_port, run
from tests.support.proxy import changing_headers
from tests.support.slack import LocalSlack


@pytest.fixture
def env(database_url: str, slack: LocalSlack) -> dict[str, str]:
    """The environment of a complete set-up with a migrated database."""
    return environment(database_url, free_port(), slack.api_url)


def disk(env: dict[str, str]) -> dict[str, bool]:
    """The line about the disk: only a file has one that the bot can see."""
    return {"disk": True} if env["DATABASE_URL"].startswith("sqlite:///") else {}


async def checked(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command while the local Slack keeps answering."""
    done = await asyncio.to_thread(run, ["check", *words], env)
    assert "Traceback" not in done.stderr
    return done


async def what_is_wrong(env: dict[str, str]) -> list[dict[str, Any]]:
    """Return the lines that failed; the exit code agrees, and each has advice."""
    done = await checked(env, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [line for line in lines if line["ok"] is False]
    assert done.returncode == bool(wrong)
    assert all(line["advice"] for line in wrong)
    return wrong


async def the_only_mistake(env: dict[str, str]) -> tuple[str, str]:
    """Return the name and the message of the only check that failed."""
    (line,) = await what_is_wrong(env)
    assert "\n" not in line["message"]
    return line["check"], line["message"]


async def test_a_working_set_up_passes(env: dict[str, str]) -> None:
    """Everything is checked, and every scope has its own line."""
    done = await checked(env, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = {line["check"]: line["ok"] for line in map(json.loads, done.stdout.splitlines())}
    assert lines == {
        **dict.fromkeys(["settings", "database", "audit", "listening", "slack token", "clock"], True),
        **disk(env),
        **dict.fromkeys([f"scope {scope}" for scope in NEEDED], True),
        **dict.fromkeys(["channel user", "channel related-party", "channel operations"], True),
        **dict.fromkeys(["people", "messages"], True),
        "ralio api": None,
        "decision webhook": None,
    }


async def test_a_running_server_is_not_disturbed(database_url: str, slack: LocalSlack) -> None:
    """The output for people has one line per check; the database that the server holds passes, too."""
    async with running(database_url, slack):
        done = await checked(environment(database_url, 8080, slack.api_url))
        assert done.returncode == 0, done.stdout
        assert all(line.startswith(("ok ", "- ", "WARN ")) for line in done.stdout.splitlines())
        assert "is the newest" in done.stdout


@pytest.mark.parametrize(
    ("changes", "check", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, "slack token", "invalid_auth"),
        ({"SLACK_SIGNING_SECRET": " "}, "settings", "SLACK_SIGNING_SECRET: must not be blank"),
        ({"SLACK_SIGNING_SECRET": "xoxb-1"}, "settings", "SLACK_SIGNING_SECRET: is a token"),
        ({"USER_REVIEW_CHANNEL": "#users"}, "settings", "must be a channel's id"),
        ({"USER_REVIEW_CHANNEL": "C0NOWHERE"}, "channel user", "C0NOWHERE: channel_not_found"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "slack token", "cannot_connect"),
        ({"PORT": "eighty"}, "settings", "PORT"),
        ({"DATABASE_URL": "mysql://x"}, "settings", "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}, "database", "127.0.0.1"),
        ({"DATABASE_URL": "sqlite:////nowhere/reviews.db"}, "database", "/nowhere/reviews.db"),
    ],
)
async def test_a_wrong_variable(env: dict[str, str], changes: dict[str, str], check: str, words: str) -> None:
    """It is the only failure, although other checks are skipped because of it."""
    found, message = await the_only_mistake(env | changes)
    assert (found, words in message) == (check, True), message


async def test_a_wrong_file(env: dict[str, str], tmp_path: Path) -> None:
    """An unknown setting, then a person whom Slack does not know."""
    file = tmp_path / "bot.toml"
    file.write_text('[queues.user]\nreviewer = ["UANA000001"]\n')
    check, message = await the_only_mistake(env | {"BOT_CONFIG": str(file)})
    assert (check, "unknown setting" in message) == ("settings", True)
    file.write_text('[queues.user]\nreviewers = ["UANA000001", "UNOBODY001"]\n')
    assert await the_only_mistake(env | {"BOT_CONFIG": str(file)}) == ("people", "UNOBODY001: user_not_found")


@pytest.mark.parametrize(
    ("flags", "error"), [({"archived": True}, "is_archived"), ({"bot_is_member": False}, "not_in_channel")]
)
async def test_a_wrong_channel(
    env: dict[str, str], slack: LocalSlack, flags: dict[str, bool], error: str
) -> None:
    """The line names the channel and the error."""
    await slack.change_channel(local.RELATED_PARTY_CHANNEL, **flags)
    check, message = await the_only_mistake(env)
    called = f"#related-party-compliance ({local.RELATED_PARTY_CHANNEL})"
    assert (check, message) == ("channel related-party", f"{called}: {error}")


async def test_history_that_cannot_be_read(env: dict[str, str], slack: LocalSlack) -> None:
    """Without the history no card could be found again."""
    await slack.fault("conversations.history", "error", error="restricted_action", channel=local.USER_CHANNEL)
    check, message = await the_only_mistake(env)
    assert (check, "cannot be read" in message) == ("channel user", True)


@pytest.mark.parametrize("scope", ["groups:history", "commands"])
async def test_a_missing_scope(env: dict[str, str], slack: LocalSlack, scope: str) -> None:
    """It is reported by name, with what it is needed for."""
    granted = ",".join(sorted(set(NEEDED) - {scope}))
    async with changing_headers(slack.api_url, {"x-oauth-scopes": granted}) as url:
        check, message = await the_only_mistake(env | {"SLACK_API_URL": url})
    assert (check, message.startswith("missing; it is needed to")) == (f"scope {scope}", True)


async def test_a_server_other_than_slacks(env: dict[str, str], slack: LocalSlack, tmp_path: Path) -> None:
    """It accepts only POST and lacks some methods: what can't be checked is skipped, and nothing else fails."""
    file = tmp_path / "bot.toml"
    file.write_text('[queues.user]\nreviewers = ["UANA000001"]\n')
    lacking = ["blocks.validate", "conversations.info", "users.info", "usergroups.users.list"]
    async with changing_headers(slack.api_url, {"x-oauth-scopes": None}, lacking) as url:
        settings = {"BOT_CONFIG": str(file), "SLACK_WITHOUT_USERS_INFO": "1"}
        here = env | settings | {"SLACK_API_URL": url}
        lines = [json.loads(line) for line in (await checked(here, "--json")).stdout.splitlines()]
        assert {line["check"]: line["ok"] for line in lines} == {
            **dict.fromkeys(["settings", "database", "audit", "listening", "slack token", "clock"], True),
            **disk(env),
            **dict.fromkeys(["channel user", "channel related-party", "channel operations"], None),
            **dict.fromkeys(["scopes", "people", "messages", "ralio api", "decision webhook"], None),
        }
        file.write_text('[queues.user]\nreviewers = ["S0GROUP001"]\n')
        check, message = await the_only_mistake(here)
        assert (check, "S0GROUP001" in message) == ("people", True)
        await slack.fault("conversations.history", "error", error="missing_scope", channel=local.USER_CHANNEL)
        assert await the_only_mistake(env | {"SLACK_API_URL": url}) == (
            "channel user",
            f"{local.USER_CHANNEL} cannot be read: missing_scope",
        )


async def test_a_wrong_clock(env: dict[str, str], slack: LocalSlack) -> None:
    """The bot would refuse Slack's requests as too old."""
    async with changing_headers(slack.api_url, {"Date": formatdate(time.time() + 400, usegmt=True)}) as url:
        check, message = await the_only_mistake(env | {"SLACK_API_URL": url})
    assert (check, "behind Slack's" in message) == ("clock", True)


async def test_a_database_that_was_never_migrated(env: dict[str, str], tmp_path: Path) -> None:
    """The advice names the command that helps, and the command works."""
    new = env | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    (line,) = await what_is_wrong(new)
    assert (line["check"], "python -m bot migrate" in line["advice"]) == ("database", True)
    assert run(["migrate"], new).returncode == 0
    assert await what_is_wrong(new) == []


async def test_a_lost_audit_key(database_url: str, slack: LocalSlack) -> None:
    """A server would not start without the key."""
    async with running(database_url, slack, audit_key=("key",)):
        pass
    env = environment(database_url, 8080, slack.api_url)
    assert (await the_only_mistake(env))[0] == "audit"
    assert (await the_only_mistake(env | {"AUDIT_KEY": "other"}))[0] == "audit"
    (former,) = await what_is_wrong(env | {"AUDIT_KEY": "other,key"})
    assert (former["check"], former["advice"]) == ("audit", "run 'python -m bot audit rotate-key'")
    assert await what_is_wrong(env | {"AUDIT_KEY": "key"}) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_outbound_proxy(env: dict[str, str], slack: LocalSlack) -> None:
    """Slack is asked through it, and the line says so without the password; a proxy that refuses is named."""
    hosts = {"slack.test": urlsplit(slack.address).port or 0}
    authorization = f"Basic {b64encode(b'bot:hunter2').decode()}"
    async with running_proxy(hosts, authorization) as proxy:
        url = f"http://bot:hunter2@{proxy.address}"
        done = await checked(env | {"SLACK_API_URL": "http://slack.test/api/", "OUTBOUND_PROXY": url})
        assert done.returncode == 0, done.stdout
        assert f"ok     proxy: all calls go through http://{proxy.address}\n" in done.stdout
        assert "hunter2" not in done.stdout
        assert proxy.called == {"slack.test"}
        wrong = {"SLACK_API_URL": "https://slack.test/", "OUTBOUND_PROXY": f"http://{proxy.address}"}
        (line,) = await what_is_wrong(env | wrong)
        assert (line["check"], "proxy_http_407" in line["message"]) == ("slack token", True)
        assert line["advice"] == "put the user name and password that the proxy accepts into OUTBOUND_PROXY"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_https_is_tunnelled_through_an_outbound_proxy(env: dict[str, str], tmp_path: Path) -> None:
    """The proxy sees the host and not what is said to it; the certificate is verified."""
    file = certificate(tmp_path, "slack.test")
    async with (
        https_server(file, {"ok": False, "error": "invalid_auth"}) as port,
        running_proxy({}, tunnels={"slack.test": port}) as proxy,
    ):
        here = env | {"SLACK_API_URL": "https://slack.test/", "OUTBOUND_PROXY": f"http://{proxy.address}"}
        trusting = here | {"SSL_CERT_FILE": str(file)}
        assert await the_only_mistake(trusting) == ("slack token", "Slack rejected it: invalid_auth")
        check, message = await the_only_mistake(here)
        assert (check, "did not confirm it: cannot_connect" in message) == ("slack token", True), message
        assert set(proxy.calls) == {("CONNECT", "slack.test")}


async def test_blocks_that_slack_refuses(env: dict[str, str], slack: LocalSlack) -> None:
    """It is found before a review depends on them."""
    await slack.fault("blocks.validate", "error", error="invalid_message")
    check, message = await the_only_mistake(env)
    assert (check, message.startswith("Slack would refuse the card")) == ("messages", True)


async def test_mistakes_in_the_queues_are_all_named(slack: LocalSlack, tmp_path: Path) -> None:
    """One channel for everything, one reviewer where two are needed, and no leads for the escalations."""
    file = tmp_path / "bot.toml"
    file.write_text(
        '[queues.user]\nreviewers = ["UANA000001"]\nfour_eyes = ["reject"]\n'
        '[queues.user.deadlines]\nclaim_within = "4h"\nescalate_after = "1d"\n'
    )
    env = environment(f"sqlite:///{tmp_path / 'reviews.db'}", free_port(), slack.api_url)
    env |= {"BOT_CONFIG": str(file), "RELATED_PARTY_REVIEW_CHANNEL": local.USER_CHANNEL}
    assert run(["migrate"], env).returncode == 0
    done = await checked(env | {"OPS_CHANNEL": local.USER_CHANNEL})
    assert done.returncode == 1
    called = "#user-compliance (CUSER00001)"
    for line in (
        f"WARN   channels: both queues post to {called}: everyone there sees all reviews  fix: give each queue",
        f"WARN   channels: alerts for operators go to the user queue's reviewers: OPS_CHANNEL is {called}, too  fix: ",
        (
            "FAIL   queue user: four_eyes needs two people, but only one person can review: no one could confirm "
            "reject  fix: name more reviewers or leads under [queues.user]"
        ),
        "FAIL   queue user: escalate_after is set, but the queue has no leads to notify  fix: name leads under ",
    ):
        assert line in done.stdout
    (token,) = [line for line in done.stdout.splitlines() if "slack token" in line]
    assert token.endswith("review-bot (U0LOCALBOT) in the workspace Compliance Team (T0LOCAL001)")
    (wrong,) = await what_is_wrong(env | {"BOT_CONFIG": "", "SLACK_API_URL": slack.address})
    assert (wrong["check"], wrong["advice"]) == (
        "slack token",
        "SLACK_API_URL has no path; Slack's own address is https://slack.com/api/",
    )
