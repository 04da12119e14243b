"""The check that a webhook's raw bytes were signed by Ralio.

Ralio signs the complete payload with HMAC-SHA256 and sends the result in `X-Signature`
(https://doc.raliopay.com/webhooks-events/introduction). Whether it is written in hex or base64 is not documented,
so every plausible spelling of the same 32 bytes is accepted, unless one is pinned; that weakens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from enum import StrEnum

HEADER = "X-Signature"

_DIGEST_BYTES = hashlib.sha256().digest_size
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?", re.ASCII)


class Encoding(StrEnum):
    """How the MAC is written; ANY takes every plausible form."""

    HEX = "hex"
    BASE64 = "base64"
    ANY = "any"


def sign(body: bytes, secret: str, encoding: Encoding = Encoding.ANY) -> str:
    """The header's value: base64 where that is asked for, else 64 hex digits."""
    mac = hmac.digest(_key(secret), body, "sha256")
    return base64.b64encode(mac).decode() if encoding is Encoding.BASE64 else mac.hex()


def encoding_of(header: str | None) -> Encoding | None:
    """In which form the header is, whatever it was made with; None where it is in none."""
    value = _value(header)
    if _HEX.fullmatch(value):
        return Encoding.HEX
    return Encoding.BASE64 if _BASE64.fullmatch(value) else None


def is_signed(
    body: bytes, header: str | None, secrets: Iterable[str], encoding: Encoding = Encoding.ANY
) -> bool:
    """Whether the header is the body's MAC under one of the secrets; never raises, whatever the header holds."""
    found = encoding_of(header)
    if found is None or encoding not in (Encoding.ANY, found):
        return False
    claimed = bytes.fromhex(_value(header)) if found is Encoding.HEX else _from_base64(_value(header))
    if claimed is None:
        return False
    # Every secret is tried even after a match, so that the time tells nothing about which one it was.
    matches = [hmac.compare_digest(hmac.digest(_key(secret), body, "sha256"), claimed) for secret in secrets]
    return any(matches)


def _key(secret: str) -> bytes:
    """The secret's bytes, also where the environment held some that are not UTF-8."""
    return secret.encode(errors="surrogateescape")


def _value(header: str | None) -> str:
    """What is left of the header without the name of the algorithm, which some senders put before it."""
    value = (header or "").strip()
    return value[7:] if value[:7].lower() == "sha256=" else value


def _from_base64(value: str) -> bytes | None:
    """The 32 bytes that either alphabet spells, padded or not; None where they are others."""
    padded = value.rstrip("=") + "="
    try:
        decoded = base64.b64decode(padded.translate(_URL_SAFE_TO_STANDARD), validate=True)
    except binascii.Error:
        return None
    return decoded if len(decoded) == _DIGEST_BYTES else None


_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")
