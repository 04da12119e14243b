"""Reading a request body within limits of size, time and the memory of all bodies together."""

import asyncio

from aiohttp import web

from bot.web.connections import Connection

READ_LIMIT_S = 10.0
SMALL_BODY_BYTES = 65_536
SMALL_BODY_LIMIT_S = 2.0
"""Bodies from Ralio and Slack are a few kilobytes; a sender who needs longer for them is broken or hostile."""


class BodyTooLarge(Exception):
    """The body is larger than allowed."""


class BodyTooSlow(Exception):
    """The body did not arrive in time, the connection broke, or memory was needed for faster bodies."""


async def read_body(
    request: web.BaseRequest,
    limit_bytes: int,
    limit_s: float = READ_LIMIT_S,
    small_limit_s: float = SMALL_BODY_LIMIT_S,
) -> bytes:
    """Return the raw bytes of the body; up to 64 KiB must arrive within `small_limit_s`.

    Raises BodyTooLarge, or BodyTooSlow; after BodyTooSlow the connection closes behind the answer.
    """
    if (request.content_length or 0) > limit_bytes:
        raise BodyTooLarge
    if request.content.is_eof() and request.content.exception() is None:
        # Nearly every body arrives together with its headers: there is nothing to wait for.
        body = request.content.read_nowait()
        if len(body) > limit_bytes:
            raise BodyTooLarge
        _keep_charged(request, len(body))
        return body
    try:
        body = await _arriving(request, limit_bytes, limit_s, small_limit_s)
    except (TimeoutError, OSError, web.RequestPayloadError, web.PayloadAccessError) as error:
        _forget(request)
        request.protocol.close()
        raise BodyTooSlow from error
    except BaseException:
        _forget(request)
        raise
    _keep_charged(request, len(body))
    return body


async def _arriving(
    request: web.BaseRequest, limit_bytes: int, limit_s: float, small_limit_s: float
) -> bytes:
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    is_small = (request.content_length or 0) <= SMALL_BODY_BYTES
    protocol = request.protocol
    connection = protocol if isinstance(protocol, Connection) else None
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(min(small_limit_s, limit_s) if is_small else limit_s) as deadline:
        if connection is not None:
            connection.bodies.start(connection, began_at, deadline)
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > limit_bytes:
                raise BodyTooLarge
            if is_small and size > SMALL_BODY_BYTES:  # chunked, and not small after all
                is_small = False
                deadline.reschedule(began_at + limit_s)
            chunks.append(chunk)
            if connection is not None:
                connection.bodies.add(connection, len(chunk), loop.time())
    return b"".join(chunks)


def _keep_charged(request: web.BaseRequest, size: int) -> None:
    """Count a whole body until its request is answered."""
    connection = request.protocol
    if size and isinstance(connection, Connection):
        connection.bodies.complete(connection, size)


def _forget(request: web.BaseRequest) -> None:
    connection = request.protocol
    if isinstance(connection, Connection):
        connection.bodies.release(connection)
