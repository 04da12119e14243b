"""People at work in the local Slack: they press buttons, fill in forms, open their home tabs, type commands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.demo.records import APP_ID, TEAM_ID
from bot.demo.signing import slack_headers
from bot.reviews.review import Action
from bot.settings.file import BotFile
from bot.slack.requests.modal_state import ModalState
from tests.support.bot import Bot, until
from tests.support.slack import ANA, BEN, CHLOE, SIGNING_SECRET, USER_CHANNEL
from tests.support.trouble import send

TEAM = BotFile.model_validate(
    {
        "queues": {
            "user": {"reviewers": [ANA, BEN], "leads": [CHLOE], "four_eyes": ["reject"]},
            "related-party": {"reviewers": [BEN], "leads": [CHLOE]},
        }
    }
)
"""Ana and Ben review users, Ben related parties, Chloe leads both; rejections of users need a second person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account in the local Slack."""

    bot: Bot
    id: str

    async def press(self, session_id: str, label: str) -> None:
        """Press a button on the newest card, or choose from its menu; it is acknowledged, and what follows is shown."""
        card = await self.bot.card(session_id)
        body = {"user": self.id, "channel": card["channel"], "ts": card["ts"], "label": label}
        answer = await self.bot.slack.control("POST", "click", body)
        assert (answer["status"], answer["body"]) == (200, ""), answer
        await self.bot.settled()

    async def form(self, containing: str = "") -> dict[str, Any]:
        """The form that the person has open, once it shows this text."""

        async def shown() -> dict[str, Any] | None:
            forms = await self.forms()
            return forms[-1] if forms and containing in json.dumps(forms[-1], ensure_ascii=False) else None

        found = await until(shown, f"no form for {self.id} with {containing!r}")
        assert found is not None
        return found

    async def forms(self) -> list[dict[str, Any]]:
        """The forms that the person has open."""
        state = await self.bot.slack.control("GET", f"state?user={self.id}")
        return list(state["modals"].get(self.id, []))

    async def choose_outcome(self, label: str) -> None:
        """Choose an outcome in the open form."""
        view = await self.form()
        body = {"user": self.id, "view_id": view["id"], "action_id": "outcome", "value": label}
        answer = await self.bot.slack.control("POST", "click", body | {"values": {"outcome": label}})
        assert (answer["status"], answer["body"]) == (200, "")

    async def submit(self, **values: str) -> Any:
        """Send the open form with these values by block; what the bot answers ('' closes the form).

        A `reason` of a decision (`outcome:reason`) is chosen as people do: after its outcome, which shows the reasons.
        """
        view = await self.form()
        if "reason" in values and "reason" not in blocks_of(view) and "outcome" in blocks_of(view):
            block = f"reason_{values['reason'].partition(':')[0]}"
            await self.choose_outcome(values["outcome"])
            view = await self.form(block)
            values[block] = values.pop("reason")
        body = {"user": self.id, "view_id": view["id"], "values": values}
        answer = await self.bot.slack.control("POST", "submit-view", body)
        assert answer["status"] == 200, answer
        await self.bot.settled()
        return answer["body"]

    async def fill_in(self, session_id: str, label: str, **values: str) -> None:
        """Press a button and send its form, which is taken."""
        await self.press(session_id, label)
        assert await self.submit(**values) == ""
        assert await self.forms() == []

    async def reject(self, session_id: str) -> None:
        """Claim a review and propose or decide that it is rejected."""
        await self.press(session_id, "Claim")
        await self.fill_in(session_id, "Resolve", outcome="Reject", reason="reject:document_expired")

    async def home(self) -> dict[str, Any] | None:
        """The home tab as it is now; None as long as it was never made."""
        state = await self.bot.slack.control("GET", f"state?user={self.id}")
        home: dict[str, Any] | None = state["homes"].get(self.id)
        return home

    async def open_home(self) -> str:
        """Open the home tab; return its text."""
        return await self._use_home("open-home", {"user": self.id}, await self.home())

    async def home_after(self, before: dict[str, Any] | None) -> str:
        """Return the home tab's text once the tab is renewed."""

        async def renewed() -> dict[str, Any] | None:
            home = await self.home()
            return home if home and (before is None or home["hash"] != before["hash"]) else None

        home = await until(renewed, "the home tab is not renewed")
        await self.bot.settled()
        home = await self.home()
        assert home is not None
        return view_text(home)

    async def press_at_home(self, action_id: str, session_id: str | None = None) -> str:
        """Press a button on the home tab; return the tab's text afterwards."""
        home = await self.home()
        assert home is not None
        blocks = [
            block["block_id"]
            for block in home["blocks"]
            for element in [*block.get("elements", []), block.get("accessory") or {}]
            if element.get("action_id") == action_id and _is_about(element.get("value"), session_id)
        ]
        body = {"user": self.id, "view_id": home["id"], "action_id": action_id, "block_id": blocks[0]}
        return await self._use_home("click", body, home)

    async def _use_home(self, act: str, body: Mapping[str, Any], before: dict[str, Any] | None) -> str:
        """Open the home tab or press a button there; return the tab's text once that is recorded and shown.

        A renewed tab is no proof that it is recorded: the bot answers Slack first, and other people's changes renew the
        tab, too.
        """
        used_at = self._home_used_at()
        answer = await self.bot.slack.control("POST", act, body)
        assert (answer["status"], answer["body"]) == (200, "")

        async def is_recorded() -> bool:
            return self._home_used_at() != used_at

        await until(is_recorded, "the action on the home tab is not recorded")
        return await self.home_after(before)

    def _home_used_at(self) -> int | None:
        """When the person last opened the home tab or pressed a button there; None if they never did."""
        query = "SELECT opened_at FROM deliveries WHERE kind = 'home' AND recipient = :person"
        return next((row["opened_at"] for row in self.bot.rows(query, person=self.id)), None)

    async def fill_in_at_home(self, action_id: str, session_id: str, **values: str) -> None:
        """Press a button on the home tab and submit its form, which is accepted; wait until the tab is renewed."""
        home = await self.home()
        assert home is not None
        block = f"review:{session_id}"
        body = {"user": self.id, "view_id": home["id"], "action_id": action_id, "block_id": block}
        answer = await self.bot.slack.control("POST", "click", body)
        assert (answer["status"], answer["body"]) == (200, "")
        assert await self.submit(**values) == ""
        await self.home_after(home)

    async def type(self, text: str) -> str:
        """Type `/reviews` with this; the answer's text."""
        body = {"user": self.id, "channel": USER_CHANNEL, "command": "/reviews", "text": text}
        answer = await self.bot.slack.control("POST", "command", body)
        assert answer["status"] == 200, answer
        assert answer["body"]["response_type"] == "ephemeral"
        return str(answer["body"]["text"])

    async def press_in_list(self, label: str) -> None:
        """Press the first button with this label in the newest answer to `/reviews`."""
        state = await self.bot.slack.control("GET", f"state?user={self.id}")
        mine = [each["ts"] for each in state["messages"][USER_CHANNEL] if each["ephemeral_to"] == self.id]
        ts = max(mine)
        body = {"user": self.id, "channel": USER_CHANNEL, "ts": ts, "label": label}
        answer = await self.bot.slack.control("POST", "click", body)
        assert (answer["status"], answer["body"]) == (200, ""), answer
        await self.bot.settled()

    async def notes(self) -> list[str]:
        """The private notes that only this person sees."""
        return await self.bot.slack.private_notes(self.id)

    async def change(self, **flags: bool | str) -> None:
        """Change the person's account, such as `is_restricted` or `deleted`."""
        await self.bot.slack.control("PATCH", f"people/{self.id}", flags)

    async def send_press(self, session_id: str, action_id: str = "review_claim", **envelope: Any) -> None:
        """A press that is signed by the bot's own clock, with any other envelope than the local Slack's."""
        click = {
            "type": "block_actions",
            "channel": {"id": USER_CHANNEL},
            "actions": [{"action_id": action_id, "value": session_id}],
        }
        await self.send_payload(click | envelope)

    async def send_payload(self, payload: dict[str, Any]) -> str:
        """Any interaction of this person, signed by the bot's own clock; the answer's text."""
        sender = {"user": {"id": self.id, "team_id": TEAM_ID}, "team": {"id": TEAM_ID}, "api_app_id": APP_ID}
        body = urlencode({"payload": json.dumps(sender | payload)}).encode()
        headers = slack_headers(SIGNING_SECRET, body, self.bot.clock() // 1000)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        url = f"{self.bot.address}/slack/interactions"
        async with self.bot.slack.session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200
            return await answer.text()


def view_text(view: dict[str, Any]) -> str:
    """All that a person reads on a form or home tab, a line a text."""
    lines: list[str] = []
    for block in view["blocks"]:
        parts = [block.get("text"), block.get("accessory"), block.get("label"), *block.get("elements", [])]
        for part in parts:
            text = part.get("text") if part else None
            lines += [text["text"] if isinstance(text, dict) else text] if text else []
    return "\n".join(lines)


def _is_about(value: str | None, wanted: str | None) -> bool:
    """Whether a button's value is this, with or without the revision that it was drawn for."""
    return value == wanted or (value is not None and value.split("@")[0] == wanted)


def blocks_of(view: dict[str, Any]) -> list[str]:
    """The ids of a form's fields."""
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


async def new_review(bot: Bot) -> str:
    """A user's review whose card is posted; answers with the session's id."""
    session_id = await send(bot)
    await bot.settled()
    return session_id


async def thread(bot: Bot, session_id: str) -> list[str]:
    """The texts in the thread under the session's card; each of them names the session, which is left out here."""
    card = await bot.card(session_id)
    messages = await bot.slack.messages(card["channel"])
    texts = [message["text"] for message in messages if message["thread_ts"] == card["ts"]]
    about = f" (Session `{session_id}`)"
    assert all(text.endswith(about) for text in texts), texts
    return [text.removesuffix(about) for text in texts]


def record(bot: Bot, session_id: str) -> list[tuple[str, str, str | None]]:
    """Who did what of a session's review, and why it was refused where it was, in order."""
    rows = bot.rows(
        "SELECT actor, action, refused FROM audit JOIN reviews ON reviews.id = audit.review_id "
        "WHERE session_id = :session_id AND actor <> 'ralio' ORDER BY audit.id",
        session_id=session_id,
    )
    return [(row["actor"], row["action"], row["refused"]) for row in rows]


def note_form(bot: Bot, session_id: str, number: int) -> dict[str, Any]:
    """The form for a note, sent without opening it."""
    state = ModalState(Action.ADD_NOTE, session_id, bot.review(session_id)["step"])
    values = {"words": {"words": {"type": "plain_text_input", "value": f"Note {number:02}."}}}
    view = {"callback_id": "review_form", "private_metadata": state.text(), "state": {"values": values}}
    return {"type": "view_submission", "trigger_id": f"trigger-{number}", "view": view}
