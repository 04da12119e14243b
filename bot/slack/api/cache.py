"""Slack's answers, cached: fresh ones count, older ones only while Slack can't be reached."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.clock import Clock

FRESH_S = 300.0
USABLE_S = 3_600.0
ASK_AGAIN_S = 5.0
"""After a failure: neither a wrong id nor an outage should cost one call per click."""

REMEMBERED = 10_000
ASKED_AT_ONCE = 10

AnswerT = TypeVar("AnswerT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class _Known(Generic[AnswerT]):
    answer: AnswerT
    asked_at: int


class Cache(Generic[AnswerT]):
    """Slack's answers by id: simultaneous callers share one call, and a failure falls back on the last known answer."""

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[str], Awaitable[AnswerT | None]],
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._asked_at_once = asyncio.Semaphore(ASKED_AT_ONCE)
        self._known: dict[str, _Known[AnswerT]] = {}
        self._failed_at: dict[str, int] = {}
        self._asking: dict[str, asyncio.Task[AnswerT | None]] = {}

    async def get(self, id_: str) -> AnswerT | None:
        """The answer: a fresh one, else a new one from Slack, else one from the last hour; None without any."""
        if (answer := self._within(id_, FRESH_S)) is not None:
            return answer
        if abs(self._clock() - self._failed_at.get(id_, 0)) < ASK_AGAIN_S * 1000:
            return self._within(id_, USABLE_S)
        answer = await self._ask_once(id_)
        return answer if answer is not None else self._within(id_, USABLE_S)

    async def get_all(self, ids: Collection[str]) -> dict[str, AnswerT]:
        """The answers by id, without those that are not known; what is not fresh is asked for at the same time."""
        answers = {id_: answer for id_ in ids if (answer := self._within(id_, FRESH_S)) is not None}
        if others := [id_ for id_ in ids if id_ not in answers]:
            asked = await asyncio.gather(*(self.get(id_) for id_ in others))
            answers |= {id_: answer for id_, answer in zip(others, asked, strict=True) if answer is not None}
        return answers

    async def refresh(self, id_: str, older_than_s: float) -> bool:
        """Ask again if the answer is older than this; whether Slack was asked."""
        if self._within(id_, older_than_s) is not None:
            return False
        if abs(self._clock() - self._failed_at.get(id_, 0)) < ASK_AGAIN_S * 1000:
            return False
        await self._ask_once(id_)
        return True

    def forget(self) -> None:
        """Drop every answer: what they were based on has changed."""
        self._known.clear()
        self._failed_at.clear()

    async def _ask_once(self, id_: str) -> AnswerT | None:
        task = self._asking.get(id_)
        if task is None:
            task = self._asking[id_] = asyncio.create_task(self._asked(id_))
            task.add_done_callback(lambda _: self._asking.pop(id_, None))
        # A caller that is cancelled does not take the answer from the others.
        return await asyncio.shield(task)

    async def _asked(self, id_: str) -> AnswerT | None:
        async with self._asked_at_once:
            answer = await self._ask(id_)
        if answer is None:
            _remember(self._failed_at, id_, self._clock())
        else:
            _remember(self._known, id_, _Known(answer, self._clock()))
        return answer

    async def close(self) -> None:
        """Cancel the calls under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _within(self, id_: str, seconds: float) -> AnswerT | None:
        known = self._known.get(id_)
        if known is None or abs(self._clock() - known.asked_at) > seconds * 1000:
            return None
        return known.answer


def _remember(kept: dict[str, ValueT], id_: str, value: ValueT) -> None:
    """Note the newest value; what was noted longest ago makes room."""
    kept.pop(id_, None)
    kept[id_] = value
    if len(kept) > REMEMBERED:
        kept.pop(next(iter(kept)))
