"""The check that a webhook's raw bytes were signed by Ralio.

Ralio signs the complete payload with HMAC-SHA256 and sends the result in `X-Signature`
(https://doc.raliopay.com/webhooks-events/introduction). Whether it is written in hex or base64 is not documented,
so every plausible spelling of the same 32 bytes is accepted, unless one is pinned; that weakens nothing. While secrets
are rotated, a sender can give several signatures, separated by commas; any of them may match.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

HEADER = "X-Signature"

MAX_CANDIDATES = 4
"""A request with more signatures is refused: none of them is tried."""

_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?", re.ASCII)


class Encoding(StrEnum):
    """How the MAC is written; ANY takes every plausible form."""

    HEX = "hex"
    BASE64 = "base64"
    ANY = "any"


def sign(body: bytes, secret: str, encoding: Encoding = Encoding.ANY) -> str:
    """The header's value: base64 where that is asked for, else 64 hex digits."""
    mac = _mac(body, secret)
    return base64.b64encode(mac).decode() if encoding is Encoding.BASE64 else mac.hex()


class Signature(NamedTuple):
    """One signature of the header: how it was written, and its 32 bytes."""

    encoding: Encoding
    mac: bytes


def signatures_in(header: str | None) -> list[Signature]:
    """The header's signatures that are written in a known form; none if there are more than four. Never raises."""
    return [found for value in _candidates(header) if (found := _read(value)) is not None]


def signed_as(
    body: bytes, signatures: Sequence[Signature], secrets: Iterable[str], encoding: Encoding = Encoding.ANY
) -> Encoding | None:
    """In which form one of the signatures is the body's MAC under one of the secrets; None where none is.

    Only signatures in this encoding count, unless it is ANY. Never raises.
    """
    claimed = [each for each in signatures if encoding in (Encoding.ANY, each.encoding)]
    if not claimed:
        return None
    # Everything is compared even after a match: the time must not reveal which one it was.
    macs = [_mac(body, secret) for secret in secrets]
    matches = [each.encoding for each in claimed for mac in macs if hmac.compare_digest(mac, each.mac)]
    return matches[0] if matches else None


def _candidates(header: str | None) -> list[str]:
    """The signatures without the name of the algorithm; empty elements don't count (RFC 9110 section 5.6.1)."""
    values = [_without_algorithm(found) for each in (header or "").split(",") if (found := each.strip())]
    return values if len(values) <= MAX_CANDIDATES else []


def _read(value: str) -> Signature | None:
    if _HEX.fullmatch(value):
        return Signature(Encoding.HEX, bytes.fromhex(value))
    return Signature(Encoding.BASE64, _from_base64(value)) if _BASE64.fullmatch(value) else None


def _mac(body: bytes, secret: str) -> bytes:
    """The body's MAC; the secret may hold bytes that are not UTF-8, as the environment does."""
    # hmac.digest would release the interpreter lock: getting it back can take a wait for the writer's thread.
    return hmac.new(secret.encode(errors="surrogateescape"), body, hashlib.sha256).digest()


def _without_algorithm(value: str) -> str:
    """What is left without the name of the algorithm, which some senders put before it."""
    return value[7:] if value[:7].lower() == "sha256=" else value


def _from_base64(value: str) -> bytes:
    """The 32 bytes that 43 characters of either alphabet spell, padded or not; a second padding is ignored."""
    return base64.b64decode(value.translate(_URL_SAFE_TO_STANDARD) + "=")


_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")
