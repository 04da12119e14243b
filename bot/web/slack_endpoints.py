"""`POST /slack/interactions` and `/slack/events`: verify, read, record, answer.

Within Slack's three seconds, whatever Slack's API or the database do.
"""

import asyncio
from collections.abc import Mapping, Sequence

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.reviews.permissions import Roster
from bot.slack import signature
from bot.slack.events import read_challenge
from bot.slack.gateway import Gateway
from bot.slack.interactions import NothingToDo, NotUnderstood, ReviewRequest, read_interaction
from bot.slack.notes import not_recorded_note
from bot.store import actions
from bot.store.actions import Click
from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.telemetry import Counts
from bot.web.bodies import BodyTooLarge, BodyTooSlow, read_body

ANSWER_LIMIT_S = 2.0
MAX_BODY_BYTES = 1_048_576
MAX_APOLOGIES = 20
"""Private notes on their way at once while the database is away; more would only queue up behind Slack's pace."""

_log = structlog.get_logger(__name__)


class SlackEndpoints:
    """Answers Slack's requests. Clicks that outlast the answer go on in tasks that `close` waits for."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        secrets: Sequence[str],
        rosters: Mapping[str, Roster],
        clock: Clock,
        counts: Counts,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._secrets = secrets
        self._rosters = rosters
        self._clock = clock
        self._counts = counts
        self._tasks: set[asyncio.Task[None]] = set()
        self._apologies = asyncio.Semaphore(MAX_APOLOGIES)

    async def interactions(self, request: web.Request) -> web.Response:
        """A button was pressed: 200 with an empty body, once it is recorded or after two seconds."""
        body = await self._verified_body(request)
        match read_interaction(body):
            case ReviewRequest() as wish:
                await self._carry_out(wish)
            case NothingToDo(what):
                self._counts.interaction("nothing_to_do")
                _log.info("interaction_ignored", what=what[:100])
            case NotUnderstood(problem):
                self._counts.interaction("not_understood")
                _log.warning("interaction_not_understood", problem=problem)
                return web.Response(status=400)
        return web.Response()

    async def events(self, request: web.Request) -> web.Response:
        """Slack confirms the address (`url_verification`) or tells of an event; the bot asks for none so far."""
        body = await self._verified_body(request)
        challenge = read_challenge(body)
        return web.Response(text=challenge or "")

    async def _verified_body(self, request: web.Request) -> bytes:
        """The raw bytes, once it is certain that Slack signed them just now; else the answer is raised."""
        try:
            body = await read_body(request, MAX_BODY_BYTES)
        except (BodyTooLarge, BodyTooSlow):
            raise web.HTTPBadRequest from None
        headers = request.headers
        if not signature.is_signed(
            body,
            headers.get(signature.TIMESTAMP_HEADER),
            headers.get(signature.SIGNATURE_HEADER),
            self._secrets,
            self._clock() / 1000,
        ):
            self._counts.interaction("wrong_signature")
            _log.warning(
                "slack_wrong_signature",
                advice="if it came from Slack, check SLACK_SIGNING_SECRET and the clock",
            )
            raise web.HTTPUnauthorized
        return body

    async def close(self, limit_s: float) -> None:
        """Let clicks that are still being recorded end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit_s)

    async def _carry_out(self, wish: ReviewRequest) -> None:
        """Record the click; one that takes too long goes on behind the answer, and the card tells how it ended."""
        task = asyncio.create_task(self._record(wish))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # asyncio.wait neither cancels the task when the limit passes nor when Slack hangs up.
        await asyncio.wait({task}, timeout=ANSWER_LIMIT_S)

    async def _record(self, wish: ReviewRequest) -> None:
        click = Click(wish.session_id, wish.request, wish.channel, self._rosters, self._clock())
        log = _log.bind(session_id=wish.session_id, action=wish.request.action, person=wish.request.person)
        try:
            verdict = await self._store.write(actions.act, click)
        except StoreUnavailable as error:
            self._counts.interaction("unavailable")
            log.error("click_not_recorded", error=str(error))  # noqa: TRY400 - the database's trouble, not a fault of ours
            self._apologise(wish)
        except Exception:
            self._counts.interaction("failed")
            log.exception("click_failed")
            self._apologise(wish)
        else:
            self._counts.interaction(verdict.refused or "granted")
            log.info("click", refused=verdict.refused, version=verdict.version)

    def _apologise(self, wish: ReviewRequest) -> None:
        """Without the database nothing can be queued: tell the person straight away, once, behind the answer."""
        if self._apologies.locked():
            return
        task = asyncio.create_task(self._tell_not_recorded(wish))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_not_recorded(self, wish: ReviewRequest) -> None:
        async with self._apologies:
            await self._gateway.tell(wish.channel, wish.request.person, not_recorded_note(wish.session_id))
