"""The real process under load, killed at random moments, beside a Slack that is slow and ambiguous.

A sender repeats what is not acknowledged, as Ralio does. At the end every acknowledged review must have exactly one
card.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support import ralio
from tests.support.process import Process, environment, free_port
from tests.support.ralio import Ralio
from tests.support.slack import RELATED_PARTY_CHANNEL, USER_CHANNEL, WEBHOOK_SECRET, LocalSlack

SENDERS = 8
SETTLE_LIMIT_S = 60.0


@dataclass(slots=True)
class Report:
    """What came of it; the last four have to be empty or zero, apart from `acknowledged`."""

    kills: int = 0
    acknowledged: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    double: set[str] = field(default_factory=set)
    unresolved: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {len(self.acknowledged)} acknowledged, {len(self.lost)} lost, "
            f"{len(self.double)} double, {self.unresolved} unresolved"
        )


async def run_chaos(slack: LocalSlack, folder: Path, *, kills: int, pause_s: tuple[float, float]) -> Report:
    """Kill the process `kills` times, `pause_s` (from, to) seconds after it listens; then let it settle."""
    port = free_port()
    process = Process(
        environment(f"sqlite:///{folder / 'reviews.db'}", port, slack.api_url), folder / "bot.log"
    )
    chance = random.Random(20_26)
    report = Report()
    await slack.fault("chat.postMessage", "drop_after", probability=0.05)
    await slack.fault("chat.postMessage", "drop_before", probability=0.05)
    await slack.fault("chat.postMessage", "slow", seconds=1.5, probability=0.1)
    await slack.fault("chat.postMessage", "slow_answer", seconds=0.3, probability=0.3)
    stop = asyncio.Event()
    process.start()
    senders = [asyncio.create_task(_send(f"http://127.0.0.1:{port}", report, stop)) for _ in range(SENDERS)]
    for _ in range(kills):
        await process.listening()
        await asyncio.sleep(chance.uniform(*pause_s))
        process.kill()
        report.kills += 1
        process.start()
    await process.listening()
    stop.set()
    await asyncio.gather(*senders)
    await slack.no_faults()
    await _settle(f"http://127.0.0.1:{port}", report)
    assert process.terminate() == 0, process.log()
    await _count(slack, report)
    return report


async def _send(address: str, report: Report, stop: asyncio.Event) -> None:
    """One event after the other, each until it is acknowledged."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        sender = Ralio(f"{address}/webhooks/ralio", WEBHOOK_SECRET, session)
        while not stop.is_set():
            event = ralio.event()
            while not await _acknowledged(sender, event):
                await asyncio.sleep(0.05)
            report.acknowledged.add(event["data"]["sessionId"])
            await asyncio.sleep(0.05)


async def _acknowledged(sender: Ralio, event: dict[str, Any]) -> bool:
    try:
        status, _ = await sender.send(event)
    except (aiohttp.ClientError, TimeoutError):
        return False
    return status == 200


async def _settle(address: str, report: Report) -> None:
    deadline = time.monotonic() + SETTLE_LIMIT_S
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{address}/readyz") as answer:
                content = await answer.json()
            report.unresolved = content["pending"] + content["held"]
            if not report.unresolved or time.monotonic() > deadline:
                return
            await asyncio.sleep(0.2)


async def _count(slack: LocalSlack, report: Report) -> None:
    cards: Counter[str] = Counter()
    for channel in (USER_CHANNEL, RELATED_PARTY_CHANNEL):
        for message in await slack.messages(channel):
            cards[message["metadata"]["event_payload"]["session_id"]] += 1
    report.lost = {session_id for session_id in report.acknowledged if not cards[session_id]}
    report.double = {session_id for session_id, count in cards.items() if count > 1}
