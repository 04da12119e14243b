"""A receiver of the decision webhook, as a customer would write it, that can also lie, stall and die."""

import asyncio
import base64
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from standardwebhooks import Webhook

from tests.support.bot import until

SECRET = f"whsec_{base64.b64encode(b'the first secret of the receiver').decode()}"
FORMER_SECRET = f"whsec_{base64.b64encode(b'the former secret of a receiver').decode()}"
TOLERANCE_S = 240


class Fault(Enum):
    """How the receiver answers a request that it has read and kept."""

    SERVER_ERROR = "500, although it kept the message"
    REFUSAL = "400"
    GONE = "410"
    REDIRECT = "302"
    DISCONNECT = "no answer, although it kept the message"
    STALL = "no answer until the test ends"


_STATUS = {Fault.SERVER_ERROR: 500, Fault.REFUSAL: 400, Fault.GONE: 410, Fault.REDIRECT: 302}


@dataclass(frozen=True, slots=True)
class Message:
    """A verified message, as it arrived."""

    id: str
    content: dict[str, Any]

    @property
    def session_id(self) -> str:
        """Which review it is about."""
        return str(self.content["data"]["session_id"])


@dataclass(slots=True)
class DecisionReceiver:
    """A running receiver: `messages` is everything that arrived, repetitions too, and `fault` how it answers."""

    port: int = 0
    messages: list[Message] = field(default_factory=list)
    fault: Fault | None = None
    faults: deque[Fault | None] = field(default_factory=deque)
    """How the next requests are answered, one after the other; then `fault` counts again."""

    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a bot use it."""
        return {
            "decision_webhook_url": SecretStr(f"http://127.0.0.1:{self.port}/decisions"),
            "decision_webhook_secret": (SecretStr(SECRET), SecretStr(FORMER_SECRET)),
        }

    @property
    def kept(self) -> list[Message]:
        """What a receiver keeps that drops repetitions by their id: each message at its first arrival."""
        first: dict[str, Message] = {}
        for message in self.messages:
            first.setdefault(message.id, message)
        return list(first.values())

    def types(self, session_id: str) -> list[str]:
        """What was reported about a review, without repetitions."""
        return [each.content["type"] for each in self.kept if each.session_id == session_id]

    async def received(self, count: int, limit_s: float = 10.0) -> list[Message]:
        """Wait for so many messages, repetitions too."""

        async def arrived() -> bool:
            return len(self.messages) >= count

        await until(arrived, f"{count} messages have not arrived: {self.messages}", limit_s)
        return self.messages

    def choose_fault(self) -> Fault | None:
        """How the next request is answered."""
        return self.faults.popleft() if self.faults else self.fault

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Verify and keep a message, then answer as the test wants."""
        body = await request.read()
        for secret in (SECRET, FORMER_SECRET):
            _verify(Webhook(secret), body, dict(request.headers))
        self.messages.append(Message(request.headers["webhook-id"], json.loads(body)))
        fault = self.choose_fault()
        if fault is Fault.STALL:
            await self.released.wait()
        if fault is Fault.DISCONNECT:
            assert request.transport is not None
            request.transport.abort()
        headers = {"Location": f"http://127.0.0.1:{self.port}/elsewhere"} if fault is Fault.REDIRECT else {}
        return web.Response(status=_STATUS.get(fault, 204) if fault else 204, headers=headers)


def _verify(webhook: Webhook, body: bytes, headers: dict[str, str]) -> None:
    """By the library; it accepts only the time of its own clock, so at a moved one its signature is compared."""
    timestamp = int({name.lower(): value for name, value in headers.items()}["webhook-timestamp"])
    if abs(time.time() - timestamp) < TOLERANCE_S:
        webhook.verify(body, headers)
        return
    lower = {name.lower(): value for name, value in headers.items()}
    signature = webhook.sign(lower["webhook-id"], datetime.fromtimestamp(timestamp, UTC), body.decode())
    assert signature in lower["webhook-signature"].split()


@asynccontextmanager
async def running_receiver(receiver: DecisionReceiver | None = None) -> AsyncIterator[DecisionReceiver]:
    """A receiver on a free port; given one that ran before, it is back on the same port."""
    receiver = receiver or DecisionReceiver()
    app = web.Application()
    app.router.add_post("/decisions", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", receiver.port, reuse_address=True).start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        receiver.released.set()
        await runner.cleanup()
