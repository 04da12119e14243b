"""The load generator: which end of a connection ends the measurement, and which does not."""

import asyncio
from unittest.mock import Mock

from tests.benchmarks.load import Answers, _Connection, _OpenLoop

REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


async def test_the_server_may_hang_up_on_an_idle_connection_only() -> None:
    """As many a server does after some seconds; with one in use a request is lost."""
    loop = _OpenLoop([REQUEST] * 2)
    idle, used = (_Connection(Answers(), loop) for _ in range(2))
    for connection in (idle, used):
        connection.connection_made(Mock(spec=asyncio.Transport))
    loop.begin([idle, used])
    loop.request_is_due(REQUEST, 0.0)
    idle.connection_lost(None)
    assert not idle.closed.done()
    used.connection_lost(None)
    assert used.closed.done()
