"""Trigger ids: a person's act allows the bot to open one modal within three seconds."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.demo.records import TEAM_ID
from bot.demo.web_api.errors import SlackError

TRIGGER_LIFE_S = 3.0
_KEPT = 5_000


@dataclass(slots=True)
class _Trigger:
    user: str
    issued_s: float
    used: bool = False


class Triggers:
    """Issues trigger ids and redeems each of them once."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._issued: OrderedDict[str, _Trigger] = OrderedDict()

    def issue(self, user: str) -> str:
        """Return a fresh trigger id for an act of `user`."""
        trigger_id = f"{secrets.randbelow(10**11)}.{TEAM_ID}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = _Trigger(user, self._now_s())
        while len(self._issued) > _KEPT:
            self._issued.popitem(last=False)
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """Return the user who acted; SlackError when the id is unknown, used or older than three seconds."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now_s() - trigger.issued_s > TRIGGER_LIFE_S:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user
