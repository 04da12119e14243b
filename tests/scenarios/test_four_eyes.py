"""Four eyes: a proposal, and a second person who confirms it or sends it back."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, record, thread
from tests.support.slack import ANA, BEN, CHLOE, LocalSlack, buttons, shown

NEEDED = (
    f"<@{BEN}>, <@{CHLOE}>: <@{ANA}> proposed Reject (Document expired). "
    "It needs confirmation by a second person."
)


@pytest.fixture
async def bot(database_url: str, slack: LocalSlack) -> AsyncIterator[Bot]:
    """A running bot with reviewers and a lead."""
    async with running(database_url, slack, file=TEAM) as running_bot:
        yield running_bot


async def test_a_second_person_confirms(bot: Bot) -> None:
    """The card says what is proposed, by whom and who may confirm; its maker is refused and told so."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.reject(session_id)
    card = await bot.card(session_id)
    assert f"*Awaiting confirmation* · <@{ANA}> proposed *Reject* (Document expired)" in shown(card)
    assert f"*Next:* confirmation by a second person: <@{BEN}>, <@{CHLOE}>" in shown(card)
    assert buttons(card) == ["Confirm", "Send back"]
    assert await thread(bot, session_id) == [NEEDED]

    await ana.press(session_id, "Confirm")
    (note,) = await until(ana.notes, "Ana is not told")
    assert "You proposed this decision, so a second person needs to confirm it." in note
    assert f"<@{BEN}>, <@{CHLOE}>" in note
    assert bot.review(session_id)["status"] == "proposed"

    await ben.press(session_id, "Confirm")
    card = await bot.card(session_id)
    assert f"*Decided* · <@{ANA}> decided *Reject* (Document expired), confirmed by <@{BEN}>" in shown(card)
    assert buttons(card) == ["Reopen"]
    assert record(bot, session_id) == [
        (ANA, "claim", None),
        (ANA, "propose", None),
        (ANA, "confirm", "own_proposal"),
        (BEN, "confirm", None),
    ]
    assert await thread(bot, session_id) == [NEEDED]


async def test_an_outcome_that_needs_one_person_is_decided_at_once(bot: Bot) -> None:
    """Four eyes are asked for by outcome."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve")
    assert bot.review(session_id)["status"] == "decided"


async def test_a_proposal_is_sent_back_with_a_reason(bot: Bot) -> None:
    """The maker is mentioned in the thread with the reason, has the review again, and may propose anew."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.reject(session_id)
    await ben.press(session_id, "Send back")
    answer = await ben.submit()
    assert answer == {"response_action": "errors", "errors": {"words": "Say why."}}
    assert (await ben.submit(words=" \n "))["errors"] == {"words": "Say why."}
    assert await ben.submit(words="The passport is <valid> until *June*.") == ""
    assert await thread(bot, session_id) == [
        NEEDED,
        f"<@{ANA}>: <@{BEN}> sent your decision back: The passport is &lt;valid&gt; until *June*.",
    ]
    card = await bot.card(session_id)
    assert f"*Claimed* by <@{ANA}>" in shown(card)
    assert f"<@{BEN}> sent it back: `The passport is &lt;valid&gt; until *June*.`" in shown(card)
    review = bot.review(session_id)
    assert (review["outcome"], review["reason"], review["decided_by"]) == (None, None, None)
    await ana.fill_in(session_id, "Resolve", outcome="Reject", reason="reject:suspicious")
    await ben.press(session_id, "Confirm")
    assert bot.review(session_id)["confirmed_by"] == BEN


async def test_the_proposer_withdraws_a_proposal(bot: Bot) -> None:
    """No one else can; Ana has the review again, and a press on the old card confirms nothing."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.reject(session_id)
    stale = await bot.card(session_id)
    await ben.press(session_id, "Withdraw")
    (note,) = await until(ben.notes, "Ben is not told")
    assert f"<@{ANA}> proposed this decision, so only <@{ANA}> can withdraw it." in note
    await ana.press(session_id, "Withdraw")
    card = await bot.card(session_id)
    assert f"*Claimed* by <@{ANA}>" in shown(card)
    assert f"<@{ANA}> withdrew the proposal of *Reject*" in shown(card)
    assert await thread(bot, session_id) == [
        NEEDED,
        f"<@{ANA}> withdrew the proposal and has the review again.",
    ]
    await bot.slack.click(BEN, stale, "Confirm")
    await bot.settled()
    review = bot.review(session_id)
    assert (review["status"], review["claimed_by"], review["outcome"]) == ("claimed", ANA, None)
    assert record(bot, session_id)[2:] == [
        (BEN, "withdraw", "not_your_proposal"),
        (ANA, "withdraw", None),
        (BEN, "confirm", "not_possible"),
    ]


async def test_a_confirm_of_another_proposal_is_refused(bot: Bot) -> None:
    """Ben's card was drawn before Ana proposed something else: he is told to look, and nothing is confirmed."""
    session_id = await new_review(bot)
    ana, ben, chloe = (Person(bot, person) for person in (ANA, BEN, CHLOE))
    await ana.reject(session_id)
    stale = await bot.card(session_id)
    await chloe.fill_in(session_id, "Send back", words="Look again.")
    await ana.fill_in(session_id, "Resolve", outcome="Reject", reason="reject:suspicious")
    await bot.slack.click(BEN, stale, "Confirm")
    (note,) = await until(ben.notes, "Ben is not told")
    assert "The review changed before you could confirm it" in note
    assert "Check the card and try again." in note
    assert bot.review(session_id)["status"] == "proposed"
    assert record(bot, session_id)[-1] == (BEN, "confirm", "changed_meanwhile")
    await ben.press(session_id, "Confirm")
    (entry,) = bot.rows("SELECT detail FROM audit WHERE action = 'confirm' AND refused IS NULL")
    detail = json.loads(entry["detail"])
    assert (detail["outcome"], detail["reason"], detail["proposed_by"]) == ("reject", "suspicious", ANA)


async def test_a_proposal_of_a_session_that_ralio_decided_is_closed(bot: Bot) -> None:
    """A stale Confirm then says that the verdict is told, and a form that was open closes."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.reject(session_id)
    await ben.press(session_id, "Send back")
    stale = await bot.card(session_id)
    await _verdict(bot, session_id)
    answer = await ben.submit(words="Too late.")
    assert answer["response_action"] == "update"
    assert "Ralio's verdict closed it" in json.dumps(await ben.form())
    await bot.slack.click(BEN, stale, "Confirm")
    (note,) = await until(ben.notes, "Ben is not told")
    assert "Ralio's verdict closed it" in note
    card = await bot.card(session_id)
    assert buttons(card) == ["Record decision"]
    proposal = f"<@{ANA}> had proposed *Reject* (Document expired)"
    assert f"Ralio verified this session; {proposal} · ⚠️ Ralio decided otherwise" in shown(card)
    assert await thread(bot, session_id) == [
        NEEDED,
        f"<@{ANA}>, <@{CHLOE}>: Ralio verified this session; <@{ANA}> had proposed Reject (Document expired).",
    ]


async def _verdict(bot: Bot, session_id: str) -> None:
    await bot.ralio.send(ralio.event("kyc_session_verified", sessionId=session_id))
    await bot.settled()
