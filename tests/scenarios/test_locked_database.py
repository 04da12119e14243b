"""The database cannot be written for a while: forms and commands answer in time, and what was typed is kept."""

import asyncio
import time

import pytest

from bot.handlers import modal, slash_command
from bot.web.slack_requests import MAX_APOLOGIES
from tests.support.bot import Bot, until
from tests.support.people import Person, new_review, note_form, record
from tests.support.slack import ANA, BEN
from tests.support.trouble import locked


async def test_a_form_keeps_what_was_typed(bot: Bot) -> None:
    """It says that this is not recorded; sent again once the database is back, it counts once."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.press(session_id, "Resolve")
    await ana.form()
    with locked(bot.database_url):
        began = time.monotonic()
        answer = await ana.submit(outcome="Approve", note="I am sure.")
        assert time.monotonic() - began < 3
        assert answer["response_action"] == "errors"
        (complaint,) = answer["errors"].values()
        assert complaint in (modal.NOT_RECORDED, modal.STILL_RECORDING)
        assert bot.review(session_id)["status"] == "claimed"
        assert len(await ana.forms()) == 1

    async def is_decided() -> bool:
        if bot.review(session_id)["status"] == "claimed":
            await ana.submit(outcome="Approve", note="I am sure.")
        return bool(bot.review(session_id)["status"] == "decided")

    await until(is_decided, "the decision is not recorded")
    granted = [action for _, action, refused in record(bot, session_id) if refused is None]
    assert granted == ["claim", "resolve"]
    assert bot.review(session_id)["note"] == "I am sure."


async def test_commands_answer_in_time(bot: Bot) -> None:
    """What only reads goes on; what would write says that it could not, or that it takes longer."""
    session_id = await new_review(bot)
    ana, ben = Person(bot, ANA), Person(bot, BEN)
    with locked(bot.database_url):
        assert "User review #1" in await ana.type("open")
        assert "*Unclaimed*" in await ana.type(session_id)
        began = time.monotonic()
        answer = await ben.type("next")
        assert time.monotonic() - began < 3
        assert answer in (slash_command.NOT_NOW["text"], slash_command.NOT_YET["text"])
        assert bot.review(session_id)["claimed_by"] is None

    async def is_free() -> bool:
        await ben.type("next")
        return bool(bot.review(session_id)["claimed_by"] == BEN)

    await until(is_free, "nothing can be claimed")


async def test_a_press_on_the_home_tab_is_apologised_for(bot: Bot) -> None:
    """There is no channel to write a note into: a form says it."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.open_home()
    home = await ana.home()
    assert home is not None
    with locked(bot.database_url):
        body = {"user": ANA, "view_id": home["id"], "action_id": "home_claim_next"}
        began = time.monotonic()
        assert (await bot.slack.control("POST", "click", body))["status"] == 200
        assert time.monotonic() - began < 3
        if bot.database_url.startswith("sqlite:///"):
            form = await ana.form("I couldn't record your click")
            assert form["title"]["text"] == "Not recorded"
        assert bot.review(session_id)["claimed_by"] is None

    async def has_ended() -> bool:
        """PostgreSQL keeps the press waiting for the lock, so it counts after all."""
        return bool(await ana.forms()) or bot.review(session_id)["claimed_by"] == ANA

    await until(has_ended, "the press neither counts nor is apologised for")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_list_that_cannot_be_shown_says_so(bot: Bot) -> None:
    """More of the home tab, and an older page of the history: neither button does nothing."""
    sessions = [await new_review(bot) for _ in range(7)]
    ana = Person(bot, ANA)
    await ana.open_home()
    await ana.press(sessions[0], "Claim")
    for number in range(21):
        assert await ana.send_payload(note_form(bot, sessions[0], number)) == ""
    await ana.press(sessions[0], "History")
    history = await ana.form("review_history")
    home = await ana.open_home()
    assert "more" in home
    with locked(bot.database_url):
        older = {"user": ANA, "view_id": history["id"], "action_id": "history_older"}
        assert (await bot.slack.control("POST", "click", older))["status"] == 200
        await ana.form("I can't show this page because the database can't be reached.")
        view = await ana.home()
        assert view is not None
        more = {"user": ANA, "view_id": view["id"], "action_id": "home_more"}
        assert (await bot.slack.control("POST", "click", more))["status"] == 200

        async def is_told() -> bool:
            sent = [*await bot.slack.calls("views.open"), *await bot.slack.calls("chat.postMessage")]
            return "I can't show this list because the database can't be reached." in str(sent)

        await until(
            is_told, "Ana gets no message"
        )  # in a modal or, after its three seconds, by direct message


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_everybody_whose_click_was_not_recorded_reads_so(bot: Bot) -> None:
    """More people than apologies go out at once, while Slack limits its rate and loses answers."""
    session_id = await new_review(bot)
    people = await bot.slack.add_people(MAX_APOLOGIES + 10)
    card = await bot.card(session_id)
    await bot.slack.fault("chat.postEphemeral", "ratelimited", count=3, retry_after=1)
    await bot.slack.fault("chat.postEphemeral", "drop_after", count=2)
    with locked(bot.database_url):
        answers = await asyncio.gather(*(bot.slack.click(person, card, "Claim") for person in people))
        assert {answer["status"] for answer in answers} == {200}

        async def everybody_knows() -> bool:
            notes = [await bot.slack.private_notes(person) for person in people]
            return all(any("I couldn't record your click" in note for note in each) for each in notes)

        await until(everybody_knows, "somebody has to wonder", 20)
    assert bot.review(session_id)["claimed_by"] is None
