"""The receiver of the decision webhook in the chaos: it lies, stalls and dies, and may miss nothing in the end."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.look import look_into
from tests.support.receiver import FORMER_SECRET, SECRET, DecisionReceiver, Fault, running_receiver

LIES = {Fault.SERVER_ERROR: 0.04, Fault.DISCONNECT: 0.04, Fault.REFUSAL: 0.01, Fault.STALL: 0.002}
ALIVE_S, DEAD_S = (3.0, 8.0), (0.5, 2.0)
_REPORTED = (
    "SELECT reviews.session_id, audit.seal FROM audit JOIN reviews ON reviews.id = audit.review_id "
    "WHERE audit.refused IS NULL AND reviews.opened_at IS NOT NULL AND ("
    "(audit.action = 'close' AND audit.from_status <> 'closed') "
    "OR (audit.action = 'receive' AND audit.from_status = 'closed')) ORDER BY audit.id"
)


class LyingReceiver(DecisionReceiver):
    """Answers at random; `peace` ends that."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._peace = asyncio.Event()

    @property
    def env(self) -> dict[str, str]:
        """What makes a bot use it."""
        return {
            "DECISION_WEBHOOK_URL": f"http://127.0.0.1:{self.port}/decisions",
            "DECISION_WEBHOOK_SECRET": f"{SECRET},{FORMER_SECRET}",
        }

    def choose_fault(self) -> Fault | None:
        """How the next request is answered."""
        if self._peace.is_set():
            return None
        return self._chance.choices([None, *LIES], [1 - sum(LIES.values()), *LIES.values()])[0]

    def peace(self) -> None:
        """Tell the truth from now on."""
        self._peace.set()
        self.released.set()

    async def live_and_die(self) -> None:
        """Serve, and be gone for a moment now and then, until there is peace; then serve until cancelled."""
        while True:
            async with running_receiver(self):
                if self._peace.is_set():
                    await asyncio.Event().wait()
                await self._rest(ALIVE_S)
            if not self._peace.is_set():
                self.released = asyncio.Event()
                await asyncio.sleep(self._chance.uniform(*DEAD_S))

    async def _rest(self, between: tuple[float, float]) -> None:
        try:
            await asyncio.wait_for(self._peace.wait(), self._chance.uniform(*between))
        except TimeoutError:
            return

    def problems(self, database_url: str) -> tuple[int, list[str]]:
        """How many decisions there were, and each session whose decisions are missing, made up or out of order.

        Repetitions are dropped by their id, as every receiver has to do.
        """
        expected, kept = defaultdict(list), defaultdict(list)
        for row in look_into(database_url, _REPORTED):
            expected[row["session_id"]].append(row["seal"])
        for message in self.kept:
            kept[message.session_id].append(message.content["data"]["audit_seal"])
        wrong = [
            f"{session}: recorded {expected[session]}, received {kept[session]}"
            for session in sorted(expected.keys() | kept.keys())
            if expected[session] != kept[session]
        ]
        return sum(map(len, expected.values())), wrong


@asynccontextmanager
async def lying_receiver(seed: int) -> AsyncIterator[LyingReceiver]:
    """A receiver that has a port and serves, lies and dies until it is told to stop."""
    receiver = LyingReceiver(seed)
    async with running_receiver(receiver):
        pass
    task = asyncio.create_task(receiver.live_and_die())
    try:
        yield receiver
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
