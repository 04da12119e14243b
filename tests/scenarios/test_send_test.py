"""A sample of `send-test` is a review like any other on Slack, marked as a test, and counted nowhere."""

import json
from typing import Any

from bot.cli.send_test import closing_event, sample_event
from bot.reviews.review import EntityType
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.operator import command
from tests.support.people import TEAM, Person
from tests.support.process import environment
from tests.support.receiver import running_receiver
from tests.support.slack import ANA, LocalSlack, shown


async def _stats(bot: Bot) -> dict[str, Any]:
    """Return the line of `stats --json` for the whole user queue."""
    lines = (await command(bot.database_url, "stats", "--json")).stdout.splitlines()
    (line,) = [row for row in map(json.loads, lines) if (row["queue"], row["reviewer"]) == ("user", None)]
    return dict(line)


async def _metrics(bot: Bot) -> str:
    async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
        return await answer.text()


async def test_a_test_is_marked_counted_nowhere_and_closed_by_clean_up(
    database_url: str, slack: LocalSlack
) -> None:
    """Its decision is not sent on; the real review beside it is counted, and stays as it is."""
    async with (
        running_receiver() as receiver,
        running(database_url, slack, file=TEAM, **receiver.settings) as bot,
    ):
        real = ralio.event()
        assert (await bot.ralio.send(real))[0] == 200
        env = environment(database_url, bot.port, slack.api_url)
        for entity in ("user", "related-party"):
            sent = await command(database_url, "send-test", "--entity", entity, **env)
            assert (sent.returncode, '"result": "recorded"' in sent.stdout) == (0, True), sent.stderr
        tests = [
            row["session_id"]
            for row in bot.rows("SELECT session_id FROM reviews ORDER BY id")
            if row["session_id"].startswith("send-test-")
        ]
        assert len(tests) == 2
        for words, secret, advice in (
            ([], "other", "a different RALIO_WEBHOOK_SECRET"),
            (["--url", f"{bot.address}/ralio"], env["RALIO_WEBHOOK_SECRET"], "must be the full address"),
        ):
            changed = env | {"RALIO_WEBHOOK_SECRET": secret}
            refused = await command(database_url, "send-test", *words, **changed)
            assert (refused.returncode, advice in refused.stderr) == (1, True), refused.stderr
        card = (await until(lambda: bot.cards(tests[0]), "no card"))[0]
        assert card["text"].startswith("Test: ")
        assert "*Test*, sent with `send-test`" in shown(card)
        ana = Person(bot, ANA)
        await ana.press(tests[0], "Claim")
        await ana.fill_in(tests[0], "Resolve", outcome="Approve", note="A test.")
        await bot.settled()
        assert bot.review(tests[0])["status"] == "decided"

        counted = await _stats(bot)
        assert (counted["open"], counted["decided"], counted["claims"]) == (1, 0, 0)
        metrics = await _metrics(bot)
        assert 'review_bot_reviews{queue="user",status="open"} 1.0' in metrics
        assert 'review_bot_time_to_claim_seconds_count{queue="user"}' not in metrics
        assert 'queue="related-party",status="open"' not in metrics

        closed = await command(database_url, "send-test", "--clean-up", **env)
        assert (closed.returncode, closed.stdout) == (
            0,
            "".join(f"closed {session_id}\n" for session_id in tests),
        )
        await bot.settled()
        for session_id in tests:
            assert bot.review(session_id)["status"] == "closed"
            assert bot.review(session_id)["disagreement"] is None
        assert bot.review(str(real["data"]["sessionId"]))["status"] == "open"
        assert (await _stats(bot))["closed"] == 0
        assert bot.rows("SELECT id FROM deliveries WHERE lane = 'decisions'") == []
        nothing = await command(database_url, "send-test", "--clean-up", **env)
        assert (nothing.returncode, nothing.stdout) == (0, "there are no open tests\n")


def test_the_closing_event_is_a_verdict_that_decides_nothing() -> None:
    """It names the session that it closes, and the same kind of entity."""
    session_id = json.loads(sample_event("related-party"))["data"]["sessionId"]
    event = json.loads(closing_event(session_id, EntityType.RELATED_PARTY))
    assert event["eventType"] == "kyc_session_expired"
    assert (event["data"]["sessionId"], event["data"]["entityType"]) == (session_id, "related-party")
