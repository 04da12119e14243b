"""The settings of the decision webhook: where it goes, and the secrets that sign it."""

import base64
import binascii
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, SecretStr

from bot.reviews.decision_update import DecisionSharing
from bot.settings.secret_types import OptionalSecret, OptionalSecrets

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64
"""Of a secret, as Standard Webhooks recommends (https://www.standardwebhooks.com)."""


def _require_standard(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """A secret in any other form would be read in different ways by different receivers."""
    for secret in secrets:
        text = secret.get_secret_value()
        try:
            size = len(base64.b64decode(text.removeprefix(PREFIX), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if not text.startswith(PREFIX) or not FEWEST_BYTES <= size <= MOST_BYTES:
            raise ValueError(
                f"must be {PREFIX} and the base64 of {FEWEST_BYTES} to {MOST_BYTES} random bytes, "
                f"for example {PREFIX}$(openssl rand -base64 32)"
            )
    return secrets


StandardSecrets = Annotated[OptionalSecrets, AfterValidator(_require_standard)]
"""Standard Webhooks secrets, separated by commas; each gives a signature."""


class DecisionWebhookSettings(BaseModel):
    """The optional decision webhook."""

    decision_webhook_url: OptionalSecret = SecretStr("")
    """Where decisions are sent; secret because it can hold credentials. Empty means nowhere."""

    decision_webhook_secret: StandardSecrets = ()
    """The secrets that sign what is sent."""

    decision_webhook_note: bool = False
    """Whether the reviewer's note is sent as well."""

    decision_webhook_allow_http: bool = False
    """Allow plain HTTP to any host: the network between must be private."""

    @property
    def decision_sharing(self) -> DecisionSharing:
        """What is sent to the decision webhook."""
        if not self.decision_webhook_url.get_secret_value():
            return DecisionSharing.NOTHING
        return DecisionSharing.WITH_NOTE if self.decision_webhook_note else DecisionSharing.WITHOUT_NOTE

    def decision_webhook_problems(self) -> list[str]:
        """What is wrong with the settings taken together, one line per problem; none shows the URL."""
        url = self.decision_webhook_url.get_secret_value()
        if not url:
            missing = "DECISION_WEBHOOK_URL: missing: DECISION_WEBHOOK_SECRET is set without it"
            return [missing] if self.decision_webhook_secret else []
        problem = _url_problem(url, allow_http=self.decision_webhook_allow_http)
        problems = [f"DECISION_WEBHOOK_URL: {problem}"] if problem else []
        if not self.decision_webhook_secret:
            problems.append("DECISION_WEBHOOK_SECRET: missing: DECISION_WEBHOOK_URL is set without it")
        return problems


def origin_of(url: SecretStr) -> str:
    """Scheme, host and port of an address: the part that can be shown."""
    parts = urlsplit(url.get_secret_value())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _url_problem(url: str, *, allow_http: bool) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or not url.isprintable() or " " in url:
        return "must be an address such as https://example.com/decisions"
    if parts.scheme == "http" and not allow_http and not _is_loopback(host):
        return (
            "must begin with https://; plain HTTP is for this machine, or set DECISION_WEBHOOK_ALLOW_HTTP=1 "
            "for a private network"
        )
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
