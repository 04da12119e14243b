"""The short generic answers for errors: they repeat nothing from the request and name no software."""

from http import HTTPStatus

from aiohttp import web

RETRY_AFTER_S = 5


def error_response(error: web.HTTPException) -> web.Response:
    """Return the JSON answer for an error that a handler or the router raised."""
    allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return web.json_response({"error": error.reason.lower()}, status=error.status, headers=allowed)


def closing_response(status: HTTPStatus) -> web.Response:
    """Return the JSON answer for a request after which the connection must close."""
    response = web.json_response({"error": status.phrase.lower()}, status=status)
    response.force_close()
    return response


def unavailable_response(error: str) -> web.Response:
    """Return 503 and ask the sender to try again."""
    return web.json_response({"error": error}, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
