"""A day of incidents: exactly their alerts fire, on real scrapes, and operators learn of each in one more place."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.settings.file import BotFile
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review
from tests.support.promtool import Alert, Samples, alert, needs_promtool, require_alerts, scraped, timeline
from tests.support.receiver import Fault, running_receiver
from tests.support.slack import ANA, OPERATIONS_CHANNEL, RELATED_PARTY_CHANNEL, LocalSlack, shown
from tests.support.trouble import locked, send

pytestmark = needs_promtool

JOB = "reviews"
EACH_MIN = 75
"""How long each scrape lasts on Prometheus' clock: what counts for an hour is over before the next incident."""

FILE = BotFile.model_validate(
    {
        "queues": {
            "user": TEAM.queues.user.model_dump(exclude_unset=True) | {"deadlines": {"verdict_within": "1h"}},
            "related-party": TEAM.queues.related_party.model_dump(exclude_unset=True),
        }
    }
)


class _Prometheus:
    """Scrapes the bot after each incident, and knows which alerts must fire then."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._periods: list[tuple[int, Samples]] = []
        self._expected: dict[int, list[Alert]] = {}

    async def scrape(self) -> Samples:
        """What /metrics says now."""
        async with self._bot.slack.session.get(f"{self._bot.address}/metrics") as answer:
            return scraped(await answer.text(), job=JOB, instance=self._bot.address)

    async def see(
        self, *expected: Alert, in_channel: Sequence[str] = (), problems: Sequence[str] = ()
    ) -> None:
        """Keep a scrape that lasts for more than an hour; a quarter of an hour into it exactly these alerts fire.

        Operators also read these words in their channel, or these problems' names on /readyz.
        """
        for words in in_channel:
            await until(partial(self._is_in_channel, words), f"operators do not read {words!r}", 20)
        for name in problems:
            await until(partial(self._is_problem, name), f"/readyz does not name {name!r}", 20)
        self._expected[len(self._periods) * EACH_MIN + 15] = list(expected)
        self._periods.append((EACH_MIN, await self.scrape()))

    async def _is_in_channel(self, words: str) -> bool:
        return any(words in shown(message) for message in await self._bot.slack.messages(OPERATIONS_CHANNEL))

    async def _is_problem(self, name: str) -> bool:
        async with self._bot.slack.session.get(f"{self._bot.address}/readyz") as answer:
            return name in (await answer.json())["problems"]

    async def value(self, metric: str, **labels: str) -> float | None:
        """The value of a series now."""
        labels |= {"job": JOB, "instance": self._bot.address}
        return (await self.scrape()).get((metric, tuple(sorted(labels.items()))))

    async def until(self, metric: str, least: float, **labels: str) -> None:
        """Wait for a value, which can lag by the second for which readiness is kept."""

        async def is_there() -> bool:
            return (await self.value(metric, **labels) or 0) >= least

        await until(is_there, f"{metric}{labels} is not {least}", 20)

    def problem(self, name: str, problem: str) -> Alert:
        """An alert about what this process says of itself."""
        return alert(name, job=JOB, instance=self._bot.address, name=problem)

    def judge(self, folder: Path) -> None:
        """AssertionError if an alert is missing, or too many fire."""
        require_alerts(folder, timeline(*self._periods), self._expected, "5m")


def _alert(name: str, /, **labels: str) -> Alert:
    return alert(name, job=JOB, **labels)


async def _refuse_everything(bot: Bot) -> None:
    """Two webhooks with a former secret, one too large, one to a wrong path, one unreadable; two unsigned clicks."""
    await new_review(bot)
    session, body = bot.slack.session, b'{"eventType": "kyc_session_manual_review"}'
    for _ in range(2):
        assert (await bot.ralio.send_bytes(body, ralio.signature(body, "a former secret")))[0] == 401
        async with session.post(f"{bot.address}/slack/interactions", data=b"payload={}") as answer:
            assert answer.status == 401
    assert (await bot.ralio.send_bytes(b" " * 20_000))[0] == 413
    headers = {"X-Signature": ralio.signature(body, bot.ralio.secret)}
    async with session.post(f"{bot.address}/webhooks/ralio/v2", data=body, headers=headers) as answer:
        assert answer.status == 404
    assert (await bot.ralio.send_bytes(body))[0] == 422
    await bot.settled()


async def _decide(bot: Bot) -> str:
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve")
    return session_id


async def _pass(bot: Bot, seconds: float) -> None:
    bot.clock.advance(seconds)
    await bot.slack.control("POST", "clock", {"advance_s": seconds})


@pytest.mark.leaves_undelivered("the channel and the receiver stay broken")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_day_of_incidents(database_url: str, slack: LocalSlack, tmp_path: Path) -> None:
    """What lasts keeps firing, such as the quarantine; what happened once is over after an hour, a day or a repair."""
    async with (
        running_receiver() as receiver,
        running(database_url, slack, file=FILE, max_body_bytes=10_000, **receiver.settings) as bot,
    ):
        prometheus = _Prometheus(bot)
        await prometheus.until("review_bot_ready", 1)
        await prometheus.see()

        await _refuse_everything(bot)
        quarantine = _alert("ReviewBotQuarantine")
        await prometheus.until("review_bot_quarantined_events", 1)
        await prometheus.see(
            quarantine,
            _alert("ReviewBotWrongSignatures", result="wrong_signature"),
            _alert("ReviewBotTooLarge", result="too_large"),
            _alert("ReviewBotWrongPath", signed="yes"),
            _alert("ReviewBotWrongSlackSignatures", result="wrong_signature"),
            in_channel=[
                "couldn't be read and was quarantined",
                "missing or wrong signature",
                "was larger than",
                "to a wrong address",
            ],
        )

        receiver.fault = Fault.GONE
        session_id = await _decide(bot)
        assert (await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=session_id)))[0] == 200
        await bot.settled()
        await prometheus.until("review_bot_decision_deliveries", 1, state="held")
        await prometheus.until("review_bot_disagreements", 1, kind="contradicts")
        decisions = _alert("ReviewBotDecisionsHeld")
        disagreement = _alert("ReviewBotDisagreement", kind="contradicts")
        await prometheus.see(
            quarantine,
            decisions,
            disagreement,
            in_channel=["doesn't accept a decision"],
            problems=["decision_webhook"],
        )

        receiver.fault = None
        await slack.fault("*", "server_error")
        await send(bot)
        await _pass(bot, 400)
        await prometheus.until("review_bot_backlog_age_seconds", 400)
        behind = _alert("ReviewBotSlackBehind")
        await prometheus.see(quarantine, decisions, disagreement, behind, problems=["backlog"])
        await slack.no_faults()
        await _pass(bot, 60)
        await bot.settled()

        await _decide(bot)
        await _pass(bot, 5 * 3_600)
        await bot.settled()
        await prometheus.until("review_bot_verdicts_missing", 1, queue="user")
        waiting = [
            quarantine,
            decisions,
            _alert("ReviewBotDecisionsBehind"),
            disagreement,
            _alert("ReviewBotVerdictMissing", queue="user"),
            _alert("ReviewBotUnclaimed", queue="user"),
        ]
        await prometheus.see(*waiting)

        with locked(bot.database_url):
            assert (await bot.ralio.send(ralio.event()))[0] == 503
            await prometheus.until("review_bot_problem", 1, name="database")
            await prometheus.see(
                prometheus.problem("ReviewBotDatabase", "database"),
                _alert("ReviewBotNotRecording", result="unavailable"),
                *waiting,
                in_channel=["The database can't be used"],
                problems=["database"],
            )

        await slack.fault(
            "chat.postMessage", "error", error="restricted_action", channel=RELATED_PARTY_CHANNEL
        )
        assert (await bot.ralio.send(ralio.related_party_event()))[0] == 200
        await prometheus.until("review_bot_deliveries", 1, state="held")
        waiting.append(_alert("ReviewBotHeld"))
        held = "Slack is rejecting the bot's messages"
        await prometheus.see(*waiting, in_channel=[held], problems=["held"])

        await slack.fault("*", "error", error="token_revoked")
        await send(bot)
        await prometheus.until("review_bot_problem", 1, name="slack_token")
        revoked = prometheus.problem("ReviewBotNotReady", "slack_token")
        await prometheus.see(*waiting, revoked, problems=["slack_token"])
    prometheus.judge(tmp_path)
