"""Members of the workspace who may not work on a queue can neither read, act nor ask their way into it."""

import json
import re
from itertools import product
from typing import Any

import pytest

from bot.settings.file import BotFile
from bot.slack.api.cache import FRESH_S
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, record
from tests.support.slack import ANA, BEN, CHLOE, DAN, RELATED_PARTY_CHANNEL, USER_CHANNEL, LocalSlack

GINA = "UGINA00001"
REJECT = {"value": "reject"}

LED = BotFile.model_validate({"queues": {"user": {"leads": [CHLOE]}}})
"""No reviewers are named; Chloe leads the users' queue."""


async def _admit(slack: LocalSlack, *people: str) -> None:
    """Only these people are in the review channels."""
    for channel in (USER_CHANNEL, RELATED_PARTY_CHANNEL):
        await slack.control("PATCH", f"channels/{channel}", {"members": list(people)})


async def test_without_named_reviewers_only_the_channels_members_can_act(
    database_url: str, slack: LocalSlack
) -> None:
    """Outside the channel a person sees and does nothing by any way in; the answer names who can."""
    await _admit(slack, ANA)
    async with running(database_url, slack, file=LED) as bot:
        session_id = await new_review(bot)
        dan = Person(bot, DAN)
        await dan.send_press(session_id)
        await bot.settled()
        assert record(bot, session_id)[-1] == (DAN, "claim", "not_a_reviewer")
        for typed in (session_id, "open", "mine", "next", "stats"):
            assert session_id not in (said := await dan.type(typed))
            assert "aren't a reviewer for any queue" in said
            assert (
                f"Members of <#{USER_CHANNEL}> or <#{RELATED_PARTY_CHANNEL}> can, and so can <@{CHLOE}>."
                in said
            )
        home = await dan.open_home()
        assert "aren't a reviewer for any queue" in home
        assert session_id not in home
        assert bot.review(session_id)["status"] == "open"
        await Person(bot, CHLOE).send_press(session_id)
        assert bot.review(session_id)["claimed_by"] == CHLOE
        await bot.settled()


async def test_who_leaves_the_channel_can_no_longer_act(database_url: str, slack: LocalSlack) -> None:
    """As soon as the remembered answer is too old; what they had claimed included."""
    await _admit(slack, ANA, BEN)
    async with running(database_url, slack) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await _admit(slack, BEN)
        bot.clock.advance(FRESH_S + 1)
        await ana.send_press(session_id, "review_release")
        await bot.settled()
        assert record(bot, session_id)[-1] == (ANA, "release", "not_a_reviewer")
        assert bot.review(session_id)["status"] == "claimed"


@pytest.mark.parametrize("error", ["missing_scope", "channel_not_found", "unknown_method"])
async def test_while_the_members_are_unknown_no_one_can_act(
    database_url: str, slack: LocalSlack, error: str
) -> None:
    """It fails closed, and readiness names the question that Slack does not answer."""
    await slack.fault("conversations.members", "error", error=error)
    async with running(database_url, slack) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).send_press(session_id)
        await bot.settled()
        assert (
            "Slack isn't answering, so I can't check your permissions" in (await Person(bot, ANA).notes())[-1]
        )
        assert record(bot, session_id)[-1] == (ANA, "claim", "cannot_check")
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            assert re.search(f"conversations.members of C[A-Z0-9]+: {error}", await answer.text())


FORMS: list[dict[str, Any]] = [
    {"type": "view_submission", "values": {}},
    {"type": "view_submission", "values": {"note": {"note": {"value": "jane.roe.2@example.com"}}}},
    {"type": "block_actions", "values": {}, "actions": [{"action_id": "outcome", "selected_option": REJECT}]},
]
"""A form that is incomplete, one with personal data, and one in which an outcome is chosen."""


async def test_a_form_says_nothing_to_a_person_who_cannot_act(database_url: str, slack: LocalSlack) -> None:
    """The refusal comes first, is on record, and names no subject."""
    async with running(database_url, slack, file=TEAM) as bot:
        for form, (person, why) in product(FORMS, [(DAN, "not_a_reviewer"), (GINA, "guest")]):
            session_id = await new_review(bot)
            state = {"action": "resolve", "session_id": session_id, "step": 1}
            view = {
                "id": "V0ANOTHER1",
                "callback_id": "review_form",
                "private_metadata": json.dumps(state),
                "state": {"values": form["values"]},
            }
            answer = await Person(bot, person).send_payload(form | {"view": view})
            assert bot.review(session_id)["subject_id"] not in answer
            assert ("can't" in answer) == (form["type"] == "view_submission")

            async def refused(session_id: str = session_id) -> list[tuple[str, str, str | None]]:
                return record(bot, session_id)

            assert await until(refused, "the refusal is not on record") == [(person, "resolve", why)]
        shown = json.dumps([call["arguments"] for call in await slack.calls("views.update")])
        assert "Reject" not in shown
        assert bot.rows("SELECT subject_id FROM reviews")[0]["subject_id"] not in shown


async def test_a_session_that_does_not_exist_is_no_business_of_others(bot: Bot) -> None:
    """A guest is refused as one, whether the session exists or not."""
    await Person(bot, GINA).send_press("00000000-0000-4000-8000-000000000000")
    await bot.settled()
    (entry,) = bot.rows("SELECT actor, refused FROM audit WHERE refused IS NOT NULL")
    assert (entry["actor"], entry["refused"]) == (GINA, "guest")
