"""The check that a webhook's raw bytes were signed by Ralio.

Ralio signs the complete payload with HMAC-SHA256 and sends the result in `X-Signature`
(https://doc.raliopay.com/webhooks-events/introduction). Whether it is written in hex or base64 is not documented,
so every plausible spelling of the same 32 bytes is accepted; that weakens nothing.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

HEADER = "X-Signature"

_DIGEST_BYTES = hashlib.sha256().digest_size
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?", re.ASCII)


def sign(body: bytes, secret: str) -> str:
    """The header's value as 64 hex digits."""
    return hmac.new(_key(secret), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, header: str | None, secrets: Iterable[str]) -> bool:
    """Whether the header is the body's MAC under one of the secrets; never raises, whatever the header holds."""
    claimed = _decode(header or "")
    if claimed is None:
        return False
    # Every secret is tried even after a match, so that the time tells nothing about which one it was.
    matches = [
        hmac.compare_digest(hmac.new(_key(secret), body, hashlib.sha256).digest(), claimed)
        for secret in secrets
    ]
    return any(matches)


def _key(secret: str) -> bytes:
    """The secret's bytes, also where the environment held some that are not UTF-8."""
    return secret.encode(errors="surrogateescape")


def _decode(header: str) -> bytes | None:
    """The 32 bytes that the header spells, or None."""
    value = header.strip()
    if value[:7].lower() == "sha256=":
        value = value[7:]
    if _HEX.fullmatch(value):
        return bytes.fromhex(value)
    if not _BASE64.fullmatch(value):
        return None
    padded = value.rstrip("=") + "="
    try:
        decoded = base64.b64decode(padded.translate(_URL_SAFE_TO_STANDARD), validate=True)
    except binascii.Error:
        return None
    return decoded if len(decoded) == _DIGEST_BYTES else None


_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")
