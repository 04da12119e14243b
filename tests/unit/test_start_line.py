"""The line that says what was started, from a bot with the local Slack."""

from pathlib import Path

from pydantic import SecretStr
from structlog.testing import capture_logs

from bot import __version__
from bot.clock import system_clock
from bot.slack.api.client import open_slack_client
from bot.slack.api.health import SlackHealth
from bot.start_line import log_start
from bot.store.engine import migrate
from tests.support.bot import settings
from tests.support.slack import OPERATIONS_CHANNEL, RELATED_PARTY_CHANNEL, TOKEN, USER_CHANNEL, running_slack


async def test_the_line_names_what_was_started_and_no_secret(tmp_path: Path) -> None:
    """Version, schema, database, the fingerprint of the audit key, workspace and channels."""
    url = "postgres://bot:s3cret@db.example.com/reviews?password=hidden"
    keyed = settings(url, slack_api_url="https://slack.com/api/", audit_key=(SecretStr("k3y"),))
    async with (
        running_slack() as slack,
        open_slack_client(slack.api_url, TOKEN, 1_000, system_clock) as client,
    ):
        health = SlackHealth(client, [])
        await health.check()
        health.checked_once.set()
        with capture_logs() as lines:
            await log_start(keyed, health)
            plain_settings = settings(
                f"sqlite:///{tmp_path / 'reviews.db'}", slack_api_url="https://slack.com/api/", ops_channel=""
            )
            await log_start(plain_settings, health)
    (line, plain) = lines
    assert (line["event"], line["version"], line["schema"]) == ("started", __version__, migrate.newest())
    assert "reviews at db.example.com" in line["database"]
    assert line["audit_key"] == keyed.audit_keys.maker
    assert "T0LOCAL001" in line["workspace"]
    assert line["channels"] == {
        "user": USER_CHANNEL,
        "related-party": RELATED_PARTY_CHANNEL,
        "operations": OPERATIONS_CHANNEL,
    }
    assert not any(secret in str(line) for secret in ("s3cret", "hidden", "k3y"))
    assert (plain["audit_key"], plain["channels"]["operations"]) == ("none", "none")
    assert str(tmp_path / "reviews.db") in plain["database"]
