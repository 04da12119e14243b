"""The check that a webhook's raw bytes were signed by Ralio.

Ralio signs the complete payload with HMAC-SHA256 and sends the result in `X-Signature`
(https://doc.raliopay.com/webhooks-events/introduction). Whether it is written in hex or base64 is not documented,
so every plausible spelling of the same 32 bytes is accepted, unless one is pinned; that weakens nothing.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from enum import StrEnum

HEADER = "X-Signature"

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


def encoding_of(header: str | None) -> Encoding | None:
    """In which form the header is, whatever it was made with; None where it is in none."""
    value = _value(header)
    if _HEX.fullmatch(value):
        return Encoding.HEX
    return Encoding.BASE64 if _BASE64.fullmatch(value) else None


def signed_as(
    body: bytes, header: str | None, secrets: Iterable[str], encoding: Encoding = Encoding.ANY
) -> Encoding | None:
    """In which form the header is the body's MAC under one of the secrets; None where it is not. Never raises."""
    found = encoding_of(header)
    if found is None or encoding not in (Encoding.ANY, found):
        return None
    value = _value(header)
    claimed = bytes.fromhex(value) if found is Encoding.HEX else _from_base64(value)
    # Every secret is tried even after a match, so that the time tells nothing about which one it was.
    matches = [hmac.compare_digest(_mac(body, secret), claimed) for secret in secrets]
    return found if any(matches) else None


def _mac(body: bytes, secret: str) -> bytes:
    """The body's MAC; the secret may hold bytes that are not UTF-8, as the environment does."""
    return hmac.digest(secret.encode(errors="surrogateescape"), body, hashlib.sha256)


def _value(header: str | None) -> str:
    """What is left of the header without the name of the algorithm, which some senders put before it."""
    value = (header or "").strip()
    return value[7:] if value[:7].lower() == "sha256=" else value


def _from_base64(value: str) -> bytes:
    """The 32 bytes that 43 characters of either alphabet spell, padded or not; a second padding is ignored."""
    return base64.b64decode(value.translate(_URL_SAFE_TO_STANDARD) + "=")


_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")
