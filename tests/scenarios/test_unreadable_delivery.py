"""A queued notification that this version cannot read, because another version queued it or its row is damaged."""

import json
from typing import Any

import pytest

from tests.support.bot import running, until
from tests.support.operator import command, queue_again_as
from tests.support.people import Person, new_review, thread
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack

TAKEN_OVER = f"<@{ANA}>: <@{BEN}> took this review over from you: Ana is away."
READABLE = json.dumps({"topic": "taken_over", "by": BEN, "to": [ANA], "words": "Ana is away.", "holder": BEN})


@pytest.mark.parametrize("arguments", ['{"topic": "snoozed", "to": []}', "[]", "not JSON"])
async def test_an_unreadable_notification_is_held_and_alerts_operators(
    database_url: str, slack: LocalSlack, arguments: str
) -> None:
    """Nothing else waits for it, and it is sent once it can be read."""
    async with running(database_url, slack) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        await Person(bot, BEN).fill_in(session_id, "Take over", words="Ana is away.")
        (reply,) = [message for message in await slack.messages(USER_CHANNEL) if message["thread_ts"]]
        await slack.delete(reply)
    queue_again_as(database_url, "thread_note", arguments)
    async with running(database_url, slack) as bot:

        async def held() -> list[dict[str, Any]]:
            return bot.rows("SELECT kind, last_error FROM deliveries WHERE held_at IS NOT NULL")

        assert await until(held, "nothing is held") == [
            {"kind": "thread_note", "last_error": "unreadable_notification"}
        ]
        await new_review(bot)
        await bot.settled()
        (alert,) = await slack.alerts()
        assert "`unreadable_notification`" in alert["text"]
        (line,) = (await command(database_url, "deliveries", "--held", "--json")).stdout.splitlines()
        assert json.loads(line)["last_error"] == "unreadable_notification"
        assert await thread(bot, session_id) == []
    queue_again_as(database_url, "thread_note", READABLE)
    async with running(database_url, slack) as bot:
        assert (await command(database_url, "deliveries", "requeue", "--all")).returncode == 0
        await bot.settled()
        assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
        assert await thread(bot, session_id) == [TAKEN_OVER]
