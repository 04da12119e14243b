"""`send-test`: sign a sample event and send it to a running bot, as Ralio would; `--clean-up` closes it."""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime

import aiohttp
import click

from bot.cli.errors import report_errors
from bot.ralio import signature
from bot.reviews.ids import TEST_SESSION_PREFIX
from bot.reviews.review import EntityType
from bot.settings.environment import Settings, read_settings
from bot.store.store import reading
from bot.store.tables import reviews

TIMEOUT_S = 10.0
OK = 200

_ADVICE = {
    401: "the bot uses a different RALIO_WEBHOOK_SECRET or RALIO_SIGNATURE_ENCODING",
    404: "--url must be the full address: https://your-host/webhooks/ralio",
    503: "the bot can't record anything right now: see its log and /readyz",
}

REVIEW, VERDICT = "kyc_session_manual_review", "kyc_session_expired"


@click.command("send-test")
@click.option("--entity", type=click.Choice(["user", "related-party"]), default="user", show_default=True)
@click.option("--url", help="The bot's address; default: http://127.0.0.1:$PORT/webhooks/ralio.")
@click.option("--clean-up", is_flag=True, help="Close all tests sent earlier, without sending a new one.")
@report_errors
def send_test(entity: str, url: str | None, *, clean_up: bool) -> None:
    """Send a signed sample event to a running bot; its card is marked as a test."""
    settings = read_settings()
    url = url or f"http://127.0.0.1:{settings.port}/webhooks/ralio"
    sending = close_tests(url, settings) if clean_up else send_sample(url, settings, entity)
    try:
        is_done = asyncio.run(sending)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"no answer from {url}: {_why(error)}. Is the bot running there?"
        ) from error
    if not is_done:
        sys.exit(1)


async def send_sample(url: str, settings: Settings, entity: str) -> bool:
    """Send a sample and print the answer; return whether it was accepted."""
    status, answer = await _send(url, settings, sample_event(entity))
    click.echo(f"{status} {answer}")
    if advice := _ADVICE.get(status):
        click.echo(advice, err=True)
    return status == OK


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.strerror or "cannot connect"
    return "timeout" if isinstance(error, TimeoutError) else type(error).__name__


async def close_tests(url: str, settings: Settings) -> bool:
    """Close every test that is not closed, with a signed verdict each; return whether all were accepted.

    The sessions are read from the database, the verdicts are sent to the bot.
    """
    async with reading(settings.database_url.get_secret_value()) as connection:
        found = await reviews.open_tests(connection)
    if not found:
        click.echo("there are no open tests")
    all_closed = True
    for session_id, entity_type in found:
        status, answer = await _send(url, settings, closing_event(session_id, entity_type))
        all_closed = all_closed and status == OK
        click.echo(f"closed {session_id}" if status == OK else f"not closed: {session_id}: {status} {answer}")
    return all_closed


async def _send(url: str, settings: Settings, body: bytes) -> tuple[int, str]:
    secret = settings.ralio_webhook_secret[0].get_secret_value()
    return await send(url, secret, body, settings.ralio_signature_encoding)


def sample_event(entity: str) -> bytes:
    """Return a review event with random ids, in the shape that Ralio documents; its session id marks it as a test."""
    return _event(REVIEW, f"{TEST_SESSION_PREFIX}{uuid.uuid4()}", EntityType(entity))


def closing_event(session_id: str, entity_type: EntityType) -> bytes:
    """Return an event that closes a test without saying that anyone was verified or rejected."""
    return _event(VERDICT, session_id, entity_type)


def _event(event_type: str, session_id: str, entity_type: EntityType) -> bytes:
    subject = "userId" if entity_type is EntityType.USER else "relatedPartyId"
    event = {
        "eventId": str(uuid.uuid4()),
        "eventType": event_type,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {"sessionId": session_id, subject: str(uuid.uuid4()), "entityType": entity_type},
    }
    return json.dumps(event).encode()


async def send(
    url: str, secret: str, body: bytes, encoding: signature.Encoding = signature.Encoding.ANY
) -> tuple[int, str]:
    """Send a signed event; return the status and the text of the response.

    Raises aiohttp.ClientError, or TimeoutError after ten seconds.
    """
    headers = {"Content-Type": "application/json", signature.HEADER: signature.sign(body, secret, encoding)}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status, (await response.text())[:1000]
