"""`/reviews`: every word, a session, nonsense; only the person who typed it sees the answer."""

import json

from bot.demo.signing import slack_headers
from bot.settings.file import BotFile
from bot.slack.api.users import JOINED_S
from bot.slack.requests.slash_commands import Word
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
        nothing = "You have no claimed reviews.\nNothing awaiting your confirmation."
        assert await ana.type("") == await ana.type("mine") == nothing
        assert await ana.type("open") == "No unclaimed reviews."
        assert await ana.type("overdue") == "Nothing is overdue."
        first, _ = [await new_review(bot) for _ in range(2)]
        listed = (await ana.type("OPEN")).splitlines()
        assert listed[0] == "*Unclaimed* (2)"
        assert ["|User review #1" in listed[1], "|User review #2" in listed[2], len(listed)] == [
            True,
            True,
            3,
        ]
        assert "· Waiting since <!date^" in listed[1]

        claimed = await ana.type("next")
        link = await _link(bot, first)
        assert claimed.startswith(f"You claimed this review:\n<{link}|User review #1")
        await bot.settled()
        assert bot.review(first)["claimed_by"] == ANA
        assert link in await ana.type("mine")
        spellings = (
            f"`{first}`",
            "1",
            "#1",
            "Review #1.",
            f"Session: {first.upper()}",
            f"<{link}>",
            f"{link}?x=1",
        )
        whole = await ana.type(first)
        assert f"Session `{first}` · User `" in whole
        assert {await ana.type(each) for each in spellings} == {whole}
        assert await ana.type("#99") == "No review found for `#99`."
        other = f"{slack.address}/archives/{USER_CHANNEL}/p1773765688000001"
        assert (await ana.type(other)).startswith("No review found for this link.")
        assert f"*Claimed* by <@{ANA}>" in await ben.type(first)

        await ana.fill_in(first, "Resolve", outcome="Reject", reason="reject:other", note="*typed* <by> hand")
        told = await ben.type(first)
        assert f"<@{ANA}> proposed *Reject* (Other (explain in the note))" in told
        assert told.endswith("*typed* &lt;by&gt; hand")
        assert "*Awaiting your confirmation* (1)" in await ben.type("mine")
        stats = (await ben.type("stats")).splitlines()
        assert stats[0].startswith("*User*: 1 unclaimed, the oldest since ")
        assert stats[0].endswith("; 0 claimed, 1 awaiting confirmation")
        assert stats[1] == "*Related party*: 0 unclaimed; 0 claimed, 0 awaiting confirmation"
        assert len((await ana.type("stats")).splitlines()) == 1


async def _link(bot: Bot, session_id: str) -> str:
    card = await bot.card(session_id)
    return f"{bot.slack.address}/archives/{card['channel']}/p{card['ts'].replace('.', '')}"


async def test_a_list_has_buttons_that_work(database_url: str, slack: LocalSlack) -> None:
    """The list stays as it is; the person who pressed is told what came of it, and no one is told that a card moved."""
    deadlines = {"claim_within": "1m", "decide_within": "2m"}
    queues = {"user": {"reviewers": [ANA, BEN], "four_eyes": ["reject"], "deadlines": deadlines}}
    async with running(database_url, slack, file=BotFile.model_validate({"queues": queues})) as bot:
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        session_id = await new_review(bot)
        assert "· Claim by <!date^" in await ana.type("open")
        for person in (ana, ben):
            await person.type("open")
        for person in (ana, ben):
            await person.press_in_list("Claim")
        assert bot.review(session_id)["claimed_by"] == ANA
        about = f" (Session `{session_id}`)"
        assert (await ana.notes())[-1] == f"You claimed this review.{about}"
        assert f"<@{ANA}> has been working on this since" in (await ben.notes())[-1]
        bot.clock.advance(150)  # Slack's signatures count for five minutes
        late = await ana.type("overdue.")
        assert late.splitlines()[0] == "*Overdue* (1)"
        assert "|Overdue · User review #1" in late
        await ana.type("mine")
        await ana.press_in_list("Resolve")
        assert await ana.submit(outcome="Reject", reason="reject:document_expired") == ""
        await ben.type("mine")
        await ben.press_in_list("Confirm")
        assert bot.review(session_id)["confirmed_by"] == BEN
        assert (await ben.notes())[-1] == f"You confirmed this decision.{about}"


async def test_what_is_not_understood_is_helped(bot: Bot) -> None:
    """A mistake, an unknown session, help itself: plain answers, nothing is changed."""
    ana = Person(bot, ANA)
    help_ = await ana.type("help")
    for word in (*Word, "SESSION-ID", "42", "SUBJECT-ID"):
        assert f"`/reviews {word}`" in help_
    assert (await ana.type("mien <!channel>")).startswith("I don't know `mien &lt;!channel&gt;`. Try:")
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
        assert "|User review #2>: open since <!date^" in newest
        assert "|User review #1>: rejected <!date^" in oldest
        assert "*Reviews of related party* `" in await Person(bot, BEN).type(subject)


async def test_who_may_not_is_told_so(database_url: str, slack: LocalSlack) -> None:
    """Dan reviews nothing; Ana not the related parties, whose sessions she cannot even find; guests nothing at all."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        party = ralio.related_party_event()
        await bot.ralio.send(party)
        ana, dan = Person(bot, ANA), Person(bot, DAN)
        for text in ("mine", "open", "stats", session_id):
            assert "You aren't a reviewer for any queue" in await dan.type(text)
        assert "You aren't a reviewer for any queue" in await dan.type("next")
        hidden = party["data"]["sessionId"]
        assert await ana.type(hidden) == f"No review found for `{hidden}`."
        assert hidden not in await ana.type("open")
        (guest,) = [Person(bot, person) for person in await slack.add_people(1)]
        await guest.change(is_restricted=True)
        assert "guests can't work on reviews" in await guest.type("open")
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
    assert last == "and 90 more, on the app's Home tab"
    assert all(f"User review #{number}" in line for number, line in enumerate(lines, 1))
    assert (len(lines), len(answer) < 4_000) == (10, True)


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
    assert "Only members of this workspace can work on reviews" in json.loads(body)["text"]
    assert bot.rows("SELECT claimed_by FROM reviews") == [{"claimed_by": None}]
