"""Ralio repeats what ended in a server error or in silence, and nothing else: what that means for a review."""

import asyncio
import json

import pytest

from bot.demo.bot_client import BotClient
from bot.demo.config import SimulatorConfig
from bot.demo.ralio_api.webhooks import WebhookSender
from tests.support import ralio
from tests.support.bot import running
from tests.support.process import free_port
from tests.support.slack import SIGNING_SECRET, TOKEN, USER_CHANNEL, WEBHOOK_SECRET, LocalSlack


@pytest.mark.parametrize("secret", [WEBHOOK_SECRET, "another"])
async def test_a_bot_that_is_away_misses_nothing_that_is_repeated(
    database_url: str, slack: LocalSlack, secret: str
) -> None:
    """Ralio finds nobody, tries again, and one card is there; a wrong signature is final at the first answer."""
    port = free_port()
    config = SimulatorConfig(f"http://127.0.0.1:{port}", SIGNING_SECRET, TOKEN, secret)
    client = BotClient(config)
    try:
        sender = WebhookSender(client.webhook, attempts=12, first_pause_s=0.05)
        sending = asyncio.create_task(sender.deliver(json.dumps(ralio.event()).encode()))
        await asyncio.sleep(0.3)
        async with running(database_url, slack, port=port) as bot:
            *before, last = [answer.status for answer in await sending]
            assert before
            assert set(before) == {None}
            assert last == (200 if secret == WEBHOOK_SECRET else 401)
            await bot.settled()
            cards = await slack.messages(USER_CHANNEL)
            assert len(cards) == (1 if secret == WEBHOOK_SECRET else 0)
    finally:
        await client.close()
