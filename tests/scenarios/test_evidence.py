"""What a decision rests on: checks that change under it, a verdict over a proposal, and what the card shows of both."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.demo.ralio_api.records import refused, validated
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.operator import command
from tests.support.people import TEAM, Person, record, thread
from tests.support.ralio_api import running_ralio_api
from tests.support.slack import ANA, BEN, CHLOE, LocalSlack, buttons, shown

DOCUMENT = {"type": "document", "state": "Validated"}
FACE = {"type": "face-matching", "state": "Refused", "reasons": [{"code": "NO_MATCH"}]}
WITHDRAWN = (
    f"<@{ANA}>, <@{BEN}>, <@{CHLOE}>: the automatic checks changed, so the proposal was withdrawn: "
    f"<@{ANA}> has the review again."
)
NEEDED = (
    f"<@{BEN}>, <@{CHLOE}>: <@{ANA}> proposed Reject (Document expired). "
    "It needs confirmation by a second person."
)
CHANGED = f"<@{ANA}>: the automatic checks of this review changed: check the card before you decide."


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot with reviewers and a lead; rejections need a second person."""
    async with running(database_url, slack, file=TEAM) as running_bot:
        yield running_bot
        await running_bot.settled()


async def _send(bot: Bot, kind: str = "kyc_session_manual_review", **data: Any) -> str:
    event = ralio.event(kind, **data)
    assert await bot.ralio.send(event) == (200, {"received": True, "result": "recorded"})
    await bot.settled()
    return str(event["data"]["sessionId"])


CHANGES = {
    "a refused check is new": [DOCUMENT, FACE],
    "a check is refused now": [DOCUMENT | {"state": "Refused"}],
    "a check is another one": [DOCUMENT | {"type": "address"}],
}


async def test_changed_checks_withdraw_a_proposal(bot: Bot) -> None:
    """The proposer has it again, whoever can confirm is mentioned, and the Confirm of the older card is refused."""
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    for number, checks in enumerate(CHANGES.values(), 1):
        session_id = await _send(bot, checks=[DOCUMENT])
        await ana.reject(session_id)
        stale = await bot.card(session_id)
        await _send(bot, sessionId=session_id, checks=checks)
        card = await bot.card(session_id)
        assert f"*Claimed* by <@{ANA}>" in shown(card)
        assert "Proposal withdrawn: the checks changed" in shown(card)
        assert buttons(card) == ["Resolve", "Release"]
        assert await thread(bot, session_id) == [NEEDED, WITHDRAWN]
        await bot.slack.click(BEN, stale, "Confirm")
        await _has_notes(ben, number)
        assert record(bot, session_id)[1:] == [
            (ANA, "propose", None),
            ("bot", "withdraw", None),
            (BEN, "confirm", "not_possible"),
        ]
        row = bot.review(session_id)
        assert (row["status"], row["claimed_by"], row["outcome"]) == ("claimed", ANA, None)
    details = [json.loads(row["detail"]) for row in bot.rows("SELECT * FROM audit WHERE action = 'withdraw'")]
    assert details == [
        {
            "because": "checks_changed",
            "proposed_by": ANA,
            "outcome": "reject",
            "reason": "document_expired",
        }
    ] * len(CHANGES)


async def _has_notes(person: Person, count: int) -> None:
    async def found() -> bool:
        return len(await person.notes()) == count

    await until(found, f"{person.id} gets no answer")


async def test_equal_checks_keep_a_proposal(bot: Bot) -> None:
    """In another order, repeated, or not named at all; a second person can confirm the newest card."""
    session_id = await _send(bot, checks=[DOCUMENT, FACE])
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.reject(session_id)
    for checks in ([FACE, DOCUMENT], [DOCUMENT, FACE, FACE], [], None):
        await _send(bot, sessionId=session_id, checks=checks)
        assert buttons(await bot.card(session_id)) == ["Confirm", "Send back"]
    assert await thread(bot, session_id) == [NEEDED]
    await ben.press(session_id, "Confirm")
    assert bot.review(session_id)["confirmed_by"] == BEN


async def test_changed_checks_notify_the_person_who_claimed_the_review(bot: Bot) -> None:
    """In the thread; the claim stays, and the same checks again are no news."""
    session_id = await _send(bot, checks=[DOCUMENT])
    await Person(bot, ANA).press(session_id, "Claim")
    for checks in ([DOCUMENT], [DOCUMENT, FACE], [FACE, DOCUMENT]):
        await _send(bot, sessionId=session_id, checks=checks)
    assert await thread(bot, session_id) == [CHANGED]
    assert bot.review(session_id)["claimed_by"] == ANA


async def test_checks_from_ralios_api_withdraw_a_proposal_too(database_url: str, slack: LocalSlack) -> None:
    """They arrive late, because the API is down when the review is opened; a claim's holder is notified."""
    async with (
        running_ralio_api() as api,
        running(database_url, slack, file=TEAM, **api.settings) as bot,
    ):
        api.records.trouble("server_error", times=2, call="/checks")
        events = [ralio.event(checks=[DOCUMENT]) for _ in range(2)]
        proposed, claimed = (str(event["data"]["sessionId"]) for event in events)
        for event in events:
            api.records.note(event)
            api.records.sessions[event["data"]["sessionId"]].checks = [
                validated("document"),
                refused("face-matching", "NO_MATCH", "FACE"),
            ]
            assert (await bot.ralio.send(event))[0] == 200
        await bot.settled()
        await until(lambda: _failed(bot), "the API is not asked")
        await Person(bot, ANA).reject(proposed)
        await Person(bot, ANA).press(claimed, "Claim")
        bot.clock.advance(60)
        await until(lambda: _in_thread(bot, proposed, WITHDRAWN), "the proposal stands")
        await until(lambda: _in_thread(bot, claimed, CHANGED), "the holder is not notified")
        await bot.settled()
        card = await bot.card(proposed)
        assert "❌ Face doesn't match the document `KYC.FACE.NO_MATCH`" in shown(card)
        assert "Proposal withdrawn: the checks changed" in shown(card)
        # What the event said about the session is not news again.
        await Person(bot, ANA).fill_in(proposed, "Resolve", outcome="Reject", reason="reject:suspicious")
        again = ralio.event(**events[0]["data"])
        assert (await bot.ralio.send(again))[0] == 200
        await bot.settled()
        assert buttons(await bot.card(proposed)) == ["Confirm", "Send back"]
        assert "KYC.FACE.NO_MATCH" in shown(await bot.card(proposed))


async def _failed(bot: Bot) -> bool:
    return len(bot.rows("SELECT * FROM lookups WHERE kind = 'checks' AND attempts = 1")) == 2


async def _in_thread(bot: Bot, session_id: str, text: str) -> bool:
    return text in await thread(bot, session_id)


async def test_a_verdict_keeps_the_proposal_that_it_closes(bot: Bot, database_url: str) -> None:
    """On the card and on record, as what it is; its proposer and the leads are notified of the disagreement."""
    ana = Person(bot, ANA)
    verdicts = {
        "kyc_session_verified": ("Ralio verified this session", "Ralio decided otherwise", ""),
        "kyc_session_failed": (
            "Ralio rejected this session",
            "No one had confirmed the proposal",
            " No one had confirmed it.",
        ),
    }
    sessions = []
    for kind, (verdict, warning, unconfirmed) in verdicts.items():
        session_id = await _send(bot)
        sessions.append(session_id)
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Reject", reason="reject:suspicious", note="Odd.")
        await _send(bot, kind, sessionId=session_id)
        card = shown(await bot.card(session_id))
        assert f"{verdict}; <@{ANA}> had proposed *Reject* (Suspicious activity) · ⚠️ {warning}" in card
        assert "Odd." in card
        assert (await thread(bot, session_id))[1:] == [
            f"<@{ANA}>, <@{CHLOE}>: {verdict}; <@{ANA}> had proposed Reject (Suspicious activity).{unconfirmed}"
        ]
    listed = await command(database_url, "reviews", "--disagreeing", "--json")
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [row["session_id"] for row in rows] == sessions
    assert [row["disagreement"] for row in rows] == ["contradicts_proposal", "unconfirmed"]
    assert {(row["outcome"], row["reason"], row["note"], row["decided_by"]) for row in rows} == {
        ("reject", "suspicious", "Odd.", ANA)
    }
    assert all(row["decided_at"] and not row["confirmed_by"] for row in rows)
    async with bot.slack.session.get(f"{bot.address}/metrics") as answer:
        metrics = await answer.text()
    assert 'review_bot_disagreements{kind="contradicts_proposal"} 1.0' in metrics
    assert 'review_bot_disagreements{kind="unconfirmed"} 1.0' in metrics


async def test_a_verdict_names_what_was_decided_before_a_reopening(bot: Bot) -> None:
    """Reopened by a person, by a newer event after a decision, and after a verdict that closed a proposal."""
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    by_a_person, by_an_event, of_a_proposal = [await _send(bot) for _ in range(3)]
    for session_id in (by_a_person, by_an_event):
        await ana.press(session_id, "Claim")
        await ana.fill_in(session_id, "Resolve", outcome="Approve")
    await ana.reject(of_a_proposal)
    await ben.fill_in(by_a_person, "Reopen", words="New facts.")
    await _send(bot, sessionId=by_an_event)
    await _send(bot, "kyc_session_failed", sessionId=of_a_proposal)
    await _send(bot, sessionId=of_a_proposal)
    expected = {
        by_a_person: ("kyc_session_failed", "rejected", "decided *Approve*"),
        by_an_event: ("kyc_session_failed", "rejected", "decided *Approve*"),
        of_a_proposal: ("kyc_session_verified", "verified", "proposed *Reject* (Document expired)"),
    }
    for session_id, (kind, verdict, earlier) in expected.items():
        await _send(bot, kind, sessionId=session_id)
        words = f"Ralio {verdict} this session; <@{ANA}> had {earlier} before it was reopened"
        assert f"{words} · ⚠️ Ralio decided otherwise" in shown(await bot.card(session_id))
        assert (await thread(bot, session_id))[-1] == f"<@{ANA}>, <@{CHLOE}>: {words.replace('*', '')}."
        assert bot.review(session_id)["disagreement"] == "contradicts_earlier"
    kept = json.loads(bot.review(of_a_proposal)["earlier_decision"])
    assert (kept["outcome"], kept["decided_by"], kept["unconfirmed"]) == ("reject", ANA, True)


async def test_a_verdicts_reasons_stand_beside_the_automatic_checks(bot: Bot, database_url: str) -> None:
    """Why the review was raised stays readable, in the case file too; a newer review event takes the reasons away."""
    session_id = await _send(bot, checks=[DOCUMENT, FACE])
    forged = {"type": "document", "state": "Refused", "reasons": [{"code": "FORGED"}]}
    await _send(bot, "kyc_session_failed", sessionId=session_id, checks=[forged])
    card = shown(await bot.card(session_id))
    automatic = "❌ Face doesn't match the document `NO_MATCH`\n✅ Passed: Document check"
    assert automatic in card
    assert "*Ralio's reasons:*\n❌ Document: forged `FORGED`" in card
    case = await command(database_url, "audit", "case", session_id)
    raised = "face-matching refused NO_MATCH; document validated"
    assert f"- automatic checks on the card: {raised}" in case.stdout
    assert "- Ralio's reasons for the verdict: document refused FORGED" in case.stdout
    await _send(bot, sessionId=session_id)
    card = shown(await bot.card(session_id))
    assert automatic in card
    assert "reasons for the verdict" not in card


async def test_refused_checks_are_shown_before_anything_is_cut(bot: Bot) -> None:
    """Thirty checks, the five refused ones last, with thirty codes each; then as many as no card can show."""
    codes = [{"code": f"C{number}"} for number in range(30)]
    refusals = [{"type": f"refused-{n}", "state": "Refused", "reasons": codes} for n in range(5)]
    for validated_ones in (25, 300):
        passed = [{"type": f"validated-{n}", "state": "Validated"} for n in range(validated_ones)]
        session_id = await _send(bot, checks=[*passed, *refusals])
        card = shown(await bot.card(session_id))
        lines = [line for line in card.splitlines() if line.startswith(("❌", "✅", "•"))]
        assert [line.split(":")[0] for line in lines[:5]] == [f"❌ Refused {n}" for n in range(5)]
        assert all(line.endswith("`C3` and 26 more") for line in lines[:5])
        assert lines[5].startswith("✅ Passed: Validated 0, Validated 1, ")
        # Fifty checks are kept; the passed ones among them that have no room are counted on their own line.
        kept = min(validated_ones, 45)
        named, _, more = lines[5].partition(" and ")
        assert named.count("Validated") + int(more.removesuffix(" more") or 0) == kept
        hidden = validated_ones - kept
        assert lines[6:] == ([f"• and {hidden} more"] if hidden else [])
