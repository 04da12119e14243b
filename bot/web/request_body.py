"""Reading a request body within limits of size and time."""

import asyncio

from aiohttp import web

READ_LIMIT_S = 10.0


class BodyTooLarge(Exception):
    """The body is larger than allowed."""


class BodyTooSlow(Exception):
    """The body did not arrive in time, or the connection broke."""


async def read_body(request: web.BaseRequest, limit_bytes: int, limit_s: float = READ_LIMIT_S) -> bytes:
    """Return the raw bytes of the body.

    Raises BodyTooLarge, or BodyTooSlow; after BodyTooSlow the connection closes behind the answer.
    """
    if (request.content_length or 0) > limit_bytes:
        raise BodyTooLarge
    if request.content.is_eof() and request.content.exception() is None:
        # Nearly every body arrives together with its headers: there is nothing to wait for.
        body = request.content.read_nowait()
        if len(body) > limit_bytes:
            raise BodyTooLarge
        return body
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limit_s):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > limit_bytes:
                    raise BodyTooLarge
                chunks.append(chunk)
    except (TimeoutError, OSError, web.RequestPayloadError, web.PayloadAccessError) as error:
        request.protocol.close()
        raise BodyTooSlow from error
    return b"".join(chunks)
