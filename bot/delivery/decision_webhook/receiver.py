"""The receiver of the decision webhook: one signed POST per call, which ends in an Answer and never in an exception."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr

from bot.delivery.decision_webhook.message import signed_headers
from bot.outbound import OutboundProxy, not_sent, outbound_session
from bot.retry_after import retry_after_s

CALL_LIMIT_S = 10.0

_TOO_EARLY, _TOO_MANY, _GONE, _UNAVAILABLE = 425, 429, 410, 503
_SUCCESS, _SERVER_ERROR = range(200, 300), range(500, 600)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: the status, None if there was no answer; `error` is a word for the log and the operator.

    `retry_after_s` is how long the receiver asks the bot to wait.
    """

    status: int | None
    error: str
    retry_after_s: float = 0.0

    @property
    def is_received(self) -> bool:
        """Whether the receiver has the message."""
        return self.status in _SUCCESS

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it no longer wants any message (410)."""
        return self.status == _GONE

    @property
    def is_away(self) -> bool:
        """Whether the receiver itself has trouble, not with this message alone."""
        return self.status is None or self.status in _SERVER_ERROR or self.status in (_TOO_EARLY, _TOO_MANY)


class Receiver:
    """Sends to one address, signed with every secret."""

    def __init__(self, session: aiohttp.ClientSession, url: SecretStr, secrets: Sequence[SecretStr]) -> None:
        self._session = session
        self._url = url
        self._secrets = secrets

    async def send(self, message: str, body: bytes, now: int) -> Answer:
        """Send a body under the message's id at `now` (milliseconds). The body of the answer is not read."""
        secrets = [secret.get_secret_value() for secret in self._secrets]
        headers = signed_headers(message, body, secrets, now) | {"Content-Type": "application/json"}
        try:
            async with self._session.post(
                self._url.get_secret_value(), data=body, headers=headers, allow_redirects=False
            ) as response:
                return Answer(response.status, f"http_{response.status}", _retry_after_s(response))
        except Exception as error:  # noqa: BLE001 - every end of a call is classified here
            return Answer(None, _reason(error))


def _reason(error: Exception) -> str:
    """A word for why there was no answer; an error's own text can show the address."""
    match error:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "tls"
        case aiohttp.ClientError():
            return not_sent(error) or "disconnected"
        case _:
            return type(error).__name__


def _retry_after_s(response: aiohttp.ClientResponse) -> float:
    if response.status not in (_TOO_MANY, _UNAVAILABLE):
        return 0.0
    return retry_after_s(response.headers)


@asynccontextmanager
async def open_receiver(
    url: SecretStr,
    secrets: Sequence[SecretStr],
    limit_s: float = CALL_LIMIT_S,
    proxy: OutboundProxy | None = None,
) -> AsyncIterator[Receiver]:
    """The receiver over a session of its own: no cookies, 10 s per call."""
    async with outbound_session(
        proxy,
        limit_s,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"User-Agent": "ralio-review-bot"},
    ) as session:
        yield Receiver(session, url, secrets)
