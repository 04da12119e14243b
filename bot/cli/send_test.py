"""`send-test`: sign a sample event and send it to a running bot, as Ralio would."""

import asyncio
import json
import sys
import uuid
from datetime import UTC, datetime

import aiohttp
import click

from bot.cli.errors import report_errors
from bot.ralio import signature
from bot.settings.environment import read_settings

TIMEOUT_S = 10.0


@click.command("send-test")
@click.option("--entity", type=click.Choice(["user", "related-party"]), default="user", show_default=True)
@click.option("--url", help="The bot's address; default: http://127.0.0.1:$PORT/webhooks/ralio.")
@report_errors
def send_test(entity: str, url: str | None) -> None:
    """Sign and send a sample event to a running bot."""
    settings = read_settings()
    url = url or f"http://127.0.0.1:{settings.port}/webhooks/ralio"
    secret = settings.ralio_webhook_secret[0].get_secret_value()
    try:
        status, answer = asyncio.run(
            send(url, secret, sample_event(entity), settings.ralio_signature_encoding)
        )
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(f"no answer from {url}: {error!r}. Does the bot run there?") from error
    click.echo(f"{status} {answer}")
    if status != 200:  # noqa: PLR2004 - HTTP's OK
        sys.exit(1)


def sample_event(entity: str) -> bytes:
    """Return a review event with random ids, in the shape that Ralio documents."""
    subject = "userId" if entity == "user" else "relatedPartyId"
    event = {
        "eventId": str(uuid.uuid4()),
        "eventType": "kyc_session_manual_review",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {"sessionId": str(uuid.uuid4()), subject: str(uuid.uuid4()), "entityType": entity},
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
