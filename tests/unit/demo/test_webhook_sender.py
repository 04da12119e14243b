"""Webhooks are repeated as Ralio repeats them."""

import pytest

from bot.demo.bot_client import BotAnswer
from bot.demo.ralio_api.webhooks import WebhookSender


@pytest.mark.parametrize(
    ("statuses", "sent"),
    [
        ([200], 1),
        ([401, 200], 1),
        ([413, 200], 1),
        ([503, 200], 2),
        ([500, None, 502, 200], 4),
        ([None, 422, 200], 2),
        ([503] * 9, 5),
    ],
)
async def test_what_is_repeated(statuses: list[int | None], sent: int) -> None:
    """Only what may have been a passing trouble of ours."""
    left = list(statuses)

    async def answer(_body: bytes) -> BotAnswer:
        return BotAnswer(left.pop(0), "", 0.0)

    answers = await WebhookSender(answer, attempts=5, first_pause_s=0.001).deliver(b"{}")
    assert [got.status for got in answers] == statuses[:sent]
