"""The Slack of the benchmarks, as the bench controls and watches it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from tests.benchmarks.kept import Refused

LOOK_EVERY_S = 0.1
LOOK_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Called:
    """A call that showed something: when it began and ended, and its message."""

    begun_at: float
    done_at: float
    message_ts: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running one; times are the machine's monotonic clock."""

    address: str
    session: aiohttp.ClientSession

    async def take(self, seconds: float) -> None:
        """Let every call take so long from now on."""
        async with self.session.put(f"{self.address}/latency", data=str(seconds)) as answer:
            answer.raise_for_status()

    async def fail(self, *, fails: bool) -> None:
        """Answer every call with 503 from now on, or no longer."""
        async with self.session.put(f"{self.address}/failing", data=str(int(fails))) as answer:
            answer.raise_for_status()

    async def shown(self, method: str, sessions: Sequence[str]) -> dict[str, float]:
        """When these sessions' cards were shown by this method, once all of them are."""
        deadline = time.monotonic() + LOOK_LIMIT_S
        while time.monotonic() < deadline:
            async with self.session.get(f"{self.address}/shown") as answer:
                calls: list[tuple[str, str, float]] = await answer.json()
            found = {session: at for each, session, at in reversed(calls) if each == method}
            if found.keys() >= set(sessions):
                return found
            await asyncio.sleep(LOOK_EVERY_S)
        raise Refused(f"{method} did not come for every card within {LOOK_LIMIT_S:g} s")

    async def called(self, method: str, subject: str, after: float) -> Called:
        """The first such call that began after this time; Refused if it doesn't come."""
        query = {"method": method, "subject": subject, "after": str(after)}
        try:
            async with (
                asyncio.timeout(LOOK_LIMIT_S),
                self.session.get(f"{self.address}/wait", params=query) as answer,
            ):
                return Called(*await answer.json())
        except TimeoutError:
            raise Refused(f"{method} for {subject} did not come within {LOOK_LIMIT_S:g} s") from None


@asynccontextmanager
async def stand_in(api_url: str) -> AsyncIterator[StandIn]:
    """A session to a running one, by the address that servers get for it."""
    # It is stopped and started again meanwhile: no connection of before can be used.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield StandIn(api_url.removesuffix("/api/"), session)
