"""A real process that stands still with calls under way, as on a paused machine: overtaken, and never double."""

import asyncio
import signal
from pathlib import Path

from bot.delivery.retry_policy import LEASE_S
from tests.crash.machines import Instance
from tests.support import ralio
from tests.support.bot import until
from tests.support.look import look_into
from tests.support.postgres import PostgresServer
from tests.support.ralio import Ralio
from tests.support.slack import USER_CHANNEL, WEBHOOK_SECRET, LocalSlack, running_slack

POST = "chat.postMessage"
REVIEWS = 5
RETURN_S = 2.0


async def _send(instance: Instance, slack: LocalSlack) -> None:
    sender = Ralio(f"{instance.address}/webhooks/ralio", WEBHOOK_SECRET, slack.session)
    for _ in range(REVIEWS):
        assert (await sender.send(ralio.event()))[0] == 200


async def test_an_instance_that_stands_still_is_overtaken(postgres: PostgresServer, tmp_path: Path) -> None:
    """Slack has got its calls and answers late; the other one adopts the cards, and what it does later counts nothing.

    It is stopped once every call has arrived: a process that stands still just before it sends is the window that the
    README names.
    """
    with postgres.empty_database() as url:
        async with running_slack() as slack:
            stalled, other = (Instance(number, url, slack.api_url, tmp_path) for number in range(2))
            try:
                await stalled.up()
                await slack.fault(POST, "slow_answer", seconds=3.0)
                await _send(stalled, slack)

                async def have_arrived() -> bool:
                    return len(await slack.calls_for_reviews(POST)) == REVIEWS

                await until(have_arrived, "not every card is on its way", 20)
                stalled.send(signal.SIGSTOP)
                await slack.no_faults()
                await other.up()

                async def is_adopted() -> bool:
                    cards = (
                        "SELECT id FROM deliveries "
                        "WHERE kind = 'card' AND shown_version = wanted_version AND lease_token IS NULL"
                    )
                    return len(look_into(url, cards)) == REVIEWS

                await until(is_adopted, "the cards are not adopted", 2 * LEASE_S + 20)
                adopted = look_into(url, "SELECT * FROM deliveries WHERE kind = 'card' ORDER BY id")
                stalled.send(signal.SIGCONT)
                await asyncio.sleep(RETURN_S)
                assert look_into(url, "SELECT * FROM deliveries WHERE kind = 'card' ORDER BY id") == adopted
                assert len(await slack.calls_for_reviews(POST)) == REVIEWS
                assert len(await slack.messages(USER_CHANNEL)) == REVIEWS
                assert "lease_lost" in stalled.log()
            finally:
                stalled.ended()
                other.ended()
