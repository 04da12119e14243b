"""A review changes hands: reassigned, taken over, escalated, released, reopened; whoever it concerns is told."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.settings.file import BotFile
from bot.slack.api.users import JOINED_S
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, record, thread, view_text
from tests.support.slack import ANA, BEN, CHLOE, DAN, LocalSlack, buttons, shown


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot with reviewers and a lead."""
    async with running(database_url, slack, file=TEAM) as running_bot:
        yield running_bot


async def test_the_holder_gives_the_review_to_somebody_who_may_have_it(bot: Bot) -> None:
    """The form says who may have it, refuses the others on its field, and keeps what was typed."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Reassign")
    assert f"Reviewers of this queue: <@{BEN}>, <@{CHLOE}>." in view_text(await ana.form())
    for values, complaint in [
        ({}, "Choose a person."),
        ({"to": DAN, "words": "I am away."}, "This person can't review this queue."),
        ({"to": ANA}, "This person already has the review."),
        ({"to": "U0LOCALBOT"}, "This person can't review this queue."),
    ]:
        assert await ana.submit(**values) == {"response_action": "errors", "errors": {"to": complaint}}
    assert (await ana.submit(to=BEN, words="Call +49 30 901820"))["response_action"] == "update"
    warned = view_text(await ana.form("a phone number"))
    assert f"Reviewers of this queue: <@{BEN}>, <@{CHLOE}>." in warned
    assert await ana.submit(words="I am away.") == ""
    card = await bot.card(session_id)
    assert f"*Claimed* by <@{BEN}>" in shown(card)
    assert f"<@{ANA}> reassigned it to <@{BEN}>: `I am away.`" in shown(card)
    assert await thread(bot, session_id) == [
        f"<@{BEN}>: <@{ANA}> reassigned this review to <@{BEN}>: I am away."
    ]
    assert record(bot, session_id)[-1] == (ANA, "reassign", None)


async def test_the_target_has_to_be_a_member_whom_slack_knows(database_url: str, slack: LocalSlack) -> None:
    """A guest, a deactivated account and a stranger get no review; while Slack cannot be asked, the form says so."""
    async with running(database_url, slack, file=BotFile()) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        guest, gone, unasked = [Person(bot, person) for person in await slack.add_people(3)]
        await guest.change(is_restricted=True)
        await gone.change(deleted=True)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Reassign")
        for person in (guest.id, gone.id, "UNOBODY001", "U0LOCALBOT"):
            bot.clock.advance(61)  # refusals within a minute are one entry
            answer = await ana.submit(to=person)
            assert answer["errors"] == {"to": "This person can't review this queue."}
        await slack.fault("users.info", "server_error")
        answer = await ana.submit(to=unasked.id)
        assert answer["errors"] == {
            "to": "Slack isn't answering, so I can't check this person. Try again in a minute."
        }
        assert bot.review(session_id)["claimed_by"] == ANA
        assert [why for _, action, why in record(bot, session_id) if action == "reassign"] == [
            *["cannot_give_to"] * 4,
            "cannot_check",
        ]
        await slack.no_faults()
        bot.clock.advance(JOINED_S + 1)
        assert await ana.submit(to=unasked.id) == ""


async def test_a_lead_gives_it_to_somebody_and_both_are_told(bot: Bot) -> None:
    """A reviewer who is neither holder nor lead may not: no form opens."""
    session_id = await new_review(bot)
    ana, ben, chloe = (Person(bot, person) for person in (ANA, BEN, CHLOE))
    await ana.press(session_id, "Claim")
    await ben.press(session_id, "Reassign")
    (note,) = await until(ben.notes, "Ben is not told")
    assert f"Only <@{ANA}> or a lead (<@{CHLOE}>) can reassign it." in note
    await chloe.fill_in(session_id, "Reassign", to=BEN)
    assert await thread(bot, session_id) == [
        f"<@{BEN}>, <@{ANA}>: <@{CHLOE}> reassigned this review to <@{BEN}>."
    ]
    assert bot.review(session_id)["claimed_by"] == BEN


async def test_a_review_is_taken_over_with_a_reason(bot: Bot) -> None:
    """Who had it is told; who has it need not, and is told that they do."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Take over")
    (note,) = await until(ana.notes, "Ana is not told")
    assert "You've had this review since" in note
    await ben.press(session_id, "Take over")
    assert (await ben.submit())["errors"] == {"words": "Say why."}
    assert (await ben.submit(words="w" * 1_001))["errors"] == {"words": "Shorten this to 1000 characters."}
    assert await ben.submit(words="Ana is ill.") == ""
    assert await thread(bot, session_id) == [
        f"<@{ANA}>: <@{BEN}> took this review over from you: Ana is ill."
    ]
    assert f"*Claimed* by <@{BEN}>" in shown(await bot.card(session_id))
    assert record(bot, session_id)[1:] == [(ANA, "take_over", "already_yours"), (BEN, "take_over", None)]


async def test_a_review_is_escalated_once(bot: Bot) -> None:
    """The leads are mentioned in the thread with Ana's message, the card says it, and nobody calls them again."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Escalate")
    assert (await ana.submit())["errors"] == {"words": "Write a message to the leads."}
    assert await ana.submit(words="Is this stamp genuine?") == ""
    assert await thread(bot, session_id) == [
        f"<@{CHLOE}>: <@{ANA}> is asking the leads for help with this review: Is this stamp genuine?"
    ]
    card = await bot.card(session_id)
    assert f"<@{ANA}> escalated it to the leads: `Is this stamp genuine?`" in shown(card)
    assert f"escalated to the leads by <@{ANA}>" in shown(card)
    assert f"escalated to the leads by <@{ANA}>" in card["text"]
    await ben.press(session_id, "Escalate")
    (note,) = await until(ben.notes, "Ben is not told")
    assert f"<@{ANA}> has already escalated this review to the leads." in note
    assert len(await thread(bot, session_id)) == 1
    assert record(bot, session_id)[1:] == [(ANA, "escalate", None), (BEN, "escalate", "already_escalated")]


async def test_a_note_is_posted_in_the_thread(bot: Bot) -> None:
    """By any reviewer, with a warning of personal data; the holder is mentioned, unless it is theirs."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.press(session_id, "Claim")
    await ben.press(session_id, "Add note")
    assert (await ben.submit(words=" "))["errors"] == {"words": "Write a note."}
    assert (await ben.submit(words="Ask joe@example.com"))["response_action"] == "update"
    assert "an email address" in view_text(await ben.form("an email address"))
    assert await ben.submit(words="Same *document* as in May.") == ""
    await ana.fill_in(session_id, "Resolve", outcome="Approve")
    await ana.fill_in(session_id, "Add note", words="The bank confirmed it.")
    assert await thread(bot, session_id) == [
        f"<@{ANA}>: <@{BEN}> added a note: Same *document* as in May.",
        f"<@{ANA}> added a note: The bank confirmed it.",
    ]
    assert f"<@{BEN}> added a note: `Same *document* as in May.`" in shown(await bot.card(session_id))
    assert record(bot, session_id)[1:] == [
        (BEN, "add_note", None),
        (ANA, "resolve", None),
        (ANA, "add_note", None),
    ]
    notes = bot.rows("SELECT detail FROM audit WHERE action = 'add_note' ORDER BY id")
    assert [json.loads(row["detail"]) for row in notes] == [
        {"note": "Same *document* as in May."},
        {"note": "The bank confirmed it."},
    ]


async def test_a_lead_releases_what_somebody_else_holds(bot: Bot) -> None:
    """The holder is told; a released review can be claimed again."""
    session_id = await new_review(bot)
    await Person(bot, ANA).press(session_id, "Claim")
    await Person(bot, CHLOE).press(session_id, "Release")
    assert await thread(bot, session_id) == [f"<@{ANA}>: <@{CHLOE}> released your claim on this review."]
    assert buttons(await bot.card(session_id)) == ["Claim"]
    await Person(bot, BEN).press(session_id, "Claim")
    await Person(bot, BEN).press(session_id, "Release")
    assert len(await thread(bot, session_id)) == 1


async def test_a_decided_review_is_reopened_with_a_reason(bot: Bot) -> None:
    """Both who decided are told; it is as open as a new one, and the history stays."""
    session_id = await new_review(bot)
    await Person(bot, ANA).reject(session_id)
    await Person(bot, BEN).press(session_id, "Confirm")
    await Person(bot, CHLOE).fill_in(session_id, "Reopen", words="A new document came.")
    assert (await thread(bot, session_id))[1:] == [
        f"<@{ANA}>, <@{BEN}>: <@{CHLOE}> reopened this review after the decision: A new document came."
    ]
    card = await bot.card(session_id)
    assert buttons(card) == ["Claim"]
    assert f"<@{CHLOE}> reopened it: `A new document came.`" in shown(card)
    review = bot.review(session_id)
    assert [review[name] for name in ("status", "claimed_by", "outcome", "decided_by", "confirmed_by")] == [
        "open",
        None,
        None,
        None,
        None,
    ]


async def test_a_queue_without_leads_cannot_be_escalated(database_url: str, slack: LocalSlack) -> None:
    """And anybody in the workspace may be given its reviews."""
    async with running(database_url, slack, file=BotFile()) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Escalate")
        (note,) = await until(ana.notes, "Ana is not told")
        assert "You can't escalate this: no leads are named for the user queue." in note
        await ana.fill_in(session_id, "Reassign", to=DAN)
        assert bot.review(session_id)["claimed_by"] == DAN


async def test_leads_may_be_a_user_group(database_url: str, slack: LocalSlack) -> None:
    """The group is mentioned, and its members lead."""
    file = BotFile.model_validate({"queues": {"user": {"leads": ["SLEADS0001"]}}})
    async with running(database_url, slack, file=file) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        await Person(bot, ANA).fill_in(session_id, "Escalate", words="Please look.")
        assert await thread(bot, session_id) == [
            f"<!subteam^SLEADS0001>: <@{ANA}> is asking the leads for help with this review: Please look."
        ]
        await Person(bot, CHLOE).press(session_id, "Release")
        assert bot.review(session_id)["status"] == "open"
        await bot.settled()
