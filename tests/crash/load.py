"""The load: senders that repeat as Ralio does, and reviewers who press Claim, each until told to stop."""

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.web.slack_requests import ANSWER_LIMIT_S
from tests.crash.report import Report
from tests.support import ralio
from tests.support.ralio import Ralio
from tests.support.slack import ANA, USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, buttons, find_button

REQUEST_LIMIT_S = 5.0
FIRST_BACKOFF_S = 0.05
LONGEST_BACKOFF_S = 0.8
REPEATED = 0.05
"""Of a hundred events so many are ones that were acknowledged before."""

UNDER_A_NEW_ID = 0.5
"""Of those; some senders make an id for each attempt."""

DOUBLED = 0.3
"""Of a hundred clicks and commands so many arrive twice at once, with the same trigger id."""

ABOUT_KNOWN_SESSIONS = 0.2
VERDICTS = 0.7
"""Of those about known sessions; the others reopen what a verdict closed."""

CARDS_SEEN = 40
LOOK_EVERY_S = 2.0


class Load:
    """Senders spread over the instances; each event goes to one and falls over to the next."""

    def __init__(self, addresses: Sequence[str], slack: LocalSlack, report: Report, seed: int) -> None:
        self._addresses = addresses
        self._slack = slack
        self._report = report
        self._chance = random.Random(seed)
        self._sent: deque[dict[str, Any]] = deque(maxlen=2_000)
        self.stopping = asyncio.Event()

    async def send(self, number: int, pause_s: float) -> None:
        """One event after the other, each until it is acknowledged; then `pause_s` of rest."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_LIMIT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            senders = [
                Ralio(f"{address}/webhooks/ralio", WEBHOOK_SECRET, session) for address in self._addresses
            ]
            while not self.stopping.is_set():
                if self._sent and self._chance.random() < REPEATED:
                    await self._repeat(self._chance.choice(self._sent), senders, number)
                else:
                    event = self._event()
                    await self._deliver(event, senders, number)
                    self._report.acknowledge(event)
                    self._sent.append(event)
                await asyncio.sleep(self._chance.uniform(0, 2 * pause_s))

    async def _repeat(self, event: dict[str, Any], senders: Sequence[Ralio], first: int) -> None:
        """Send what was acknowledged before; the answer has to be that it is known."""
        if self._chance.random() < UNDER_A_NEW_ID:
            event = event | {"eventId": str(uuid.uuid4())}
            self._report.new_ids += 1
        if await self._deliver(event, senders, first) != "duplicate":
            self._report.double.add(f"event {event['eventId']}")

    async def _deliver(self, event: dict[str, Any], senders: Sequence[Ralio], first: int) -> str:
        """Send an event until it is acknowledged, and return the result in the answer."""
        body = ralio.in_older_envelope(event) if int(event["eventId"][0], 16) % 2 else event
        tries = 0
        while (result := await _acknowledged(senders[(first + tries) % len(senders)], body)) is None:
            backoff_s = min(FIRST_BACKOFF_S * 2**tries, LONGEST_BACKOFF_S)
            tries = min(tries + 1, 16)
            self._report.repeats += 1
            await asyncio.sleep(backoff_s * self._chance.uniform(0.5, 1))
        return result

    def _event(self) -> dict[str, Any]:
        if self._sent and self._chance.random() < ABOUT_KNOWN_SESSIONS:
            known = self._chance.choice(self._sent)
            if self._chance.random() < VERDICTS:
                return ralio.event("kyc_session_verified", sessionId=known["data"]["sessionId"])
            return known | {"eventId": str(uuid.uuid4()), "timestamp": ralio.later()}
        return ralio.event() if self._chance.random() < 0.5 else ralio.related_party_event()

    async def press_claim(self, people: Sequence[str], ports: Sequence[int], pause_s: float) -> None:
        """Press Claim on cards as they were up to two seconds ago, so that some presses come too late."""
        loop = asyncio.get_running_loop()
        cards: list[dict[str, Any]] = []
        looked_at = -LOOK_EVERY_S
        while not self.stopping.is_set():
            if loop.time() - looked_at > LOOK_EVERY_S:
                cards, looked_at = await self._claimable(), loop.time()
            if cards:
                await self._press(self._chance.choice(people), self._chance.choice(cards), ports)
            await asyncio.sleep(self._chance.uniform(0, 2 * pause_s))

    async def _press(self, person: str, card: dict[str, Any], ports: Sequence[int]) -> None:
        click = (card["metadata"]["event_payload"]["session_id"], person)
        if click in self._report.pressed:
            return
        self._report.pressed.add(click)
        await self._slack.bot_is_at(self._chance.choice(ports))
        button = find_button(card, "Claim")
        answer = await self._slack.press(person, card["channel"], card["ts"], button, self._copies())
        if answer["status"] == 200:
            is_recorded = answer["seconds"] < ANSWER_LIMIT_S
            (self._report.clicks if is_recorded else self._report.answered_early).add(click)

    async def claim_next(self, person: str, ports: Sequence[int], pause_s: float) -> None:
        """Type `/reviews next` again and again; each time gives this person one review at most."""
        while not self.stopping.is_set():
            await self._slack.bot_is_at(self._chance.choice(ports))
            typed = {"user": person, "channel": USER_CHANNEL, "text": "next", "copies": self._copies()}
            self._report.typed[person] += 1
            await self._slack.control("POST", "command", typed)
            await asyncio.sleep(self._chance.uniform(0, 2 * pause_s))

    def _copies(self) -> int:
        is_doubled = self._chance.random() < DOUBLED
        self._report.doubled += is_doubled
        return 1 + is_doubled

    async def _claimable(self) -> list[dict[str, Any]]:
        url = f"{self._slack.address}/_control/state?user={ANA}&limit={CARDS_SEEN}"
        async with self._slack.session.get(url) as answer:
            state = await answer.json()
        found = [message for messages in state["messages"].values() for message in messages]
        return [message for message in found if not message["ephemeral_to"] and "Claim" in buttons(message)]


async def _acknowledged(sender: Ralio, event: dict[str, Any]) -> str | None:
    """The result in the answer if Ralio would stop repeating, after 200; a 4xx would be an event lost for good."""
    try:
        status, content = await sender.send(event)
    except (aiohttp.ClientError, TimeoutError):
        return None
    assert status == 200 or status >= 500, (status, content)
    return str(content["result"]) if status == 200 else None
