"""Which requests are refused because of their headers, although aiohttp can parse them.

Reject requests that a proxy and the bot could parse differently (request smuggling, RFC 9112 section 11.2), and
compressed bodies, which would have to be unpacked before their signature could be checked. aiohttp's parser already
rejects most of the first kind: two lengths, a length beside a transfer coding, folded lines, bare line feeds.
"""

from http import HTTPStatus

from aiohttp import HttpVersion10, HttpVersion11, web


def refusal_status(request: web.BaseRequest) -> HTTPStatus | None:
    """Return the status to refuse the request with, or None for nearly all requests."""
    headers = request.headers
    if request.version < HttpVersion10 or request.method == "CONNECT":
        return HTTPStatus.BAD_REQUEST
    if "Transfer-Encoding" in headers and not _is_plainly_chunked(request):
        return HTTPStatus.BAD_REQUEST
    if "Content-Encoding" in headers and headers["Content-Encoding"].strip().lower() not in ("", "identity"):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def _is_plainly_chunked(request: web.BaseRequest) -> bool:
    """HTTP/1.0 has no transfer codings, and no honest client compresses its chunks."""
    return request.version >= HttpVersion11 and request.headers["Transfer-Encoding"].lower() == "chunked"
