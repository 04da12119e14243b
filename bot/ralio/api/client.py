"""The optional client of Ralio's API: it only reads.

Login and token: https://doc.raliopay.com/welcome. How long a token is valid is not documented, so each is used until it
is refused, then renewed once.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import structlog
from pydantic import BaseModel, SecretStr

from bot.circuit_breaker import CircuitBreaker
from bot.clock import Clock
from bot.outage_log import OutageLog
from bot.outbound import OutboundProxy, outbound_session
from bot.ralio.api.answers import Checks, Login, RemoteSession, SessionsPage, StateChange, StateHistory
from bot.ralio.api.errors import (
    ApiAway,
    ApiProblem,
    ApiRefused,
    CredentialsRefused,
    TokenRefused,
    problem_in,
    problem_of,
)
from bot.reviews.checks import Check

CALL_LIMIT_S = 10.0
MAX_ANSWER_BYTES = 4 * 1_048_576
"""Generous, because the size of a check's raw data, which the bot ignores, is not documented."""

CREDENTIALS_WAIT_S = 60.0
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 120.0
"""Pauses of the circuit breaker while the API does not answer."""

PAGE_SIZE = 100
MAX_PAGES = 20

_log = structlog.get_logger(__name__)

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class RalioApi:
    """Calls the API with one set of credentials over its own HTTP session; every method raises ApiProblem."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, code: SecretStr, key: SecretStr, clock: Clock
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._code = code
        self._key = key
        self._clock = clock
        self._token: str | None = None
        self._logging_in = asyncio.Lock()
        self._circuit = CircuitBreaker(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._outage = OutageLog(_log, "ralio_api_away", "ralio_api_back")
        self.problem: str | None = None
        """What an operator must fix before the API can be used; None if it works."""

    @property
    def ready_at(self) -> int:
        """When the next call can start (milliseconds); past unless the API is away or refuses us."""
        return self._circuit.retry_at

    async def try_login(self) -> None:
        """Log in before the first lookup, so refused credentials are a `problem` from the start."""
        with contextlib.suppress(ApiProblem):
            await self._renewed(None)

    async def refused_checks(self, user_id: str, session_id: str) -> tuple[Check, ...]:
        """The checks of a user's session that were refused."""
        answer = await self._get(f"{_sessions(user_id)}/{quote(session_id, safe='')}/checks", Checks)
        return answer.refused()

    async def state_history(self, user_id: str, session_id: str) -> tuple[StateChange, ...]:
        """A session's changes of state, oldest first."""
        path = f"{_sessions(user_id)}/{quote(session_id, safe='')}/state-history"
        return (await self._get(path, StateHistory)).changes()

    async def sessions(self, user_id: str) -> AsyncIterator[RemoteSession]:
        """A user's sessions, read page by page; the first two thousand."""
        for page in range(1, MAX_PAGES + 1):
            answer = await self._get(_sessions(user_id), SessionsPage, page=page, pageSize=PAGE_SIZE)
            for session in answer.listed():
                yield session
            if page >= answer.pagination.pages:
                return

    async def _get(self, path: str, model: type[AnswerT], **query: int) -> AnswerT:
        token = self._token or await self._renewed(None)
        try:
            answer = await self._ask("GET", path, model, token, query)
        except TokenRefused:
            answer = await self._repeat(path, model, await self._renewed(token), query)
        if self.problem is not None:
            _log.info("ralio_api_recovered")
        self.problem = None
        return answer

    async def _repeat(self, path: str, model: type[AnswerT], token: str, query: dict[str, int]) -> AnswerT:
        try:
            return await self._ask("GET", path, model, token, query)
        except TokenRefused as problem:
            raise self._unusable(f"the token of a fresh login was rejected: {problem.reason}") from problem

    async def _renewed(self, refused: str | None) -> str:
        """Return the token of a new login; calls whose same token was refused share it."""
        async with self._logging_in:
            if self._token is None or self._token == refused:
                self._token = None
                self._token = await self._log_in()
            return self._token

    async def _log_in(self) -> str:
        credentials = {"api_code": self._code.get_secret_value(), "api_key": self._key.get_secret_value()}
        try:
            answer = await self._ask("POST", "/api/v1/auth/login", Login, body=credentials)
        except CredentialsRefused as problem:
            raise self._unusable(f"the login was rejected: {problem.reason}") from problem
        return answer.token

    def _unusable(self, reason: str) -> CredentialsRefused:
        """Pause all calls for a minute and notify operators."""
        self._circuit.record_failure(self._clock(), CREDENTIALS_WAIT_S)
        advice = "check RALIO_API_URL, RALIO_API_CODE and RALIO_API_KEY"
        if self.problem is None:
            _log.error("ralio_api_refused", error=reason, advice=advice)
        self.problem = f"{reason}; {advice}"
        return CredentialsRefused(reason)

    async def _ask(
        self,
        method: str,
        path: str,
        model: type[AnswerT],
        token: str | None = None,
        query: dict[str, int] | None = None,
        body: dict[str, str] | None = None,
    ) -> AnswerT:
        """Send one call, once, unless the circuit is open. Raises nothing but ApiProblem."""
        wait_ms = self._circuit.retry_at - self._clock()
        if wait_ms > 0:
            raise ApiAway("circuit_open", wait_ms / 1000)
        try:
            answer = await self._send(method, path, token, query, body)
            read = model.model_validate_json(answer)
        except Exception as error:  # noqa: BLE001 - every end of a call is classified in one place
            problem = problem_of(error)
            self._note(problem)
            raise problem from None  # the cause could repeat what Ralio answered
        self._answered()
        return read

    async def _send(self, method: str, path: str, token: str | None, query: Any, body: Any) -> bytes:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._session.request(
            method, self._url + path, params=query, json=body, headers=headers, allow_redirects=False
        ) as answer:
            problem = problem_in(answer.status, answer.headers, at_login=token is None)
            if problem is not None:
                raise problem
            content = bytearray()
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise ApiRefused("answer_too_large")
            return bytes(content)

    def _note(self, problem: ApiProblem) -> None:
        if isinstance(problem, ApiAway):
            self._outage.failed(error=problem.reason)
            self._circuit.record_failure(self._clock(), problem.retry_after_s)
        else:
            self._answered()

    def _answered(self) -> None:
        self._outage.recovered()
        self._circuit.record_success()


def _sessions(user_id: str) -> str:
    return f"/api/v1/account/users/{quote(user_id, safe='')}/identity-verifications"


@asynccontextmanager
async def open_ralio_api(
    url: str,
    code: SecretStr,
    key: SecretStr,
    clock: Clock,
    limit_s: float = CALL_LIMIT_S,
    proxy: OutboundProxy | None = None,
) -> AsyncIterator[RalioApi]:
    """Open the API over one HTTP session, with a time limit per call (seconds)."""
    async with outbound_session(proxy, limit_s) as session:
        yield RalioApi(session, url, code, key, clock)
