"""The signatures that Slack and Ralio put on their requests, written independently of the bot's checks."""

import hashlib
import hmac
import time


def _hex_mac(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def slack_headers(signing_secret: str, body: bytes, at_s: int | None = None) -> dict[str, str]:
    """Return the headers with which Slack signs a request; `at_s` is unix time, now by default."""
    timestamp = str(int(time.time()) if at_s is None else at_s)
    signature = "v0=" + _hex_mac(signing_secret, b"v0:" + timestamp.encode() + b":" + body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def ralio_headers(webhook_secret: str, body: bytes) -> dict[str, str]:
    """Return the header with which Ralio signs a webhook."""
    return {"X-Signature": _hex_mac(webhook_secret, body)}
