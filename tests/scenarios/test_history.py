"""A reviewer looks at everything that happened to a review, also when it is closed."""

from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, note_form, record, view_text
from tests.support.slack import ANA, BEN, DAN, LocalSlack


async def _history(person: Person, session_id: str) -> str:
    await person.press(session_id, "History")
    return view_text(await person.form("review_history"))


async def test_everything_that_happened_is_in_the_history(database_url: str, slack: LocalSlack) -> None:
    """Changes with reasons and notes, refusals, messages, and Ralio's events, newest first; not for strangers."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana, ben, dan = (Person(bot, person) for person in (ANA, BEN, DAN))
        unclaimed = await bot.card(session_id)
        await ana.press(session_id, "Claim")
        await slack.click(BEN, unclaimed, "Claim")
        decision = {"outcome": "Reject", "reason": "reject:document_expired", "note": "Ended in *May*."}
        await ana.fill_in(session_id, "Resolve", **decision)
        await ben.fill_in(session_id, "Send back", words="Which page?")
        await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=session_id))
        await bot.settled()
        assert bot.review(session_id)["status"] == "closed"

        text = await _history(ana, session_id)
        expected = [
            "Slack shows the newest card.",
            "Closed: Ralio rejected this session · Ralio's event",
            f"<@{BEN}> sent it back",
            "Which page?",
            f"Slack shows a reply in the thread to <@{BEN}>, <@UCHLOE0001>: confirmation requested",
            f"<@{ANA}> proposed *Reject* (Document expired)",
            "Ended in *May*.",
            f"<@{BEN}> couldn't claim it: claimed by someone else",
            f"<@{ANA}> claimed it",
            "Sent to manual review · Ralio's event",
        ]
        places = [text.find(line) for line in expected]
        assert -1 not in places, (text, places)
        in_order = [places[0], places[1], *places[2:4], *places[5:]]
        assert in_order == sorted(in_order), text

        await dan.press(session_id, "History")
        (note,) = await until(dan.notes, "Dan is not told")
        assert "You can't see the history of this: you aren't a reviewer of the user queue." in note
        assert await dan.forms() == []
        assert record(bot, session_id)[-1] == (DAN, "see_history", "not_a_reviewer")


async def _turn(person: Person, session_id: str, action_id: str, page: int, containing: str) -> str:
    view = await person.form("review_history")
    body = {"user": person.id, "view_id": view["id"], "action_id": action_id, "value": f"{session_id}@{page}"}
    answer = await person.bot.slack.control("POST", "click", body)
    assert (answer["status"], answer["body"]) == (200, "")
    return view_text(await person.form(containing))


async def test_the_pages_of_a_long_history_are_turned(bot: Bot) -> None:
    """Within Slack's limits."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    for number in range(21):
        assert await ana.send_payload(note_form(bot, session_id, number)) == ""
    await bot.settled()
    newest = await _history(ana, session_id)
    assert "Note 20." in newest
    assert "Note 00." not in newest
    oldest = ""
    for page in (1, 2):
        oldest = await _turn(ana, session_id, "history_older", page, f"{session_id}@{page - 1}")
    assert "Note 00." in oldest
    assert "Sent to manual review" in oldest
    assert "Note 20." not in oldest
    newer = await _turn(ana, session_id, "history_newer", 1, f"{session_id}@2")
    assert "Sent to manual review" not in newer
    assert len(await bot.slack.calls("views.open")) == 1
