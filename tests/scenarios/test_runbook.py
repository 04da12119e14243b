"""The runbook in docs/operate.md: its commands are run as they are written, each against its symptom."""

import re
import shlex
from dataclasses import dataclass, field

import pytest

from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.operator import command
from tests.support.people import TEAM, Person, new_review
from tests.support.process import ROOT, environment
from tests.support.receiver import Fault, running_receiver
from tests.support.slack import ANA, USER_CHANNEL, LocalSlack
from tests.support.tamper import tamper
from tests.support.trouble import delivery, noted, send

PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
PERSON, SESSION = "U012AB3CD", "0b6a2e5c-6a0e-4c3e-9c43-0a4f5d1d2b11"
"""Whom and what the page's examples are about."""

NOTHING = "nothing to show\n"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class _Operator:
    """Reads the page and types what stands there; with `env`, as on the machine of the server."""

    database_url: str
    env: dict[str, str] = field(default_factory=dict)

    async def run(self, heading: str, begins: str, **given: str) -> str:
        """Run the line of the section that begins so, with other examples; answers with what it prints, if it works."""
        output, code = await self.try_out(heading, begins, **given)
        assert code == 0, output
        return output

    async def try_out(self, heading: str, begins: str, **given: str) -> tuple[str, int]:
        """Run it, and answer with all that it prints and its exit code."""
        section = PAGE.split(f"\n### {heading}\n", 1)[1].split("\n##", 1)[0]
        lines = re.findall(r"^python -m bot (.*)$", section, re.MULTILINE)
        (line,) = [each for each in lines if each == begins] or [
            each for each in lines if each.startswith(begins)
        ]
        examples = {"42": given.get("row", "42"), PERSON: ANA, SESSION: given.get("session", SESSION)}
        words = [examples.get(word, word) for word in shlex.split(line)]
        done = await command(self.database_url, *words, **self.env)
        return done.stdout + done.stderr, done.returncode


async def _held_reviews(bot: Bot) -> list[str]:
    """Two reviews whose cards Slack rejects."""
    await bot.slack.fault("chat.postMessage", "error", error="restricted_action", channel=USER_CHANNEL)
    sessions = [await send(bot) for _ in range(2)]
    for session_id in sessions:
        await noted(bot, session_id, "restricted_action")
    return sessions


async def test_what_slack_rejects(database_url: str, slack: LocalSlack) -> None:
    """It is seen, sent again once the cause is gone, or given up; no card is missed afterwards."""
    operator = _Operator(database_url)
    async with running(database_url, slack, file=TEAM) as bot:
        given_up, wanted = await _held_reviews(bot)
        shown = await operator.run("`/readyz` says `held`", "deliveries --held")
        assert shown.count("restricted_action") == 2
        assert wanted in await operator.run("A session has no card", "deliveries")
        assert wanted in await operator.run("A session has no card", "reviews")
        row = str(delivery(bot, given_up)["id"])
        assert given_up in await operator.run("`/readyz` says `held`", "deliveries discard", row=row)
        await slack.no_faults()
        await operator.run("`/readyz` says `held`", "deliveries requeue --all")
        await bot.settled()
        assert await bot.card(wanted)
        assert await bot.cards(given_up) == []
        assert await operator.run("`/readyz` says `held`", "deliveries --held") == NOTHING


async def test_what_ralio_sent_cannot_be_read(database_url: str, slack: LocalSlack) -> None:
    """Why, what it was, and two ways to end it: read again, which this one resists, or discarded on the record."""
    heading = "An event was quarantined"
    operator = _Operator(database_url)
    async with running(database_url, slack) as bot:
        assert (await bot.ralio.send_bytes(b'{"eventType": "kyc_session_manual_review"}'))[0] == 422
        listed = await operator.run(heading, "events --quarantined")
        row = listed.split()[0]
        assert "timestamp: Field required" in listed
        assert '{"eventType": "kyc_session_manual_review"}' in await operator.run(
            heading, "events show", row=row
        )
        output, code = await operator.try_out(heading, "events replay", row=row)
        assert (code, "still quarantined" in output) == (1, True)
        await operator.run(heading, "events discard", row=row)
        assert await operator.run(heading, "events --quarantined") == NOTHING
        await bot.settled()


async def test_decisions_that_are_not_received_or_disagree(database_url: str, slack: LocalSlack) -> None:
    """The receiver is asked, and gets what was held; the case file of a disagreement shows who decided what."""
    heading = "Decisions are not received"
    async with (
        running_receiver() as receiver,
        running(database_url, slack, file=TEAM, **receiver.settings) as bot,
    ):
        secret = ",".join(each.get_secret_value() for each in receiver.settings["decision_webhook_secret"])
        url = receiver.settings["decision_webhook_url"].get_secret_value()
        env = environment(database_url, 8080, slack.api_url)
        env |= {"DECISION_WEBHOOK_URL": url, "DECISION_WEBHOOK_SECRET": secret}
        del env["DATABASE_URL"], env["PATH"]
        operator = _Operator(database_url, env)
        receiver.fault = Fault.GONE
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Approve")
        await receiver.received(1)

        async def is_held() -> bool:
            return "http_410" in await operator.run(heading, "deliveries")

        await until(is_held, "the decision is not held")
        output, code = await operator.try_out(heading, "check --send")
        assert (code, "did not accept a ping: http_410" in output) == (1, True)
        receiver.fault = None
        assert "accepted a ping" in await operator.run(heading, "check --send")
        await operator.run(heading, "deliveries requeue --all")
        await receiver.received(4)
        assert receiver.messages[3].session_id == session_id

        assert (await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=session_id)))[0] == 200
        heading = "A verdict disagrees or is missing"
        assert session_id in await operator.run(heading, "reviews --disagreeing")
        assert ANA in await operator.run(heading, "audit case", session=session_id)
        waiting = await new_review(bot)
        assert waiting in await operator.run("Events that Ralio was refused", "reviews --json")
        assert waiting in await operator.run("No one claims a review", "reviews --status open")
        assert "user" in await operator.run("No one claims a review", "stats")
        await receiver.received(5)
        await bot.settled()


async def test_a_record_that_was_changed(database_url: str, slack: LocalSlack) -> None:
    """`audit verify` names the entry."""
    async with running(database_url, slack) as bot:
        await new_review(bot)
    tamper(database_url, "UPDATE audit SET actor = 'UEVE000001' WHERE id = 1")
    output, code = await _Operator(database_url).try_out("The audit record is broken", "audit verify")
    assert (code, "entry 1" in output) == (1, True), output
