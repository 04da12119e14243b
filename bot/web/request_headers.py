"""Which request heads are refused although they can be parsed.

What a proxy before the bot could read otherwise than the bot does lets one request hide in another (RFC 9112, section
11.2); what is packed would have to be unpacked before its signature could be checked. aiohttp's parser refuses most of
it by itself: two lengths, a length beside a transfer coding, folded lines, bare line ends.
"""

from http import HTTPStatus

from aiohttp import HttpVersion10, HttpVersion11, web


def refusal(request: web.BaseRequest) -> HTTPStatus | None:
    """With which status a request is refused for its head alone; None for nearly all."""
    headers = request.headers
    if request.version < HttpVersion10 or request.method == "CONNECT":
        return HTTPStatus.BAD_REQUEST
    if "Transfer-Encoding" in headers and not _is_plainly_chunked(request):
        return HTTPStatus.BAD_REQUEST
    if "Content-Encoding" in headers and headers["Content-Encoding"].strip().lower() not in ("", "identity"):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def _is_plainly_chunked(request: web.BaseRequest) -> bool:
    """HTTP/1.0 has no transfer codings, and nobody sends packed chunks."""
    return request.version >= HttpVersion11 and request.headers["Transfer-Encoding"].lower() == "chunked"
