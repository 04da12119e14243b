"""The record of everything that was done or refused: one entry per change or refusal, sealed into a chain.

The seal of a stored entry covers its canonical form, which contains the seals of two earlier entries: the one before
it in the whole record, and the one before it in the same session. To change, remove, insert or move an entry, all
later seals must be recomputed, which only the owner of the key can do.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.reviews.review import Status

RALIO = "ralio"
"""The actor of what Ralio's events cause; people are Slack user ids."""

OVERDUE, REMIND = "overdue", "remind"
"""What the bot itself records, besides the actions of people."""
DEADLINE = "deadline"
"""Which deadline passed, in the detail of an overdue entry: a timer's kind. Entries of older versions lack it."""
FETCH_CHECKS = "fetch_checks"
"""Ralio's API reported checks; it moves no status, and the card shows the checks themselves."""
CHECKS_CHANGED = "checks_changed"
"""Why the bot withdrew a proposal, in the detail of its entry."""
HOLDER_DEACTIVATED = "holder_deactivated"
"""Why the bot released a claim, in the detail of its entry; otherwise there was no activity."""
DATE_CAME = "date_came"
"""Why the bot ended a snooze, in the detail of its entry; otherwise that has the action that ended it."""

BOT, OPERATOR = "bot", "operator"
"""The actors of what the bot does by itself, and of commands that were run without a name."""

PURGE, HOLD, LIFT_HOLD, BEGIN_CHAIN, CHANGE_KEY = "purge", "hold", "lift_hold", "begin_chain", "change_key"
"""What happens to the record itself; everything else in it happened to a review."""

DISCARD_EVENT, DISCARD_DELIVERY = "discard_event", "discard_delivery"
"""An operator gave up a quarantined event, which no review is known for, or a held delivery."""
RECORD_NAME = "record_name"
"""What its actor, a person, is called in Slack from now on: the text `name` in its detail."""
OS_USER = "os_user"
"""Where the detail of an operator's entry holds the operating-system user who ran the command."""

PLAIN = "sha256"
"""The maker of seals without a key: they reveal faults and careless changes, not forgery."""

UNKEYED = "unkeyed: proves nothing against someone who can write the database"
"""What plain hashes are worth, in the words of every command."""

FORM = "review-audit-1"
FIELDS = (
    *(
        "id",
        "session_id",
        "sequence",
        "at",
        "actor",
        "action",
        "from_status",
        "to_status",
        "version",
        "refused",
    ),
    "detail",
)


_columns = itemgetter(*FIELDS)
_read_json = json.JSONDecoder().raw_decode
_canonical_text = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


_NO_DETAIL: Mapping[str, str] = MappingProxyType({})


class AuditEntry(NamedTuple):
    """Who did what when, from which state to which; `refused` holds the reason where it was not allowed."""

    at: int
    actor: str
    action: str
    from_status: Status | None
    to_status: Status | None
    version: int
    refused: str | None = None
    detail: Mapping[str, str] = _NO_DETAIL


class SealedEntry(NamedTuple):
    """An entry as it is stored: the columns that FIELDS names, in their order, the row id of its review, and its seal.

    In a database that was changed they can hold anything.
    """

    id: Any
    session_id: Any
    sequence: Any
    at: Any
    actor: Any
    action: Any
    from_status: Any
    to_status: Any
    version: Any
    refused: Any
    detail: Any
    review_id: Any
    seal: Any


def by_operator(detail: Mapping[str, str], os_user: str) -> dict[str, str]:
    """The detail of an operator's entry; an empty `os_user` means that it is not known."""
    return {**detail, OS_USER: os_user} if os_user else dict(detail)


def canonical(row: Mapping[str, Any], previous: str, previous_of_session: str) -> bytes:
    """Return the bytes that the seal of a stored entry covers. TypeError for a value that no entry holds.

    It is a JSON array in ASCII without spaces: the name of this form, the seal of entry `id - 1`, the seal of the
    session's entry `sequence - 1` (an empty text where there is none), then the columns that FIELDS names, each as it
    is stored: numbers, texts and null. `detail` is its stored text, so even a space in it counts.
    """
    return canonical_of(_columns(row), previous, previous_of_session)


def canonical_of(columns: Sequence[Any], previous: str, previous_of_session: object) -> bytes:
    """Return the same of the columns that FIELDS names, in their order."""
    return _canonical_text((FORM, previous, previous_of_session, *columns)).encode()


def read_detail(text: str) -> dict[str, str]:
    """Return the detail of a stored entry; damaged text is shown as it is."""
    try:
        detail, end = _read_json(text)
        return detail if end == len(text) and isinstance(detail, dict) else dict(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return {"unreadable": text}


class Keys:
    """Makes and checks seals, which look like `maker:digest`, both in hexadecimal digits.

    The maker is a key's fingerprint and the digest HMAC-SHA256; without a key it is `sha256` for both. The key that the
    record ends with makes its seals, until it is rotated to the first one; all others only check.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._keys = {
            _fingerprint(secret): hmac.new(secret.encode(), digestmod=hashlib.sha256) for secret in secrets
        }
        self.maker = next(iter(self._keys), PLAIN)

    def seal(self, content: bytes, maker: str | None = None) -> str:
        """The seal of a known maker, or else of the first key, over a canonical form."""
        maker = maker or self.maker
        return f"{maker}:{self._digest(maker, content)}"

    def misfit(self, seal: str) -> str | None:
        """Why nothing can be appended to a record that ends with this seal, and what to do; None if it can."""
        maker = maker_of(seal)
        if maker in ("", self.maker) or maker in self._keys:
            return None
        if maker == PLAIN:
            return (
                "AUDIT_KEY: the record is not sealed with a key. If it never was, run 'python -m bot audit rotate-key "
                "--adopt'; if it was, someone recreated it without the key"
            )
        if self.maker == PLAIN:
            return f"the record is sealed with the key {maker}, but AUDIT_KEY is not set: set it to that key"
        return (
            f"AUDIT_KEY: the record is sealed with the key {maker}, which is not among those given: check for a typo, "
            "and keep the old key behind a new one"
        )

    def fits(self, content: bytes, seal: str) -> bool:
        """Whether the seal was made over this; false also for a maker that is not known."""
        maker, _, digest = seal.partition(":")
        if not self.know(maker):
            return False
        return digest.isascii() and hmac.compare_digest(self._digest(maker, content), digest)

    def know(self, maker: str) -> bool:
        """Whether its seals can be checked."""
        return maker == PLAIN or maker in self._keys

    def _digest(self, maker: str, content: bytes) -> str:
        if maker == PLAIN:
            return hashlib.sha256(content).hexdigest()
        seal = self._keys[maker].copy()
        seal.update(content)
        return seal.hexdigest()


def maker_of(seal: str) -> str:
    """The fingerprint of the key that a seal says it was made with, `sha256` for none."""
    return seal.partition(":")[0]


def approval(number: int, new_maker: str, previous: str) -> bytes:
    """What the former key seals to approve of the rotation in entry `number`, behind the entry with seal `previous`."""
    return f"rotate {number} {new_maker} {previous}".encode()


def purge_digest(digest: "hashlib._Hash", first: int, last: int, last_seal: str) -> None:
    """Add one range of purged entries to the digest in the detail of the purge's own entry."""
    digest.update(f"{first}-{last} {last_seal}\n".encode())


def _fingerprint(secret: str) -> str:
    return hmac.digest(secret.encode(), b"the name of this key", hashlib.sha256).hex()[:8]
