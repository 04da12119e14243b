"""What `check` says about the address that the server listens on."""

import errno
import socket

import aiohttp

from bot.cli.check.line import CheckLine, failed, passed

CHECK = "listening"
TIMEOUT_S = 3.0


async def listening_line(host: str, port: int) -> CheckLine:
    """Bind the address as `serve` would, without accepting anything there."""
    where = f"{f'[{host}]' if ':' in host else host}:{port}"
    try:
        _bind(host, port)
    except socket.gaierror:
        return failed(
            CHECK, f"HOST: this machine can't resolve the host {host}", "set HOST to 0.0.0.0, 127.0.0.1 or ::"
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return await _in_use(host, port, where)
        if error.errno == errno.EACCES:
            advice = "set PORT to a number above 1023, or run the bot behind a proxy"
            return failed(CHECK, f"PORT: this user can't listen on {where}", advice)
        what = f"HOST: this machine can't listen on {host}: {error.strerror}"
        return failed(CHECK, what, "set HOST to 0.0.0.0, 127.0.0.1, :: or an address of this machine")
    return passed(CHECK, f"{where} is free")


def _bind(host: str, port: int) -> None:
    """Raise OSError unless the server could listen there."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)


async def _in_use(host: str, port: int, where: str) -> CheckLine:
    """Find out whether the bot itself listens there."""
    at = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"http://{at}:{port}/healthz") as answer,
        ):
            if answer.status == 200 and await answer.json() == {"ok": True}:  # noqa: PLR2004 - HTTP's OK
                return passed(CHECK, f"{where}: the bot is running there")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        pass
    return failed(CHECK, f"PORT: another program listens on {where}", "stop it, or set another PORT")
