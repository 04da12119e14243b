"""Slack's rate limits as token buckets: a burst at once, then a steady pace."""

import math
import time
from collections.abc import Callable

_UPDATE_PER_MINUTE = 50
_UPDATE_BURST = 60
_TIER_PER_MINUTE = {
    "auth.test": 600,
    "blocks.validate": 600,
    "bots.info": 50,
    "chat.delete": 50,
    "chat.getPermalink": 600,
    "chat.postEphemeral": 100,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.members": 100,
    "conversations.open": 50,
    "conversations.replies": 50,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}
_UNLISTED_PER_MINUTE = 50


class TokenBucket:
    """Holds up to `burst` tokens and gains `per_second` of them."""

    def __init__(self, burst: float, per_second: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._burst = max(1.0, burst)
        self._per_second = per_second
        self._now_s = now_s
        self._tokens = self._burst
        self._counted_s = now_s()

    def take(self) -> float:
        """Take one token and return 0, or return the seconds until there is one."""
        now_s = self._now_s()
        self._tokens = min(self._burst, self._tokens + (now_s - self._counted_s) * self._per_second)
        self._counted_s = now_s
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._per_second


class Pace:
    """One bucket per channel for new messages, one per method for the rest."""

    def __init__(
        self, posts_per_second: float, burst: int, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._posts_per_second = posts_per_second
        self._burst = burst
        self._now_s = now_s
        self._buckets: dict[tuple[str, str], TokenBucket] = {}

    def retry_after_s(self, method: str, channel: str) -> int:
        """Count a call; return 0 when it may pass, else whole seconds to wait, at least 1."""
        key = (method, channel if method == "chat.postMessage" else "")
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = self._new_bucket(method)
        return math.ceil(bucket.take())

    def _new_bucket(self, method: str) -> TokenBucket:
        if method == "chat.postMessage":
            return TokenBucket(self._burst, self._posts_per_second, self._now_s)
        if method == "chat.update":
            return self._tier_bucket(_UPDATE_BURST, _UPDATE_PER_MINUTE)
        per_minute = _TIER_PER_MINUTE.get(method, _UNLISTED_PER_MINUTE)
        return self._tier_bucket(per_minute, per_minute)

    def _tier_bucket(self, burst: float, per_minute: float) -> TokenBucket:
        return TokenBucket(burst, per_minute / 60 * self._posts_per_second, self._now_s)
