"""Webhooks sent as Ralio sends them: a 4xx is final, a 5xx or no answer is repeated with exponential backoff.

https://doc.raliopay.com/webhooks-events/introduction. How often and how long is not documented.
"""

import asyncio
from collections.abc import Awaitable, Callable

from bot.demo.bot_client import BotAnswer

ATTEMPTS = 8
FIRST_PAUSE_S = 1.0


class WebhookSender:
    """Sends one body until it was taken, was refused for good, or the attempts are used up."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[BotAnswer]],
        attempts: int = ATTEMPTS,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self._send = send
        self._attempts = attempts
        self._first_pause_s = first_pause_s

    async def deliver(self, body: bytes) -> list[BotAnswer]:
        """Every answer in order; the last one is how it ended."""
        answers = [await self._send(body)]
        while _is_worth_another(answers[-1]) and len(answers) < self._attempts:
            await asyncio.sleep(self._first_pause_s * 2 ** (len(answers) - 1))
            answers.append(await self._send(body))
        return answers


def _is_worth_another(answer: BotAnswer) -> bool:
    return answer.status is None or answer.status >= 500  # noqa: PLR2004 - HTTP's server errors
