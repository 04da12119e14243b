"""What `check` says about the outbound proxy: whether one is used, and whether it can be reached."""

import asyncio
import os
from urllib.parse import urlsplit

from bot.cli.check.line import CheckLine, failed, passed, warned
from bot.outbound import DEFAULT_PORT, OutboundProxy

CHECK = "proxy"
TIMEOUT_S = 5.0
OF_THE_ENVIRONMENT = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


async def proxy_line(proxy: OutboundProxy | None) -> CheckLine | None:
    """Connect to the proxy; None without one. The lines about Slack and Ralio show whether it lets calls through."""
    if proxy is None:
        if not (ignored := [name for name in OF_THE_ENVIRONMENT if os.environ.get(name)]):
            return None
        advice = "if calls need to go through a proxy, set OUTBOUND_PROXY"
        return warned(CHECK, f"{', '.join(ignored)} has no effect: calls go out directly", advice)
    parts = urlsplit(proxy.url)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or DEFAULT_PORT)
    except OSError:
        advice = "check OUTBOUND_PROXY, and that this machine can reach it"
        return failed(CHECK, f"{proxy.url} doesn't accept connections", advice)
    writer.close()
    return passed(CHECK, f"all calls go through {proxy.url}")
