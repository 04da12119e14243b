"""Answers that are always the same, which is nearly all of them: written as they are, made anew once a second.

aiohttp makes every answer's headers anew, which takes as long as it does to check, read and record a webhook.
"""

import time
from email.utils import formatdate

from aiohttp import HttpVersion11, web

from bot.web.limits import SERVER_NAME


class ConstantAnswer(web.Response):
    """200 and a body that never changes; one object answers any number of requests at once."""

    def __init__(self, body: bytes = b"", content_type: str | None = None) -> None:
        super().__init__(body=body, content_type=content_type)
        self._constant = body
        self._made_at = 0
        self._message = b""

    def to(self, request: web.BaseRequest) -> web.Response:
        """This answer, or an ordinary one of the same content for whoever speaks HTTP/1.0 or hangs up after it."""
        if request.version == HttpVersion11 and request.keep_alive:
            return self
        content_type = self.content_type if self._constant else None
        return web.Response(body=self._constant, content_type=content_type)

    @property
    def keep_alive(self) -> bool:
        """Always: see `to`."""
        return True

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write all of it; ConnectionError when there is nobody any more."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        transport.write(self._bytes_of(int(time.time())))
        await request.writer.drain()

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to be written."""

    def _bytes_of(self, second: int) -> bytes:
        """Head and body, with the second (since 1970) as their date."""
        if second != self._made_at:
            content_type = f"Content-Type: {self.content_type}\r\n" if self._constant else ""
            head = (
                f"HTTP/1.1 200 OK\r\n{content_type}Content-Length: {len(self._constant)}\r\n"
                f"Date: {formatdate(second, usegmt=True)}\r\nServer: {SERVER_NAME}\r\n\r\n"
            )
            self._made_at, self._message = second, head.encode() + self._constant
        return self._message
