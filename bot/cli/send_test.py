"""`send-test`: signs and sends a sample event to a running bot, as Ralio would."""

import json
import uuid
from datetime import UTC, datetime

import aiohttp

from bot.ralio import signature

LIMIT_S = 10.0


def sample_event(entity: str) -> bytes:
    """A review event of made-up ids, in the shape of Ralio's documentation."""
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
    """Send a signed event; answers with the status and the answer's text. Raises aiohttp.ClientError, TimeoutError."""
    headers = {"Content-Type": "application/json", signature.HEADER: signature.sign(body, secret, encoding)}
    timeout = aiohttp.ClientTimeout(total=LIMIT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status, (await answer.text())[:1000]
