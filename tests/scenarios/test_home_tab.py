"""The home tab: what is to be done, up to date when it is opened and after each own action."""

import asyncio
from collections import Counter
from typing import Any

from bot.settings.file import BotFile
from bot.slack.api.users import JOINED_S
from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, record, view_text
from tests.support.slack import (
    ANA,
    BEN,
    CHLOE,
    DAN,
    RELATED_PARTY_CHANNEL,
    USER_CHANNEL,
    LocalSlack,
    shown,
)
from tests.support.trouble import at_rest, claims_recorded, send


def _sections(home: dict[str, Any] | None) -> dict[str, list[str]]:
    """The sessions under each title of the tab, by the buttons of their rows."""
    assert home is not None
    found: dict[str, list[str]] = {}
    title = ""
    for block in home["blocks"]:
        text = block.get("text") or {"text": ""}
        if block["type"] == "section" and text["text"].startswith("*"):
            title = text["text"].split("*")[1]
        if block["block_id"].startswith("review:"):
            found.setdefault(title, []).append(block["block_id"].removeprefix("review:"))
    return found


async def test_the_tab_shows_what_is_to_be_done(database_url: str, slack: LocalSlack) -> None:
    """Each person their own: what they have, what waits for their confirmation, what nobody has."""
    async with running(database_url, slack, file=TEAM) as bot:
        ana, ben, dan = (Person(bot, person) for person in (ANA, BEN, DAN))
        proposed, unclaimed, mine = [await new_review(bot) for _ in range(3)]
        await ana.reject(proposed)
        await ben.press(mine, "Claim")
        seen = (await ben.open_home()).splitlines()
        assert "*User*: 1 unclaimed" in seen[1]
        assert "1 claimed, 1 awaiting confirmation" in seen[1]
        sections = _sections(await ben.home())
        assert sections == {
            "Awaiting your confirmation": [proposed],
            "Yours": [mine],
            "Unclaimed": [unclaimed],
        }
        assert list(sections) == ["Awaiting your confirmation", "Yours", "Unclaimed"]
        assert f"<@{ANA}> proposed *Reject*" in "\n".join(seen)
        theirs = await ana.open_home()
        assert "Nothing awaiting your confirmation." in theirs
        assert _sections(await ana.home()) == {"Yours": [proposed], "Unclaimed": [unclaimed]}
        assert "You aren't a reviewer for any queue" in await dan.open_home()
        assert _sections(await dan.home()) == {}
        await bot.settled()


async def test_the_tab_follows_each_own_action(bot: Bot) -> None:
    """Also when it was done on the card, and when somebody else takes away what one had."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    assert "You have no claimed reviews." in await ana.open_home()
    await ana.press(session_id, "Claim")
    assert "No unclaimed reviews." in await ana.open_home()
    before = await ana.home()
    await ben.fill_in(session_id, "Take over", words="Ana is away.")
    assert "You have no claimed reviews." in await ana.home_after(before)
    assert await ben.home() is None


async def test_claim_next_from_home(bot: Bot) -> None:
    """The oldest first; the tab and the card show it; when none is left, the tab says so."""
    first, second = [await new_review(bot) for _ in range(2)]
    ana = Person(bot, ANA)
    await ana.open_home()
    claimed = "You claimed the review of session"
    assert f"{claimed} `{first}`." in await ana.press_at_home("home_claim_next")
    assert f"*Claimed* by <@{ANA}>" in shown(await bot.card(first))
    assert f"{claimed} `{second}`." in await ana.press_at_home("home_claim_next")
    assert "There's nothing left for you to claim." in await ana.press_at_home("home_claim_next")
    assert claimed not in await ana.open_home()
    (entry,) = bot.rows("SELECT actor, action FROM audit WHERE refused = 'none_left'")
    assert entry == {"actor": ANA, "action": "claim"}


async def test_one_review_is_claimed_and_opened_from_home(bot: Bot) -> None:
    """Who comes second, from a tab of before, is told on the tab, not by message; the title leads to the card."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.open_home()
    seen = await ben.open_home()
    card = await bot.card(session_id)
    link = f"{bot.slack.address}/archives/{card['channel']}/p{card['ts'].replace('.', '')}"
    assert f"<{link}|User review #1" in seen
    claimed = f"You claimed the review of session `{session_id}`."
    assert claimed in await ana.press_at_home("review_claim", session_id)
    before = await ana.home()
    await ana.press(session_id, "Release")
    assert claimed not in await ana.home_after(before)
    assert claimed in await ana.press_at_home("review_claim", session_id)
    before = await ben.home()
    pressed = {"type": "button", "action_id": "review_claim", "value": f"{session_id}@1"}
    home = {"type": "block_actions", "view": {"id": "V1", "type": "home"}, "trigger_id": "late"}
    await ben.send_payload(home | {"actions": [pressed]})
    assert f"<@{ANA}> has been working on this" in await ben.home_after(before)
    assert await ben.notes() == []
    assert bot.review(session_id)["claimed_by"] == ANA


async def test_all_work_can_be_done_on_the_tab(database_url: str, slack: LocalSlack) -> None:
    """From claim to confirmation, with sending back, withdrawing and releasing; even while a card is held."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana, ben = Person(bot, ANA), Person(bot, BEN)
        await ana.open_home()
        await ana.press_at_home("review_claim", session_id)
        assert "You released the review" in await ana.press_at_home("review_release", session_id)
        await ana.press_at_home("review_claim", session_id)
        reject = {"outcome": "Reject", "reason": "reject:document_expired"}
        for _ in range(2):
            await ana.fill_in_at_home("review_resolve", session_id, **reject)
            await ben.open_home()
            await ben.fill_in_at_home("review_send_back", session_id, words="Look again.")
        await ana.fill_in_at_home("review_resolve", session_id, **reject)
        assert "You withdrew your proposal" in await ana.press_at_home("review_withdraw", session_id)
        await ana.fill_in_at_home("review_resolve", session_id, **reject)
        await ben.open_home()
        assert "You confirmed the decision" in await ben.press_at_home("review_confirm", session_id)
        assert [row[1] for row in record(bot, session_id)] == [
            *("claim", "release", "claim"),
            *("propose", "send_back", "propose", "send_back", "propose", "withdraw", "propose", "confirm"),
        ]
        assert [await person.notes() for person in (ana, ben)] == [[], []]
        await slack.fault("chat.postMessage", "error", error="is_archived")
        held = await new_review(bot)
        assert bot.rows("SELECT 1 FROM deliveries WHERE kind = 'card' AND held_at IS NOT NULL") != []
        assert "*User review #2" in await ana.open_home()
        await ana.press_at_home("review_claim", held)
        await ana.fill_in_at_home("review_resolve", held, outcome="Approve")
        assert bot.review(held)["status"] == "decided"


async def test_a_lead_sees_the_team_and_reassigns_from_home(database_url: str, slack: LocalSlack) -> None:
    """Who has how much, what is escalated, what Ralio decided otherwise; a reviewer sees none of that."""
    async with running(database_url, slack, file=TEAM) as bot:
        ana, chloe = Person(bot, ANA), Person(bot, CHLOE)
        theirs, escalated, wrong = [await new_review(bot) for _ in range(3)]
        for session_id in (theirs, escalated, wrong):
            await ana.press(session_id, "Claim")
        await ana.fill_in(escalated, "Escalate", words="Is this stamp genuine?")
        await ana.fill_in(wrong, "Resolve", outcome="Approve")
        data = bot.review(wrong)
        await bot.ralio.send(ralio.event("kyc_session_failed", sessionId=wrong, userId=data["subject_id"]))
        seen = await chloe.open_home()
        assert f"<@{ANA}>: 2 claimed, 1 escalated" in seen
        assert f"Ralio: rejected · <@{ANA}> decided *Approve*" in seen
        assert _sections(await chloe.home()) == {
            "Escalated to the leads": [escalated],
            "Claimed by others": [theirs],
        }
        await chloe.fill_in_at_home("review_reassign", theirs, to=BEN, words="You know this country.")
        assert bot.review(theirs)["claimed_by"] == BEN
        assert f"<@{BEN}>: 1 claimed" in await chloe.open_home()
        assert "Team" not in await ana.open_home()
        answer = await chloe.type("team")
        assert f"<@{ANA}>: 1 claimed, 1 escalated" in answer
        assert await ana.type("Team.") == f"Only leads can see the team. Ask one of: <@{CHLOE}>."


async def test_a_guest_gets_the_same_reason_everywhere(bot: Bot, slack: LocalSlack) -> None:
    """On the home tab, for every word and for a click."""
    session_id = await new_review(bot)
    (guest,) = [Person(bot, person) for person in await slack.add_people(1)]
    await guest.change(is_restricted=True)
    who = f"Members of <#{USER_CHANNEL}> or <#{RELATED_PARTY_CHANNEL}> can."
    reason = "You're a guest in this workspace, and guests can't work on reviews."
    for text in ("open", "next", "team", session_id, "nonsense"):
        assert await guest.type(text) == f"{reason} {who}"
    assert f"{reason} {who}" in await guest.open_home()
    await guest.send_press(session_id)
    await bot.settled()
    assert (await guest.notes())[-1].startswith(f"{reason} Members of <#{USER_CHANNEL}> can.")


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
        assert (
            seen.count(
                f"You aren't a reviewer for any queue, so there's nothing here for you. Ask one of: <@{ANA}>"
            )
            == 1
        )
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
    await claims_recorded(bot, len(people))
    await bot.settled()
    homes = [await person.home() for person in people]
    told = Counter(view_text(home).splitlines()[1] for home in homes if home)
    assert told["⚠️ There's nothing left for you to claim."] == 20, told
    assert len(told) == 1 + 30, told
    assert told.total() == len(people)
    rows = bot.rows("SELECT DISTINCT claimed_by FROM reviews WHERE status = 'claimed'")
    assert len(rows) == 30


async def test_a_hundred_reviews_fit_on_the_tab(bot: Bot) -> None:
    """The oldest five are shown, the others on request, page by page; a change on the way keeps the page."""
    sessions = [await send(bot) for _ in range(100)]
    ana = Person(bot, ANA)
    seen = await ana.open_home()
    assert "*User*: 100 unclaimed" in seen
    assert "95 more" in seen
    assert _sections(await ana.home()) == {"Unclaimed": sessions[:5]}
    assert "85 more" in await ana.press_at_home("home_more", "unclaimed:0")
    assert _sections(await ana.home()) == {"Unclaimed": sessions[:15]}
    await ana.press_at_home("home_more", "unclaimed:15")
    assert _sections(await ana.home()) == {"Unclaimed": sessions[15:30]}
    await ana.press_at_home("review_claim", sessions[15])
    assert _sections(await ana.home()) == {"Yours": [sessions[15]], "Unclaimed": sessions[16:31]}
    await ana.press_at_home("home_previous", "unclaimed:0")
    assert _sections(await ana.home())["Unclaimed"] == sessions[:15]
    assert "94 more" in await ana.press_at_home("home_less", "unclaimed")
    await ana.press_at_home("home_more", "unclaimed:0")
    await ana.open_home()
    assert _sections(await ana.home())["Unclaimed"] == sessions[:5]


async def test_while_slack_does_not_answer_who_somebody_is_the_tab_says_so(
    bot: Bot, slack: LocalSlack
) -> None:
    """Rather than that there is nothing to do."""
    await new_review(bot)
    await slack.fault("users.info", "server_error")
    stranger = Person(bot, (await slack.add_people(1))[0])
    assert "Slack isn't answering, so I can't check your permissions." in await stranger.open_home()


async def test_a_tab_that_slack_refuses_is_given_up(bot: Bot, slack: LocalSlack) -> None:
    """Nothing is held for it, and nobody waits for it for ever."""
    Person(bot, CHLOE)
    await slack.fault("views.publish", "error", error="view_too_large")
    assert (await slack.control("POST", "open-home", {"user": CHLOE}))["status"] == 200

    async def given_up() -> bool:
        # An attempt gets the time to end: one whose lease the clock overtakes counts for nothing.
        await at_rest(bot)
        if bot.rows("SELECT id FROM deliveries WHERE kind = 'home' AND shown_version = wanted_version"):
            return True
        bot.clock.advance(60)
        await send(bot)  # which is also a reason to try again what was given up
        return False

    await until(given_up, "the tab is not given up")
    assert bot.rows("SELECT id FROM deliveries WHERE held_at IS NOT NULL") == []
    await slack.no_faults()


async def test_an_open_tab_follows_what_others_do(bot: Bot) -> None:
    """Without being opened again."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    await ana.open_home()
    assert _sections(await ana.home()) == {"Unclaimed": [session_id]}
    await ben.press(session_id, "Claim")

    async def is_gone() -> bool:
        return _sections(await ana.home()) == {}

    await until(is_gone, "the tab still lists what Ben has claimed")
