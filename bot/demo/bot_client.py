"""Sends the bot what Slack and Ralio send it: signed requests over HTTP."""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from bot.demo.config import SimulatorConfig
from bot.demo.records import Json
from bot.demo.signing import ralio_headers, slack_headers

SLACK_TIMEOUT_S = 3.0
RALIO_TIMEOUT_S = 60.0
_FORM = "application/x-www-form-urlencoded"
_SLACK_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """How the bot answered; without an answer `status` is None and `error` is `timeout` or `unreachable`."""

    status: int | None
    body: str
    seconds: float
    error: str | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether Slack takes it as an acknowledgement: 200 and nothing else."""
        return self.status == _HTTP_OK

    def body_json(self) -> object:
        """Return the body as JSON where it is JSON, as text otherwise."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body

    def as_json(self) -> Json:
        """Return it as the control API shows it."""
        shown: Json = {"status": self.status, "body": self.body_json(), "seconds": round(self.seconds, 4)}
        return shown if self.error is None else {**shown, "error": self.error}


class BotClient:
    """Signs and sends; `url` may change while the simulator runs."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.url = config.bot_url
        self._config = config
        self._session: aiohttp.ClientSession | None = None

    async def interaction(self, payload: Json, copies: int = 1) -> BotAnswer:
        """Send a button's, menu's or modal's payload; `copies` of it at once, as on a broken line."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        return await self._from_slack("/slack/interactions", body, _FORM, copies)

    async def event(self, payload: Json) -> BotAnswer:
        """Send an event of the Events API."""
        return await self._from_slack("/slack/events", json.dumps(payload).encode(), "application/json")

    async def command(self, form: dict[str, str], copies: int = 1) -> BotAnswer:
        """Send a slash command; `copies` as for `interaction`."""
        return await self._from_slack("/slack/commands", urlencode(form).encode(), _FORM, copies)

    async def webhook(self, body: bytes) -> BotAnswer:
        """Send a webhook of Ralio."""
        headers = {**ralio_headers(self._config.webhook_secret, body), "Content-Type": "application/json"}
        return await self._send("/webhooks/ralio", body, headers, RALIO_TIMEOUT_S)

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()

    async def _from_slack(self, path: str, body: bytes, content_type: str, copies: int = 1) -> BotAnswer:
        headers = slack_headers(self._config.signing_secret, body, self._config.time() // 1000)
        headers |= {"Content-Type": content_type, "User-Agent": _SLACK_AGENT}
        sent = (self._send(path, body, headers, SLACK_TIMEOUT_S) for _ in range(copies))
        first, *_ = await asyncio.gather(*sent)
        return first

    async def _send(self, path: str, body: bytes, headers: dict[str, str], timeout_s: float) -> BotAnswer:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector)
        started_s = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                url = self.url.rstrip("/") + path
                async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as got:
                    text = await got.text(errors="replace")
                    return BotAnswer(got.status, text, time.monotonic() - started_s)
        except TimeoutError:
            return BotAnswer(None, "", time.monotonic() - started_s, "timeout")
        except (aiohttp.ClientError, ValueError):
            return BotAnswer(None, "", time.monotonic() - started_s, "unreachable")
