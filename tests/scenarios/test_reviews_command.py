"""`/reviews`: every word, a session, nonsense; only the person who typed it sees the answer."""

import json

from bot.demo.signing import slack_headers
from bot.slack.api.users import JOINED_S
from tests.support import ralio
from tests.support.bot import Bot, running
from tests.support.people import TEAM, Person, new_review
from tests.support.slack import (
    ANA,
    BEN,
    DAN,
    RELATED_PARTY_CHANNEL,
    SIGNING_SECRET,
    USER_CHANNEL,
    LocalSlack,
    shown,
)
from tests.support.trouble import send


async def test_a_reviewers_day(database_url: str, slack: LocalSlack) -> None:
    """What is open, the next one, what one has, what waits for one, how a session stands, how many there are."""
    async with running(database_url, slack, file=TEAM) as bot:
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        assert await ana.type("") == await ana.type("mine") == "You have claimed nothing."
        assert await ana.type("open") == "Nothing is unclaimed."
        first, second = [await new_review(bot) for _ in range(2)]
        listed = (await ana.type("OPEN")).splitlines()
        assert listed[0] == "*Unclaimed, the oldest first*"
        assert [first in listed[1], second in listed[2], len(listed)] == [True, True, 3]

        claimed = await ana.type("next")
        assert claimed.startswith(
            f"You have claimed #1 `{first}` (<{slack.address}/archives/{USER_CHANNEL}/p"
        )
        await bot.settled()
        assert bot.review(first)["claimed_by"] == ANA
        assert first in await ana.type("mine")
        assert (
            await ana.type(first)
            == await ana.type(f"`{first}`")
            == await ana.type("1")
            == await ana.type("#1")
        )
        assert await ana.type("#99") == "No review found for `#99`."
        assert f"State: claimed by <@{ANA}>" in await ben.type(first)
        assert "Subject: `" in await ben.type(first)

        await ana.fill_in(first, "Resolve", outcome="Reject", reason="reject:other", note="*typed* <by> hand")
        told = await ben.type(first)
        assert (
            f"State: Reject (Other (explain in the note)), proposed by <@{ANA}>; a second person has to"
            in told
        )
        assert told.endswith("*typed* &lt;by&gt; hand")
        assert "*Waiting for your confirmation*" in await ben.type("mine")
        stats = (await ben.type("stats")).splitlines()
        assert stats[0].startswith("*User*: 1 unclaimed, the oldest since ")
        assert stats[0].endswith("; 0 claimed, 1 to be confirmed")
        assert stats[1] == "*Related party*: 0 unclaimed; 0 claimed, 0 to be confirmed"
        assert len((await ana.type("stats")).splitlines()) == 1


async def test_what_is_not_understood_is_helped(bot: Bot) -> None:
    """A mistake, an unknown session, help itself: plain answers, nothing is changed."""
    ana = Person(bot, ANA)
    help_ = await ana.type("help")
    for word in ("mine", "open", "next", "stats", "help", "SESSION-ID", "42", "SUBJECT-ID"):
        assert f"`/reviews {word}`" in help_
    assert (await ana.type("mien <!channel>")).startswith(
        "`mien &lt;!channel&gt;` is neither a word that /reviews knows nor a session's id."
    )
    assert help_ in await ana.type("claim everything")
    assert await ana.type("no-such-session-1") == "No review found for `no-such-session-1`."
    assert await ana.type("next") == "There's nothing left for you to claim."


async def test_earlier_reviews_of_the_same_subject(database_url: str, slack: LocalSlack) -> None:
    """The card links to the last one; `/reviews` lists a subject's, and never those of the other type to others."""
    async with running(database_url, slack, file=TEAM) as bot:
        first = ralio.event()
        subject = first["data"]["userId"]
        await bot.ralio.send(first)
        await bot.settled()
        before = await bot.card(first["data"]["sessionId"])
        assert "Earlier" not in shown(before)
        data = {"sessionId": first["data"]["sessionId"], "userId": subject}
        await bot.ralio.send(ralio.event("kyc_session_failed", **data))
        second = ralio.event(userId=subject)
        await bot.ralio.send(second)
        party = ralio.event(entityType="related-party", userId=None, relatedPartyId=subject)
        await bot.ralio.send(party)
        await bot.settled()
        card = await bot.card(second["data"]["sessionId"])
        link = f"{slack.address}/archives/{USER_CHANNEL}/p{before['ts'].replace('.', '')}"
        assert f"Earlier: 1 review, <{link}|rejected> <!date^" in shown(card)
        assert "User review #2" in shown(card)
        (other,) = await bot.cards(party["data"]["sessionId"], RELATED_PARTY_CHANNEL)
        assert "Earlier" not in shown(other)
        title, newest, oldest = (await Person(bot, ANA).type(subject)).splitlines()
        assert title == f"*Reviews of user* `{subject}`, newest first"
        assert newest.startswith("• #2 `")
        assert "|see the card>): open since <!date^" in newest
        assert oldest.startswith("• #1 `")
        assert "|see the card>): rejected <!date^" in oldest
        assert "*Reviews of related party* `" in await Person(bot, BEN).type(subject)


async def test_who_may_not_is_told_so(database_url: str, slack: LocalSlack) -> None:
    """Dan reviews nothing; Ana not the related parties, whose sessions she cannot even find; guests nothing at all."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        party = ralio.related_party_event()
        await bot.ralio.send(party)
        ana, dan = Person(bot, ANA), Person(bot, DAN)
        for text in ("mine", "open", "stats", session_id):
            assert "you aren't a reviewer of any queue" in await dan.type(text)
        assert "you aren't a reviewer of any queue" in await dan.type("next")
        hidden = party["data"]["sessionId"]
        assert await ana.type(hidden) == f"No review found for `{hidden}`."
        assert hidden not in await ana.type("open")
        (guest,) = [Person(bot, person) for person in await slack.add_people(1)]
        await guest.change(is_restricted=True)
        assert "guests of the workspace can't work on them" in await guest.type("open")
        assert bot.rows("SELECT claimed_by FROM reviews WHERE claimed_by IS NOT NULL") == []
        await bot.settled()


async def test_while_slack_cannot_be_asked_nobody_is_told_anything(bot: Bot, slack: LocalSlack) -> None:
    """Who somebody is has to be known first."""
    session_id = await new_review(bot)
    await slack.fault("users.info", "server_error")
    stranger = Person(bot, (await slack.add_people(1))[0])
    bot.clock.advance(JOINED_S + 1)
    for text in ("open", "next", session_id):
        answer = await stranger.type(text)
        assert "Slack isn't answering, so I can't check your permissions" in answer
        assert session_id not in answer


async def test_a_hundred_reviews_are_ten_lines(bot: Bot) -> None:
    """And how many there are besides; with ids as long as they may be the text stays within Slack's limits."""
    sessions = [f"{'s' * 120}-{number:03}" for number in range(100)]
    for session in sessions:
        assert (await bot.ralio.send(ralio.event(sessionId=session)))[0] == 200
    answer = await Person(bot, ANA).type("open")
    *lines, last = answer.splitlines()[1:]
    assert last == f"and {100 - len(lines)} more"
    assert all(session in line for session, line in zip(sessions, lines, strict=False))
    assert len(answer) < 4_000


async def _post(bot: Bot, body: bytes) -> tuple[int, bytes]:
    headers = slack_headers(SIGNING_SECRET, body, bot.clock() // 1000)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    async with bot.slack.session.post(f"{bot.address}/slack/commands", data=body, headers=headers) as answer:
        return answer.status, await answer.read()


async def test_slacks_own_checks_and_rubbish(bot: Bot) -> None:
    """`ssl_check` comes unsigned and wants a 200; what names no person is refused; an unsigned command, too."""
    await send(bot)
    assert await _post(bot, b"ssl_check=1&token=x") == (200, b"")
    probe = b"ssl_check=1&token=x&user_id=UANA000001&text=next"
    async with bot.slack.session.post(f"{bot.address}/slack/commands", data=probe) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    assert (await _post(bot, b"text=next"))[0] == 400
    assert (await _post(bot, b"\xff"))[0] == 400
    url = f"{bot.address}/slack/commands"
    for unsigned in (b"user_id=UANA000001&text=next", b"ssl_check=0&text=next", b"text=ssl_check%3D1"):
        async with bot.slack.session.post(url, data=unsigned) as answer:
            assert answer.status == 401
    status, body = await _post(bot, b"user_id=UANA000001&text=help&team_id=T0OTHER001")
    assert (status, json.loads(body)["response_type"]) == (200, "ephemeral")
    status, body = await _post(bot, b"user_id=UANA000001&text=next&team_id=T0OTHER001")
    assert "only members of this workspace can work on them" in json.loads(body)["text"]
    assert bot.rows("SELECT claimed_by FROM reviews") == [{"claimed_by": None}]
