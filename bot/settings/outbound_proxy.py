"""The setting of the outbound proxy."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, SecretStr

from bot.outbound import OutboundProxy
from bot.settings.secret_types import OptionalSecret


def _require_proxy(url: SecretStr) -> SecretStr:
    if text := url.get_secret_value():
        OutboundProxy.parse(text)
    return url


class OutboundProxySettings(BaseModel):
    """The optional proxy."""

    outbound_proxy: Annotated[OptionalSecret, AfterValidator(_require_proxy)] = SecretStr("")
    """The HTTP proxy for all calls to other systems; secret because it can hold credentials. Empty means none."""

    @property
    def proxy(self) -> OutboundProxy | None:
        """The proxy for calls to other systems; None if they go out directly."""
        url = self.outbound_proxy.get_secret_value()
        return OutboundProxy.parse(url) if url else None
