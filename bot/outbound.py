"""Calls to other systems: every HTTP session for them is opened here, through OUTBOUND_PROXY where that is set.

Proxies that the environment names (HTTPS_PROXY and its kind) are ignored: they are often meant for something else.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp

AUTHORIZATION = "Proxy-Authorization"
DEFAULT_PORT = 80

CANNOT_CONNECT_TO_PROXY = "cannot_connect_to_proxy"
REFUSED_BY_PROXY = "proxy_http_"
"""Followed by the status."""


@dataclass(frozen=True, slots=True)
class OutboundProxy:
    """An HTTP proxy. Its credentials are kept apart from the address, which libraries print in their errors."""

    url: str
    authorization: str = field(default="", repr=False)
    """The value of the header Proxy-Authorization, empty without credentials."""

    @classmethod
    def parse(cls, url: str) -> "OutboundProxy":
        """Read `http://[user:password@]host:port`; ValueError says what is wrong, without repeating it."""
        problem = (
            "must be an address such as http://proxy.example.com:3128; "
            "percent-encode special characters in the user name and password"
        )
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError(problem) from None
        rest = parts.path.strip("/") or parts.query or parts.fragment
        if not host or parts.scheme != "http" or rest or " " in url:
            raise ValueError(problem)
        credentials, at, place = parts.netloc.rpartition("@")
        if not at:
            return cls(f"http://{place}")
        user, _, password = credentials.partition(":")
        pair = f"{unquote(user)}:{unquote(password)}".encode()
        return cls(f"http://{place}", f"Basic {b64encode(pair).decode()}")


def outbound_session(proxy: OutboundProxy | None, limit_s: float, **options: Any) -> aiohttp.ClientSession:  # noqa: ANN401 - aiohttp's
    """Open a session in which a call takes at most `limit_s` seconds; `options` are aiohttp's own."""
    if proxy is not None:
        options["proxy"] = proxy.url
    if proxy is not None and proxy.authorization:
        options["middlewares"] = (_sign_in(proxy.authorization),)
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit_s), trust_env=False, **options)


def not_sent(error: Exception) -> str | None:
    """Return a word for an error that shows that the request was not sent, or None for any other error."""
    match error:
        case aiohttp.ClientProxyConnectionError():
            return CANNOT_CONNECT_TO_PROXY
        case aiohttp.ClientHttpProxyError():
            return f"{REFUSED_BY_PROXY}{error.status}"
        case aiohttp.ClientConnectorError():
            return "cannot_connect"
        case _:
            return None


def proxy_advice(word: str) -> str:
    """Return what to do about an error of `not_sent` if it is the proxy's, or an empty text."""
    if word == CANNOT_CONNECT_TO_PROXY:
        return "check OUTBOUND_PROXY, and that this machine can reach it"
    if not word.startswith(REFUSED_BY_PROXY):
        return ""
    match word.removeprefix(REFUSED_BY_PROXY):
        case "407":
            return "put the user name and password that the proxy accepts into OUTBOUND_PROXY"
        case "502" | "503" | "504":
            return "the proxy can't reach this address: check the address, and the proxy in OUTBOUND_PROXY"
        case _:
            return "let the proxy in OUTBOUND_PROXY pass calls to this address"


def _sign_in(authorization: str) -> aiohttp.ClientMiddlewareType:
    """Add the proxy's credentials: to the CONNECT of an HTTPS call, to a plain call itself."""

    async def sign_in(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if request.is_ssl():
            request.update_proxy(request.proxy, None, {AUTHORIZATION: authorization})
        else:
            request.headers[AUTHORIZATION] = authorization
        return await handler(request)

    return sign_in
