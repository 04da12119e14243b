"""The KYC API over HTTP, in the shapes of https://doc.raliopay.com/api-reference/kyc-kyb-sessions."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.demo.ralio_api.records import RalioRecords, RalioSession
from bot.demo.records import Json

_USERS = "/api/v1/account/users/{user}/identity-verifications"
_LARGEST_PAGE = 100

_Answer = Callable[[web.Request], Awaitable[web.Response]]


def create_ralio_api(records: RalioRecords) -> web.Application:
    """An application of its own, for tests."""
    application = web.Application()
    application.add_routes(ralio_api_routes(records))
    return application


def ralio_api_routes(records: RalioRecords) -> list[web.RouteDef]:
    """The routes that the bot can call."""
    api = _Api(records)
    return [
        web.post("/api/v1/auth/login", api.met(api.login)),
        web.get(_USERS, api.met(api.allowed(api.listed))),
        web.get(_USERS + "/{session}/checks", api.met(api.allowed(api.checks))),
        web.get(_USERS + "/{session}/state-history", api.met(api.allowed(api.history))),
    ]


class _Api:
    def __init__(self, records: RalioRecords) -> None:
        self._records = records

    def met(self, answer: _Answer) -> _Answer:
        """Note the call, and let the trouble happen that is switched on."""

        async def meet(request: web.Request) -> web.Response:
            self._records.calls.append(f"{request.method} {request.path}")
            match self._records.strike(request.path):
                case "slow":
                    await asyncio.sleep(self._records.slow_s)
                case "server_error":
                    return web.json_response({"message": "Jane Doe broke it"}, status=500)
                case "unauthorized":
                    return web.json_response({"message": "unauthorized"}, status=401)
                case "forbidden":
                    return web.json_response({"message": "forbidden"}, status=403)
                case "too_many":
                    return web.Response(status=429, headers={"Retry-After": "7"})
                case "not_json":
                    return web.Response(text="<html>Jane Doe</html>", content_type="text/html")
                case None:
                    pass
            return await answer(request)

        return meet

    def allowed(self, answer: _Answer) -> _Answer:
        """Only with a token that is still good."""

        async def allow(request: web.Request) -> web.Response:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self._records.tokens:
                return web.json_response({"message": "invalid token"}, status=401)
            return await answer(request)

        return allow

    async def login(self, request: web.Request) -> web.Response:
        credentials = await request.json()
        if credentials != {"api_code": self._records.api_code, "api_key": self._records.api_key}:
            return web.json_response({"message": "invalid credentials"}, status=401)
        return web.json_response({"token": self._records.new_token()})

    async def listed(self, request: web.Request) -> web.Response:
        page = int(request.query.get("page", "1"))
        size = min(int(request.query.get("pageSize", "30")), _LARGEST_PAGE)
        user = request.match_info["user"]
        found = [_listed(session) for session in self._records.sessions.values() if session.user_id == user]
        pages = -(-len(found) // size)
        pagination = {"page": page, "pageSize": size, "numPages": pages, "total": len(found)}
        return web.json_response(
            {"sessions": found[(page - 1) * size : page * size], "pagination": pagination}
        )

    async def checks(self, request: web.Request) -> web.Response:
        session = self._session(request)
        return web.json_response({"session_id": session.id, "checks": session.checks})

    async def history(self, request: web.Request) -> web.Response:
        session = self._session(request)
        logs = [{"id": id_, "new_state": state, "created_at": at} for id_, state, at in session.logs]
        return web.json_response({"session_id": session.id, "logs": logs})

    def _session(self, request: web.Request) -> RalioSession:
        session = self._records.sessions.get(request.match_info["session"])
        if session is None or session.user_id != request.match_info["user"]:
            raise web.HTTPNotFound
        return session


def _listed(session: RalioSession) -> Json:
    _, state, at = session.logs[-1]
    return {
        "id": session.id,
        "state": state,
        "type": "IDV",
        "hostedUrl": "https://verify.example.com/session/jane-doe",
        "created_at": session.logs[0][2],
        "updated_at": at,
    }
