"""A steady day at work: webhooks with repeats and verdicts, people who press, type and look, and scrapes."""

import asyncio
import random
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.support import ralio
from tests.support.ralio import Ralio
from tests.support.slack import USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, buttons, find_button

REPEATED = 0.05
"""Of a hundred webhooks so many are ones that came before, with the same id."""

CARDS_SEEN = 30
FORM_LIMIT_S = 3.0
LOOK_AGAIN_S = 0.1
SCRAPE_EVERY_S = 5.0
COMMANDS = ("", "mine", "help")


@dataclass(frozen=True, slots=True)
class Pace:
    """How much there is to do: `verdict_after_s` says how long a review stays open if nobody decides it."""

    webhooks_per_s: float
    verdict_after_s: float
    person_rests_s: float


class SteadyLoad:
    """Ralio, some people and a scraper against one bot, each until told to stop; `done` counts what they did."""

    def __init__(self, address: str, slack: LocalSlack, pace: Pace, seed: int) -> None:
        self._address = address
        self._slack = slack
        self._pace = pace
        self._chance = random.Random(seed)
        self._verdicts: deque[tuple[float, dict[str, Any]]] = deque()
        self._sent: deque[dict[str, Any]] = deque(maxlen=500)
        self.stopping = asyncio.Event()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """What was not answered with 200, and how."""

    def tasks(self, people: list[str]) -> list[asyncio.Task[None]]:
        """Begin; each task ends soon after `stopping` is set."""
        work = [self._ralio(), self._scraper(), *(self._reviewer(person) for person in people)]
        return [asyncio.create_task(each) for each in work]

    async def _ralio(self) -> None:
        """Webhooks at a fixed rate, whatever the bot does: half reviews, half verdicts on earlier ones."""
        begun, number = time.monotonic(), 0
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as sending:
            sender = Ralio(f"{self._address}/webhooks/ralio", WEBHOOK_SECRET, session)
            while await self._rests(begun + number / self._pace.webhooks_per_s - time.monotonic()):
                number += 1
                sending.create_task(self._send(sender, self._event()))

    async def _send(self, sender: Ralio, event: dict[str, Any]) -> None:
        status, answer = await sender.send(event)
        self._count(f"webhooks {answer.get('result', '')}".strip(), status)

    def _event(self) -> dict[str, Any]:
        if self._sent and self._chance.random() < REPEATED:
            return self._chance.choice(self._sent)
        if self._verdicts and self._verdicts[0][0] < time.monotonic():
            _, event = self._verdicts.popleft()
        else:
            event = ralio.event() if self._chance.random() < 0.7 else ralio.related_party_event()
            verdict = self._chance.choice(["kyc_session_verified", "kyc_session_failed"])
            due_at = time.monotonic() + self._pace.verdict_after_s
            self._verdicts.append((due_at, ralio.event(verdict) | {"data": event["data"]}))
        self._sent.append(event)
        return event

    async def _scraper(self) -> None:
        async with aiohttp.ClientSession() as session:
            while await self._rests(min(SCRAPE_EVERY_S, self._pace.person_rests_s)):
                for path in ("/metrics", "/readyz", "/healthz"):
                    async with session.get(f"{self._address}{path}") as answer:
                        await answer.read()
                        self._count(f"scrapes of {path}", answer.status)

    async def _reviewer(self, person: str) -> None:
        """Claims a card and decides or releases it; in between looks at the home tab or types a command."""
        while await self._rests(self._chance.uniform(0, 2 * self._pace.person_rests_s)):
            state = await self._state(person)
            cards = [card for card in _cards(state) if "Claim" in buttons(card)]
            if cards:
                card = self._chance.choice(cards)
                await self._press(person, card, "Claim")
                await self._finish(person, card)
            if self._chance.random() < 0.3:
                await self._act("home tabs", "open-home", {"user": person})
            if self._chance.random() < 0.2:
                typed = {"command": "/reviews", "text": self._chance.choice(COMMANDS)}
                await self._act("commands", "command", {"user": person, "channel": USER_CHANNEL} | typed)

    async def _finish(self, person: str, card: dict[str, Any]) -> None:
        if not await self._rests(self._chance.uniform(0, self._pace.person_rests_s)):
            return
        state = await self._state(person)
        shown = next((each for each in _cards(state) if each["ts"] == card["ts"]), None)
        if shown is None or "Resolve" not in buttons(shown):
            return
        if self._chance.random() < 0.3:
            await self._press(person, shown, "Release")
            return
        await self._press(person, shown, "Resolve")
        view = await self._form(person)
        if view is not None:
            form = {"user": person, "view_id": view["id"]}
            await self._act("forms", "submit-view", form | {"values": {"outcome": "Approve"}})
        if left := (await self._state(person))["modals"].get(person):
            # The bot told what is in the way.
            await self._slack.control(
                "POST", "close-view", {"user": person, "view_id": left[-1]["id"], "clear": True}
            )

    async def _form(self, person: str) -> dict[str, Any] | None:
        """The form that the bot opened; None where it said instead that the press does not count."""
        until = time.monotonic() + FORM_LIMIT_S
        while time.monotonic() < until:
            if views := (await self._state(person))["modals"].get(person):
                view: dict[str, Any] = views[-1]
                if any(block["block_id"] == "outcome" for block in view["blocks"]):
                    return view
            await asyncio.sleep(LOOK_AGAIN_S)
        return None

    async def _press(self, person: str, card: dict[str, Any], label: str) -> None:
        """As people do, on the card as they see it: it may be another one by now."""
        answer = await self._slack.press(person, card["channel"], card["ts"], find_button(card, label))
        self._count(f"presses of {label}", answer["status"])

    async def _act(self, what: str, path: str, body: dict[str, Any]) -> None:
        answer = await self._slack.control("POST", path, body)
        self._count(what, answer["status"])

    async def _state(self, person: str) -> dict[str, Any]:
        return dict(await self._slack.control("GET", f"state?user={person}&limit={CARDS_SEEN}"))

    def _count(self, what: str, status: int) -> None:
        self.done[what] += 1
        if status != 200:
            self.refused[f"{what}: {status}"] += 1

    async def _rests(self, seconds: float) -> bool:
        """Rest; false once it is time to stop."""
        try:
            await asyncio.wait_for(self.stopping.wait(), max(0.0, seconds))
        except TimeoutError:
            return True
        return False


def _cards(state: dict[str, Any]) -> list[dict[str, Any]]:
    found = [message for messages in state["messages"].values() for message in messages]
    return [message for message in found if not message["ephemeral_to"]]
