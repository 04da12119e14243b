"""Slack, a proxy or a person on the way delivers the same press, form or command twice: it counts once."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.demo.records import APP_ID, TEAM_ID
from bot.demo.signing import slack_headers
from tests.support.bot import Bot
from tests.support.people import Person, new_review, record
from tests.support.slack import ANA, SIGNING_SECRET, USER_CHANNEL


class Requests:
    """Ana's requests, each signed once and sent as often as a story likes."""

    def __init__(self, bot: Bot, *, with_trigger: bool) -> None:
        self._bot = bot
        self._with_trigger = with_trigger
        self._count = 0

    def sign(self, path: str, fields: dict[str, Any]) -> tuple[str, bytes, dict[str, str]]:
        """A request with a trigger id of its own, or with none and only its signature to tell it by."""
        self._count += 1
        self._bot.clock.advance(1)
        if self._with_trigger:
            fields |= {"trigger_id": f"{self._count}.2.abc"}
        form = fields if path == "commands" else {"payload": json.dumps(fields)}
        body = urlencode(form).encode()
        headers = dict(slack_headers(SIGNING_SECRET, body, self._bot.clock() // 1000))
        return path, body, headers | {"Content-Type": "application/x-www-form-urlencoded"}

    def press(self, action_id: str, value: str = "", **more: Any) -> tuple[str, bytes, dict[str, str]]:
        """A press on a button."""
        return self.sign("interactions", self._interaction("block_actions", more, action_id, value))

    def form(self, session_id: str, revision: int) -> tuple[str, bytes, dict[str, str]]:
        """A submitted decision."""
        state = {"action": "resolve", "session_id": session_id, "step": revision}
        chosen = {"outcome": {"outcome": {"selected_option": {"value": "approve"}}}}
        view = {
            "callback_id": "review_form",
            "private_metadata": json.dumps(state),
            "state": {"values": chosen},
        }
        return self.sign("interactions", self._interaction("view_submission", {"view": view}))

    def command(self, text: str) -> tuple[str, bytes, dict[str, str]]:
        """`/reviews` and this."""
        return self.sign("commands", {"user_id": ANA, "team_id": TEAM_ID, "api_app_id": APP_ID, "text": text})

    async def send(self, request: tuple[str, bytes, dict[str, str]]) -> str:
        """Deliver a request; the answer's body."""
        path, body, headers = request
        url = f"{self._bot.address}/slack/{path}"
        async with self._bot.slack.session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
            text = await answer.text()
        await self._bot.settled()
        return text

    def _interaction(
        self, kind: str, more: dict[str, Any], action_id: str = "", value: str = ""
    ) -> dict[str, Any]:
        person = {"user": {"id": ANA, "team_id": TEAM_ID}, "team": {"id": TEAM_ID}, "api_app_id": APP_ID}
        actions = [{"action_id": action_id, "value": value}] if action_id else []
        return {"type": kind, "channel": {"id": USER_CHANNEL}, "actions": actions, **person, **more}


@pytest.mark.parametrize("with_trigger", [True, False])
async def test_the_same_request_counts_once(bot: Bot, *, with_trigger: bool) -> None:
    """A press, a form, a command: each copy gets the first answer, also after the effect of the first was undone."""
    requests = Requests(bot, with_trigger=with_trigger)
    session_id = await new_review(bot)
    claim = requests.press("review_claim", f"{session_id}@1")
    release = requests.press("review_release", f"{session_id}@2")
    assert [await requests.send(each) for each in (claim, claim, release, release, claim)] == [""] * 5
    assert bot.review(session_id)["status"] == "open"
    assert await requests.send(requests.press("review_claim", f"{session_id}@3")) == ""
    assert await requests.send(release) == ""
    assert bot.review(session_id)["claimed_by"] == ANA
    form = requests.form(session_id, bot.review(session_id)["step"])
    assert [await requests.send(form) for _ in range(2)] == [""] * 2
    done = [(ANA, action, None) for action in ("claim", "release", "claim", "resolve")]
    assert record(bot, session_id) == done
    await new_review(bot)
    await new_review(bot)
    next_ = requests.command("next")
    first = await requests.send(next_)
    assert [await requests.send(next_) for _ in range(2)] == [first] * 2
    at_home = requests.press("home_claim_next")
    await requests.send(at_home)
    await requests.send(at_home)
    assert len(bot.rows("SELECT id FROM reviews WHERE status = 'claimed'")) == 2
    assert bot.rows("SELECT id FROM audit WHERE refused IS NOT NULL") == []
    assert await bot.slack.calls("chat.postEphemeral") == []


async def test_a_double_click_reads_kindly(bot: Bot) -> None:
    """Two presses with a trigger id each: the second finds the review as it was asked for."""
    requests = Requests(bot, with_trigger=True)
    session_id = await new_review(bot)
    for action_id, seen in (
        ("review_claim", 1),
        ("review_claim", 1),
        ("review_release", 2),
        ("review_release", 2),
    ):
        await requests.send(requests.press(action_id, f"{session_id}@{seen}"))
    notes = await Person(bot, ANA).notes()
    assert ["You've had this review since" in notes[0], "You've already released" in notes[1]] == [True, True]
    assert "Nothing was changed" not in "".join(notes)
    assert [refused for _, _, refused in record(bot, session_id)] == [
        None,
        "already_yours",
        None,
        "already_done",
    ]


async def test_an_old_card_frees_no_newer_claim(bot: Bot) -> None:
    """Release carries the revision that the person saw; a Claim from before their release does not undo it either."""
    requests = Requests(bot, with_trigger=True)
    session_id = await new_review(bot)
    for action_id, seen in (("review_claim", 1), ("review_release", 2), ("review_claim", 1)):
        await requests.send(requests.press(action_id, f"{session_id}@{seen}"))
    assert bot.review(session_id)["status"] == "open"
    for action_id, seen in (("review_claim", 3), ("review_release", 2)):
        await requests.send(requests.press(action_id, f"{session_id}@{seen}"))
    assert bot.review(session_id)["claimed_by"] == ANA
    # Cards that an older version of the bot drew name no revision.
    await requests.send(requests.press("review_release", session_id))
    assert bot.review(session_id)["status"] == "open"
    refused = [refused for _, _, refused in record(bot, session_id)]
    assert refused == [None, None, "changed_meanwhile", None, "changed_meanwhile", None]
