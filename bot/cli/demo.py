"""`demo`: the real bot beside a local Slack; the two speak to each other only over signed HTTP."""

import asyncio
import errno
import secrets
import tempfile
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import click
from aiohttp import web
from pydantic import SecretStr

from bot.app import running_bot
from bot.cli.errors import report_errors
from bot.cli.stop import stop_signal
from bot.demo.defaults import default_channels
from bot.demo.ralio_api.records import API_CODE, API_KEY
from bot.demo.server import SimulatorConfig, create_simulator
from bot.logs import configure_logging
from bot.settings.environment import Settings
from bot.settings.file import BotFile, Operations, Queue, Queues

HOST = "127.0.0.1"
PACE_PER_SECOND = 5.0
"""Slack's own pace of one message a second makes playing dull."""


@click.command()
@click.option("--port", default=8765, show_default=True, help="The port of the page; 0 picks any free port.")
@click.option("--no-browser", is_flag=True, help="Print the address without opening it.")
@report_errors
def demo(port: int, *, no_browser: bool) -> None:
    """Try the whole bot with a simulated Slack in your browser: no account, no setup, no network."""
    configure_logging("ERROR", "console")
    asyncio.run(_demo(port, open_browser=not no_browser))
    click.echo("Stopped. The demo's data is gone.")


async def _demo(port: int, *, open_browser: bool) -> None:
    stop = stop_signal()
    with tempfile.TemporaryDirectory(prefix="review-bot-demo-") as folder:
        async with running_demo(port, Path(folder)) as address:
            click.echo(f"Open {address}  (Ctrl-C stops the demo)")
            if open_browser:
                await asyncio.to_thread(webbrowser.open, address)
            await stop.wait()


@asynccontextmanager
async def running_demo(port: int, folder: Path) -> AsyncIterator[str]:
    """The local Slack and the bot with its database in `folder`; gives the address of the page."""
    config = SimulatorConfig(
        bot_url="http://127.0.0.1:9",  # the bot is not there yet
        signing_secret=secrets.token_hex(16),
        bot_token=f"xoxb-{secrets.token_hex(16)}",
        webhook_secret=secrets.token_hex(16),
        posts_per_second=PACE_PER_SECOND,
    )
    async with (
        _running_simulator(config, port) as address,
        running_bot(_settings(config, f"{address}/api/", folder), config.time) as bot_port,
        aiohttp.ClientSession() as session,
    ):
        await session.put(f"{address}/_control/bot-url", json={"url": f"http://{HOST}:{bot_port}"})
        yield address


@asynccontextmanager
async def _running_simulator(config: SimulatorConfig, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(create_simulator(config), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            click.echo(f"Port {port} is in use; using another.", err=True)
            await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _settings(config: SimulatorConfig, slack_api_url: str, folder: Path) -> Settings:
    """The demo's own settings; nothing is read from the surroundings."""
    user, related_party, operations = (channel.id for channel in default_channels())
    queue = {
        "reviewers": ("UANA000001", "UBEN000001"),
        "leads": ("UCHLOE0001",),
        "four_eyes": ("reject",),
        "deadlines": {
            "claim_within": "4h",
            "decide_within": "2d",
            "remind_every": "4h",
            "escalate_after": "8h",
            "release_after": "1d",
        },
        "digest_at": _an_hour_from_now(),
    }
    file = BotFile(
        queues=Queues.model_validate(
            {
                "user": Queue.model_validate({"channel": user} | queue),
                "related-party": Queue.model_validate({"channel": related_party} | queue),
            }
        ),
        operations=Operations(channel=operations),
    )
    return Settings(
        database_url=SecretStr(f"sqlite:///{folder / 'demo.db'}"),
        allow_ephemeral_database=False,
        dyno="",
        host=HOST,
        port=0,
        ralio_webhook_secret=(SecretStr(config.webhook_secret),),
        slack_bot_token=SecretStr(config.bot_token),
        slack_signing_secret=(SecretStr(config.signing_secret),),
        slack_api_url=slack_api_url,
        slack_posts_per_second=config.posts_per_second,
        user_review_channel="",
        related_party_review_channel="",
        ops_channel="",
        ralio_api_url=slack_api_url.removesuffix("/api/"),
        ralio_api_code=SecretStr(API_CODE),
        ralio_api_key=SecretStr(API_KEY),
        metrics_token=SecretStr(""),
        portal_url_template="https://portal.example.com/sessions/{session_id}",
        file=file,
    )


def _an_hour_from_now() -> str:
    """When the digest is due: not at once, but when the clock is fast-forwarded."""
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    return later.strftime("%H:%M") if later.date() == now.date() else "23:59"
