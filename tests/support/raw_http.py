"""Bytes on a socket: for what no HTTP client would send, and for exactly what comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

CLOSED_WITHIN_S = 15.0
SILENCE_S = 0.2


@dataclass(frozen=True, slots=True)
class Wire:
    """One connection to a server on this machine."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send as they are; whatever the other side has closed takes them, too."""
        self.writer.write(data)

    async def answer(self) -> "Answer":
        """The next answer; AssertionError where the connection ends before."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise AssertionError("closed without an answer") from error
        lines = head.decode("latin-1").split("\r\n")
        fields = [line.split(": ", 1) for line in lines[1:] if line]
        headers = {name.lower(): value for name, value in fields}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    async def everything(self) -> bytes:
        """All that comes until the other side closes, or is silent for a moment."""
        received = b""
        try:
            while chunk := await asyncio.wait_for(self.reader.read(65_536), SILENCE_S):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
        return received

    async def is_closed(self, limit_s: float = CLOSED_WITHIN_S) -> bool:
        """Whether the other side ends it within this time; what it still sends is thrown away."""
        try:
            async with asyncio.timeout(limit_s):
                while await self.reader.read(65_536):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the headers' names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    """A connection, closed at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
