"""The check that a request's raw bytes were signed by Slack, just now.

`v0=` and the hex HMAC-SHA256 of `v0:{timestamp}:{raw body}`
(https://docs.slack.dev/authentication/verifying-requests-from-slack). slack_sdk's own verifier raises on hostile
headers; this one answers no.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

TIMESTAMP_HEADER = "X-Slack-Request-Timestamp"
SIGNATURE_HEADER = "X-Slack-Signature"
WINDOW_S = 300

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


def sign(body: bytes, timestamp: str, secret: str) -> str:
    """The signature header's value."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.digest(secret.encode(errors="surrogateescape"), base, hashlib.sha256).hex()


def is_signed(
    body: bytes, timestamp: str | None, signature: str | None, secrets: Iterable[str], now_s: float
) -> bool:
    """Whether Slack signed these bytes within the last (or next) 300 seconds; never raises."""
    if timestamp is None or signature is None or not is_well_formed(timestamp, signature, now_s):
        return False
    matches = [hmac.compare_digest(sign(body, timestamp, secret), signature) for secret in secrets]
    return any(matches)


def is_well_formed(timestamp: str | None, signature: str | None, now_s: float) -> bool:
    """Whether the headers could be Slack's, so it is worth reading the body; never raises."""
    if timestamp is None or signature is None:
        return False
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    return abs(now_s - int(timestamp)) <= WINDOW_S
