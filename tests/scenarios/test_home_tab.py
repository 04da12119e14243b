"""The home tab: what is to be done, up to date when it is opened and after each own action."""

import asyncio
from collections import Counter

from bot.settings.file import BotFile
from bot.slack.api.users import JOINED_S
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, view_text
from tests.support.slack import ANA, BEN, CHLOE, DAN, LocalSlack, shown
from tests.support.trouble import at_rest, send


async def test_the_tab_shows_what_is_to_be_done(database_url: str, slack: LocalSlack) -> None:
    """Each person their own: what they have, what waits for their confirmation, what nobody has."""
    async with running(database_url, slack, file=TEAM) as bot:
        ana, ben, dan = (Person(bot, person) for person in (ANA, BEN, DAN))
        proposed, unclaimed, mine = [await new_review(bot) for _ in range(3)]
        await ana.reject(proposed)
        await ben.press(mine, "Claim")
        seen = (await ben.open_home()).splitlines()
        assert "*User*: 1 unclaimed" in seen[1]
        assert "1 claimed, 1 to be confirmed" in seen[1]
        lists = {
            title: seen.index(title)
            for title in ("*Waiting for your confirmation*", "*Yours*", "*Unclaimed*")
        }
        at = {
            session: next(number for number, line in enumerate(seen) if session in line)
            for session in (proposed, mine, unclaimed)
        }
        first, second, third = lists.values()
        assert first < at[proposed] < second < at[mine] < third < at[unclaimed]
        theirs = await ana.open_home()
        assert "Nothing waits for you." in theirs
        assert mine not in theirs
        assert "You are not a reviewer of any queue" in await dan.open_home()
        assert proposed not in await dan.open_home()
        await bot.settled()


async def test_the_tab_follows_each_own_action(bot: Bot) -> None:
    """Also when it was done on the card, and when somebody else takes away what one had."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    assert "You have claimed nothing." in await ana.open_home()
    await ana.press(session_id, "Claim")
    home = await ana.home()
    assert home is not None
    assert "Nothing is unclaimed." in await ana.open_home()
    before = await ana.home()
    await ben.fill_in(session_id, "Take over", words="Ana is away.")
    assert "You have claimed nothing." in await ana.home_after(before)
    assert await ben.home() is None


async def test_claim_next_from_home(bot: Bot) -> None:
    """The oldest first; the tab and the card show it; when none is left, the tab says so."""
    first, second = [await new_review(bot) for _ in range(2)]
    ana = Person(bot, ANA)
    await ana.open_home()
    assert f"You have claimed session `{first}`." in await ana.press_at_home("home_claim_next")
    assert f"*Claimed* by <@{ANA}>" in shown(await bot.card(first))
    assert f"You have claimed session `{second}`." in await ana.press_at_home("home_claim_next")
    assert "There's nothing left for you to claim." in await ana.press_at_home("home_claim_next")
    assert "You have claimed session" not in await ana.open_home()
    (entry,) = bot.rows("SELECT actor, action FROM audit WHERE refused = 'none_left'")
    assert entry == {"actor": ANA, "action": "claim"}


async def test_one_review_is_claimed_and_opened_from_home(bot: Bot) -> None:
    """Who comes second is told on their tab, not by message; Open leads to the card."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.open_home()
    await ben.open_home()
    stale = await ben.home()
    assert stale is not None
    card = await bot.card(session_id)
    links = [element.get("url") for block in stale["blocks"] for element in block.get("elements", [])]
    link = f"{bot.slack.address}/archives/{card['channel']}/p{card['ts'].replace('.', '')}"
    assert link in links
    assert f"You have claimed session `{session_id}`." in await ana.press_at_home("home_claim", session_id)
    before = await ana.home()
    await ana.press(session_id, "Release")
    assert "You have claimed session" not in await ana.home_after(before)
    assert f"You have claimed session `{session_id}`." in await ana.press_at_home("home_claim", session_id)
    assert f"<@{ANA}> has been working on this" in await ben.press_at_home("home_claim", session_id)
    assert await ben.notes() == []
    assert bot.review(session_id)["claimed_by"] == ANA


async def test_the_tab_of_who_may_not_claim_next(database_url: str, slack: LocalSlack) -> None:
    """The button was drawn while they were a reviewer; they are told on their tab who may."""
    async with running(database_url, slack, file=TEAM) as bot:
        await new_review(bot)
        await Person(bot, BEN).open_home()
    file = BotFile.model_validate(
        {"queues": {name: {"reviewers": [ANA]} for name in ("user", "related-party")}}
    )
    async with running(database_url, slack, file=file) as bot:
        seen = await Person(bot, BEN).press_at_home("home_claim_next")
        assert "You can't claim this: you aren't a reviewer of any queue." in seen
        assert bot.rows("SELECT claimed_by FROM reviews") == [{"claimed_by": None}]
        await bot.settled()


async def test_fifty_people_press_claim_next_at_once(bot: Bot) -> None:
    """Thirty reviews: thirty people have a different one, twenty are told that none is left."""
    for _ in range(30):
        await send(bot)
    await bot.settled()
    people = [Person(bot, person) for person in await bot.slack.add_people(50)]
    bot.clock.advance(JOINED_S + 1)
    pressed = [{"type": "button", "action_id": "home_claim_next"}]
    await asyncio.gather(*(person.send_press("", channel=None, actions=pressed) for person in people))
    await bot.settled()
    homes = [await person.home() for person in people]
    told = Counter(view_text(home).splitlines()[1] for home in homes if home)
    assert told.pop("⚠️ There's nothing left for you to claim.") == 20
    assert sum(told.values()) == len(told) == 30
    rows = bot.rows("SELECT DISTINCT claimed_by FROM reviews WHERE status = 'claimed'")
    assert len(rows) == 30


async def test_a_hundred_reviews_fit_on_the_tab(bot: Bot) -> None:
    """The oldest ten are shown, all are counted."""
    sessions = [await send(bot) for _ in range(100)]
    seen = await Person(bot, ANA).open_home()
    assert "*User*: 100 unclaimed" in seen
    assert [session for session in sessions if session in seen] == sessions[:10]


async def test_while_slack_does_not_answer_who_somebody_is_the_tab_says_so(
    bot: Bot, slack: LocalSlack
) -> None:
    """Rather than that there is nothing to do."""
    await new_review(bot)
    await slack.fault("users.info", "server_error")
    stranger = Person(bot, (await slack.add_people(1))[0])
    assert "Slack does not answer what you may work on." in await stranger.open_home()


async def test_a_tab_that_slack_refuses_is_given_up(bot: Bot, slack: LocalSlack) -> None:
    """Nothing is held for it, and nobody waits for it for ever."""
    Person(bot, CHLOE)
    await slack.fault("views.publish", "error", error="view_too_large")
    assert (await slack.control("POST", "open-home", {"user": CHLOE}))["status"] == 200

    async def given_up() -> bool:
        # An attempt gets the time to end: one whose lease the clock overtakes counts for nothing.
        await asyncio.sleep(0.1)
        await at_rest(bot)
        bot.clock.advance(60)
        await send(bot)
        return bool(
            bot.rows("SELECT id FROM deliveries WHERE kind = 'home' AND shown_version = wanted_version")
        )

    await until(given_up, "the tab is not given up")
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
    await slack.no_faults()
