"""An HTTP proxy that alone knows where made-up hosts are: what reaches them has gone through it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

UNAUTHORIZED = 407
NOT_ALLOWED = 403


@dataclass(slots=True)
class Proxy:
    """Takes calls to `hosts` (their real ports by name), only with `authorization` if that is given.

    Calls are passed on, or tunnelled (CONNECT) to the hosts in `tunnels`.
    """

    hosts: Mapping[str, int]
    authorization: str = ""
    port: int = 0
    tunnels: Mapping[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Method and host of each call."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def called(self) -> set[str]:
        """The hosts that were asked for."""
        return {host for _, host in self.calls}

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one call and close the connection afterwards."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        try:
            with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
                await self._take(reader, writer)
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        host = target.rpartition(":")[0] if method == "CONNECT" else urlsplit(target).hostname or ""
        self.calls.append((method, host))
        if self.authorization and headers.get("proxy-authorization") != self.authorization:
            await _refuse(writer, UNAUTHORIZED)
        elif method == "CONNECT" and host in self.tunnels:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await self._pass_on(self.tunnels[host], b"", reader, writer)
        elif host not in self.hosts or method == "CONNECT":
            await _refuse(writer, NOT_ALLOWED)
        else:
            path = target.split(host, 1)[1].partition("/")[2]
            kept = [line for line in lines if not line.lower().startswith(("proxy-", "connection:", "host:"))]
            # The local Slack answers only under an address of this machine.
            added = [f"Host: 127.0.0.1:{self.hosts[host]}", "Connection: close", "", ""]
            request = "\r\n".join([f"{method} /{path} HTTP/1.1", *kept, *added])
            await self._pass_on(self.hosts[host], request.encode("latin-1"), reader, writer)

    async def _pass_on(
        self, port: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        answers, onward = await asyncio.open_connection("127.0.0.1", port)
        onward.write(head)
        ways = [asyncio.create_task(_copy(*way)) for way in ((reader, onward), (answers, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            onward.close()  # before anything is awaited, which another cancellation would end
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()


async def _refuse(writer: asyncio.StreamWriter, status: int) -> None:
    writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()


@asynccontextmanager
async def running_proxy(
    hosts: Mapping[str, int], authorization: str = "", tunnels: Mapping[str, int] | None = None
) -> AsyncIterator[Proxy]:
    """A proxy on a free port."""
    proxy = Proxy(hosts, authorization, tunnels=tunnels or {})
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    async with server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy
        for task in list(proxy.tasks):
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)
