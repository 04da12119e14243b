"""A reviewer decided in Ralio's portal first: the decision is recorded on the closed review afterwards."""

import json
from contextlib import AsyncExitStack

from tests.support import ralio
from tests.support.bot import running, until
from tests.support.operator import command
from tests.support.people import TEAM, Person, new_review, record, thread, view_text
from tests.support.receiver import running_receiver
from tests.support.slack import ANA, BEN, CHLOE, DAN, LocalSlack, buttons, shown


async def test_a_decision_is_recorded_after_the_verdict(database_url: str, slack: LocalSlack) -> None:
    """One person is enough. Card, case file and decision webhook have it, and nothing disagrees any more."""
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(running_receiver())
        bot = await stack.enter_async_context(running(database_url, slack, file=TEAM, **receiver.settings))
        session_id = await new_review(bot)
        ana, ben, dan = (Person(bot, person) for person in (ANA, BEN, DAN))
        await ana.reject(session_id)
        await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=session_id))
        await bot.settled()
        assert bot.review(session_id)["disagreement"] == "unconfirmed"
        stale = await bot.card(session_id)
        assert buttons(stale) == ["Record decision"]
        await dan.press(session_id, "Record decision")
        await until(dan.notes, "Dan is not told")

        await ana.press(session_id, "Record decision")
        form = view_text(await ana.form())
        assert "Ralio rejected this session. Record what was decided in Ralio's portal." in form
        assert (await ana.submit())["errors"] == {"outcome": "Choose an outcome."}
        assert await ana.submit(outcome="Reject", reason="reject:suspicious", note="Seen.") == ""
        card = await bot.card(session_id)
        recorded = f"Ralio rejected this session; <@{ANA}> recorded *Reject* (Suspicious activity) afterwards"
        assert f"*Closed* · {recorded}" in shown(card)
        assert "⚠️" not in shown(card)
        assert f"<@{ANA}> recorded after the verdict: *Reject* (Suspicious activity)" in shown(card)
        assert buttons(card) == []
        row = bot.review(session_id)
        assert (row["status"], row["disagreement"], row["decided_by"], row["confirmed_by"]) == (
            "closed",
            None,
            ANA,
            None,
        )

        await bot.slack.click(BEN, stale, "Record decision")
        (note,) = await until(ben.notes, "Ben is not told")
        assert f"A decision is already recorded on this review, by <@{ANA}>." in note
        assert record(bot, session_id)[2:] == [
            (DAN, "record_decision", "not_a_reviewer"),
            (ANA, "record_decision", None),
            (BEN, "record_decision", "already_decided"),
        ]
        (entry,) = bot.rows("SELECT detail FROM audit WHERE action = 'record_decision' AND refused IS NULL")
        sealed = {"card_seen", "checks_seen", "policy"}
        detail = json.loads(entry["detail"])
        assert {name: detail[name] for name in detail.keys() - sealed} == {
            "outcome": "reject",
            "reason": "suspicious",
            "note": "Seen.",
            "session_state": "REJECTED",
            "proposed": "reject",
            "proposed_by": ANA,
        }
        closed, decided = (each.content for each in await receiver.received(2))
        assert (closed["type"], closed["data"]["outcome"]) == ("review.closed", None)
        assert decided["type"] == "review.decided"
        assert {name: decided["data"][name] for name in ("outcome", "decided_by", "verdict", "agrees")} == {
            "outcome": "reject",
            "decided_by": ANA,
            "verdict": "REJECTED",
            "agrees": True,
        }
    case = await command(database_url, "audit", "case", session_id)
    assert "- recorded: afterwards, when the verdict was known" in case.stdout


async def test_a_decision_recorded_against_the_verdict_is_reported_to_the_leads(
    database_url: str, slack: LocalSlack
) -> None:
    """The card shows the disagreement, too."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        await bot.ralio.send(ralio.event("kyc_session_verified", sessionId=session_id))
        await bot.settled()
        await Person(bot, ANA).fill_in(
            session_id, "Record decision", outcome="Reject", reason="reject:document_expired"
        )
        assert (await thread(bot, session_id))[1:] == [
            f"<@{CHLOE}>: Ralio verified this session; <@{ANA}> recorded Reject (Document expired) afterwards."
        ]
        assert "⚠️ Ralio decided otherwise." in shown(await bot.card(session_id))
        assert bot.review(session_id)["disagreement"] == "contradicts"
