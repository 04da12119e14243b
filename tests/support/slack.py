"""The local Slack as tests use it: started on a free port, read and switched over its control API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.demo.server import SimulatorConfig, create_simulator

TOKEN = "xoxb-test"
SIGNING_SECRET = "slack-signing-secret"
WEBHOOK_SECRET = "ralio-webhook-secret"

USER_CHANNEL = "CUSER00001"
RELATED_PARTY_CHANNEL = "CPARTY0001"
OPERATIONS_CHANNEL = "COPS000001"
ANA, BEN, CHLOE, DAN = "UANA000001", "UBEN000001", "UCHLOE0001", "UDAN000001"


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """A running local Slack and a session to speak to its control API."""

    address: str
    session: aiohttp.ClientSession

    @property
    def api_url(self) -> str:
        """What the bot gets as SLACK_API_URL."""
        return f"{self.address}/api/"

    async def messages(self, channel: str) -> list[dict[str, Any]]:
        """Everything in the channel that everybody sees, oldest first."""
        found = await self.control("GET", f"messages?channel={channel}")
        return [message for message in found if not message["ephemeral_to"]]

    async def alerts(self) -> list[dict[str, Any]]:
        """What operators read in their channel, without the heads of the record that are posted there daily."""
        messages = await self.messages(OPERATIONS_CHANNEL)
        return [message for message in messages if "Audit head of" not in message["text"]]

    async def private_notes(self, person: str) -> list[str]:
        """The texts that only this person sees, oldest first."""
        messages = await self.control("GET", "messages")
        return [message["text"] for message in messages if message["ephemeral_to"] == person]

    async def click(self, person: str, message: dict[str, Any], label: str) -> dict[str, Any]:
        """Press the button as it was drawn on this copy of the message, also when it is stale by now."""
        button = find_button(message, label)
        return await self.press(person, message["channel"], message["ts"], button)

    async def press(
        self, person: str, channel: str, ts: str, button: dict[str, Any], copies: int = 1
    ) -> dict[str, Any]:
        """Send a click on any button at all; `copies` of the same request arrive at once."""
        body = {"user": person, "channel": channel, "ts": ts, "action": button, "copies": copies}
        return dict(await self.control("POST", "click", body))

    async def fault(self, method: str, fault: str, **details: Any) -> None:
        """Switch a fault on."""
        await self.control("POST", "faults", {"method": method, "fault": fault} | details)

    async def no_faults(self) -> None:
        """Switch every fault off."""
        await self.control("DELETE", "faults")

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """What the bot called, oldest first."""
        return list(await self.control("GET", f"calls?method={method}&limit=20000"))

    async def calls_for_reviews(self, method: str) -> list[dict[str, Any]]:
        """The same without those in the operations channel, where the bot looks for the record's last head."""
        return [call for call in await self.calls(method) if call["channel"] != OPERATIONS_CHANNEL]

    async def add_people(self, count: int) -> list[str]:
        """Let made-up people into every channel; answers with their ids."""
        answer = await self.control("POST", "people", {"count": count})
        return [person["id"] for person in answer["people"]]

    async def lock_out(self, channel: str, person: str) -> None:
        """A person leaves the channel."""
        state = await self.control("GET", "state")
        (members,) = (each["members"] for each in state["channels"] if each["id"] == channel)
        await self.control(
            "PATCH", f"channels/{channel}", {"members": [each for each in members if each != person]}
        )

    async def change_channel(self, channel: str, **flags: bool) -> None:
        """`archived`, `bot_is_member`."""
        await self.control("PATCH", f"channels/{channel}", flags)

    async def delete(self, message: dict[str, Any]) -> None:
        """Somebody deletes a message."""
        await self.control("DELETE", f"messages/{message['channel']}/{message['ts']}")

    async def bot_is_at(self, port: int) -> None:
        """Where clicks are sent."""
        await self.control("PUT", "bot-url", {"url": f"http://127.0.0.1:{port}"})

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API for anything; AssertionError when it refuses."""
        async with self.session.request(method, f"{self.address}/_control/{path}", json=body) as answer:
            content = await answer.json()
            assert answer.status < 300, content
            return content


@asynccontextmanager
async def running_slack(posts_per_second: float = 1_000.0) -> AsyncIterator[LocalSlack]:
    """A local Slack of its own; by default one that is in no hurry to limit."""
    config = SimulatorConfig(
        bot_url="http://127.0.0.1:9",
        signing_secret=SIGNING_SECRET,
        bot_token=TOKEN,
        webhook_secret=WEBHOOK_SECRET,
        posts_per_second=posts_per_second,
        burst=max(5, int(posts_per_second * 5)),
    )
    runner = web.AppRunner(create_simulator(config), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession() as session:
            yield LocalSlack(f"http://127.0.0.1:{runner.addresses[0][1]}", session)
    finally:
        await runner.cleanup()


def buttons(message: dict[str, Any]) -> list[str]:
    """The labels of a message's buttons, in order, without `History`, which is on every card."""
    return [label for label in _labels(message) if label != "History"]


def find_button(message: dict[str, Any], label: str) -> dict[str, Any]:
    """The button with this label; AssertionError tells which ones there are."""
    for button in _buttons(message):
        if button["text"]["text"].lower() == label.lower():
            return {"type": "button", "action_ts": "1.0"} | button
    raise AssertionError(f"no button {label!r} among {_labels(message)}")


def _labels(message: dict[str, Any]) -> list[str]:
    return [button["text"]["text"] for button in _buttons(message)]


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    return [element for row in rows for element in row["elements"] if element["type"] == "button"]


def shown(message: dict[str, Any]) -> str:
    """All that a person reads on the message."""
    texts = [message["text"]]
    for block in message["blocks"]:
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        texts += [part["text"] for part in parts if part and isinstance(part.get("text"), str)]
    return "\n".join(texts)
