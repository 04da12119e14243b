"""`response_url`: with it the bot can answer an interaction up to five times within half an hour."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_LIFE_S = 1800.0
_USES = 5
_KEPT = 5_000


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer belongs: channel, person, and the message that was acted on, if any."""

    channel: str
    user: str
    message_ts: str | None
    issued_s: float
    uses: int = 0


class ResponseUrls:
    """Issues the secret part of response URLs and finds what it was issued for."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._issued: OrderedDict[str, ResponseUrl] = OrderedDict()

    def issue(self, channel: str, user: str, message_ts: str | None) -> str:
        """Return the secret part of a new response URL."""
        token = secrets.token_urlsafe(18)
        self._issued[token] = ResponseUrl(channel, user, message_ts, self._now_s())
        while len(self._issued) > _KEPT:
            self._issued.popitem(last=False)
        return token

    def use(self, token: str) -> ResponseUrl | None:
        """Count a use; None when the URL is unknown, too old or used up."""
        url = self._issued.get(token)
        if url is None or url.uses >= _USES or self._now_s() - url.issued_s > _LIFE_S:
            return None
        url.uses += 1
        return url
