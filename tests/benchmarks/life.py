"""What a review costs over its whole life: received, claimed, decided and closed, each shown on its card."""

import time
from collections.abc import Sequence

from bot.reviews.review import Action
from bot.slack.messages import buttons
from bot.slack.requests.modal_state import ModalState
from tests.benchmarks.clicks import claims
from tests.benchmarks.feel import ENVIRONMENT
from tests.benchmarks.lineup import Entry
from tests.benchmarks.load import closed_loop
from tests.benchmarks.requests import form, identifier, review_event, webhook, webhooks
from tests.benchmarks.results import Figure
from tests.benchmarks.rounds import CONNECTIONS, Surroundings, accepted, started
from tests.benchmarks.stand_in import StandIn
from tests.support.bot import settled
from tests.support.look import look_into

VERDICT = "kyc_session_verified"
CLAIMED_REVISION = 2
SETTLE_LIMIT_S = 120.0
SIZES = {
    "sqlite": "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
    "postgres": "SELECT pg_database_size(current_database()) AS bytes",
}


async def life(entry: Entry, slack: StandIn, around: Surroundings, count: int) -> dict[Figure, float]:
    """Take so many reviews through all of it; CPU of the server, bytes of the database."""
    await slack.take(0)
    with started(entry, around, ENVIRONMENT) as server:
        # The first ones pay for what is loaded only once.
        await _lives(server.port, around, 0, 1)
        bytes_before, cpu_before_s = _bytes(entry, around), server.cpu_s()
        await _lives(server.port, around, 1, count)
        cpu_s, grown = server.cpu_s() - cpu_before_s, _bytes(entry, around) - bytes_before
    closed = look_into(around.database_url, "SELECT count(*) AS found FROM reviews WHERE status = 'closed'")
    assert closed[0]["found"] == count + 1, closed
    return {Figure.LIFE_CPU: cpu_s / count, Figure.LIFE_BYTES: grown / count}


async def _lives(port: int, around: Surroundings, first: int, count: int) -> None:
    numbers = range(first, first + count)
    await _send(port, around, list(webhooks(first, count)))
    await _send(port, around, _claims(numbers, around))
    await _send(port, around, _decisions(numbers))
    await _send(port, around, [webhook(_verdict(number)) for number in numbers])


async def _send(port: int, around: Surroundings, requests: Sequence[bytes]) -> None:
    """Send all of it, and wait until Slack shows what follows."""
    accepted(await closed_loop(port, requests, CONNECTIONS))
    await settled(around.database_url, SETTLE_LIMIT_S)


def _claims(numbers: Sequence[int], around: Surroundings) -> list[bytes]:
    """Each pressed on the card itself."""
    query = "SELECT session_id, message_ts FROM deliveries JOIN reviews ON reviews.id = review_id WHERE kind = 'card'"
    cards = {row["session_id"]: row["message_ts"] for row in look_into(around.database_url, query)}
    return [claim for each in numbers for claim in claims(each, 1, cards[identifier("session", each)])]


def _decisions(numbers: Sequence[int]) -> list[bytes]:
    now = time.time()
    return [_decision(number, now) for number in numbers]


def _decision(number: int, now: float) -> bytes:
    state = ModalState(Action.RESOLVE, identifier("session", number), CLAIMED_REVISION)
    chosen = {"type": "static_select", "selected_option": {"value": "approve"}}
    values = {buttons.OUTCOME: {buttons.OUTCOME: chosen}}
    return form(buttons.FORM, state.text(), values, f"life.{number}", now)


def _verdict(number: int) -> dict[str, object]:
    """Ralio's verdict, a day after its review event."""
    event = review_event(number, VERDICT)
    return event | {
        "eventId": identifier("verdict", number),
        "timestamp": str(event["timestamp"]).replace("-17T", "-18T"),
    }


def _bytes(entry: Entry, around: Surroundings) -> int:
    return int(look_into(around.database_url, SIZES[entry.database])[0]["bytes"])
