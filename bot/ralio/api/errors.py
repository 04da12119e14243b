"""Every way a call to Ralio's API can end badly, classified in one place.

ApiProblem
├── ApiAway              unreachable, too slow, overloaded, or an unreadable answer: try again later
├── ApiRefused           this request is refused, and would be again: the session does not exist or is not ours
├── CredentialsRefused   nothing works until an operator fixes the address or the credentials
└── TokenRefused         the token is not, or no longer, accepted: log in again

The error format is not documented (https://doc.raliopay.com/welcome), so only the status counts. Every call except the
login is a GET, so repeating one is harmless.
"""

from collections.abc import Mapping

import aiohttp
from pydantic import ValidationError

from bot.outbound import not_sent
from bot.retry_after import retry_after_s


class ApiProblem(Exception):
    """Root of the API's problems; `reason` is a code for logs, never a value from Ralio's answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ApiAway(ApiProblem):
    """Try again later, not before `retry_after_s` (seconds) if Ralio asks for that."""

    def __init__(self, reason: str, retry_after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class ApiRefused(ApiProblem):
    """The same request would be refused again."""


class CredentialsRefused(ApiProblem):
    """The login is refused, or the token of a fresh login is."""


class TokenRefused(ApiProblem):
    """The token is not, or no longer, accepted."""


def problem_of(error: Exception) -> ApiProblem:
    """Classify an exception of a call; an unknown one is worth another try."""
    if (word := not_sent(error)) is not None:
        return ApiAway(word)
    match error:
        case ApiProblem():
            return error
        case TimeoutError():
            return ApiAway("timeout")
        case aiohttp.InvalidURL():
            return CredentialsRefused("invalid_url")
        case aiohttp.ClientError():
            return ApiAway("disconnected")
        case ValidationError() | ValueError():
            return ApiAway("unreadable_answer")
        case _:
            return ApiAway(type(error).__name__)


def problem_in(status: int, headers: Mapping[str, str], *, at_login: bool) -> ApiProblem | None:
    """Classify an answer by its status; None for a success."""
    reason = f"http_{status}"
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's successes
        return None
    match status:
        case 408 | 425 | 429:
            return ApiAway(reason, retry_after_s(headers))
        case _ if status >= 500:  # noqa: PLR2004 - HTTP's server errors
            return ApiAway(reason, retry_after_s(headers))
        case _ if at_login:
            return CredentialsRefused(reason)
        case 401:
            return TokenRefused(reason)
        case _:
            return ApiRefused(reason)
