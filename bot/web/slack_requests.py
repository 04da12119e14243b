"""`POST /slack/interactions`, `/slack/commands` and `/slack/events`: verify, parse, act, answer.

Slack expects an answer within three seconds. After two, the bot answers and the work continues as a background job.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar

import structlog
from aiohttp import web

from bot.handlers import button, claim_next, history, home_opened, modal, slash_command
from bot.handlers.context import Context
from bot.logs import AggregatedLog
from bot.metrics import Metrics
from bot.slack.messages.slash_response import Answer
from bot.slack.requests import signature
from bot.slack.requests.events import Challenge, HomeOpened, OtherEvent, read_event
from bot.slack.requests.interactions import (
    ActionClicked,
    ClaimNextClicked,
    Click,
    HistoryPageTurned,
    HistoryRequested,
    HomeListClicked,
    ModalRequested,
    ModalSubmitted,
    NothingToDo,
    NotUnderstood,
    OutcomeChosen,
    Read,
    read_interaction,
)
from bot.slack.requests.slash_commands import Asked, Misspelt, Probe, is_ssl_check, read_command
from bot.store.errors import OutcomeUnknown, StoreUnavailable
from bot.web.background_jobs import BackgroundJobs, TooManyJobs
from bot.web.connections import protect
from bot.web.errors import unavailable_response
from bot.web.request_body import BodyTooLarge, BodyTooSlow, read_body

ANSWER_LIMIT_S = 2.0
MAX_BODY_BYTES = 1_048_576
MAX_SSL_CHECK_BYTES = 4_096
MAX_APOLOGIES = 20
"""Apologies at once while the database is down; the others wait, because Slack limits its rate."""
APOLOGY_LIMIT_S = 60.0
"""By then, the person has looked at the card or pressed again."""

ResultT = TypeVar("ResultT")

_log = structlog.get_logger(__name__)
_unverified = AggregatedLog(_log)


class Unrecorded(Enum):
    """How certain it is that a person's action was not recorded."""

    CERTAIN = auto()
    UNCERTAIN = auto()  # the connection to the database broke during the commit


class SlackEndpoints:
    """Answers Slack's requests; `close` waits for the jobs that outlive their answers."""

    def __init__(self, context: Context, secrets: Sequence[str], metrics: Metrics) -> None:
        self._context = context
        self._secrets = secrets
        self._metrics = metrics
        self._jobs = BackgroundJobs()
        self._apologies = asyncio.Semaphore(MAX_APOLOGIES)

    async def interactions(self, request: web.Request) -> web.Response:
        """Handle a click or a submitted modal; answer with an empty body, or with what to do with the modal."""
        body = await self._verified_body(request)
        interaction = read_interaction(body, self._context.clock(), _signature(request))
        try:
            return await self._answer_interaction(interaction)
        except TooManyJobs:
            return self._overloaded()

    async def commands(self, request: web.Request) -> web.Response:
        """Handle `/reviews`; answer with a message that only that person sees."""
        if await _is_ssl_check(request):
            return web.Response()
        match read_command(await self._verified_body(request), _signature(request)):
            case Probe():
                return web.Response()
            case Asked() | Misspelt() as asked:
                try:
                    answer = await self._jobs.wait_for(
                        ANSWER_LIMIT_S, self._run_command(asked), slash_command.NOT_YET
                    )
                except TooManyJobs:
                    return self._overloaded()
                return web.json_response(answer)
            case None:
                self._metrics.interaction("not_understood")
                _log.warning("command_rejected", problem="no user_id")
                raise web.HTTPBadRequest

    async def events(self, request: web.Request) -> web.Response:
        """Confirm the address to Slack (`url_verification`), or fill a home tab that was opened."""
        match read_event(await self._verified_body(request)):
            case Challenge(text):
                return web.Response(text=text)
            case HomeOpened() as opened:
                try:
                    self._jobs.start(self._count(home_opened.open_home(self._context, opened)))
                except TooManyJobs:
                    return self._overloaded()
            case OtherEvent(what):
                _log.info("slack_event_ignored", what=what)
        return web.Response()

    async def close(self, limit_s: float) -> None:
        """Wait for what is still being recorded."""
        await self._jobs.close(limit_s)

    async def _answer_interaction(  # noqa: C901 - one case each
        self, interaction: Read
    ) -> web.Response:
        match interaction:
            case ActionClicked() as click:
                work = self._press(button.press(self._context, click), click)
                await self._jobs.wait_for(ANSWER_LIMIT_S, work, None)
            case ClaimNextClicked() as click:
                work = self._press(claim_next.press(self._context, click), click)
                await self._jobs.wait_for(ANSWER_LIMIT_S, work, None)
            case ModalRequested() as click:
                # Nothing is recorded yet, so Slack's answer does not wait for it.
                self._jobs.start(self._press(modal.open_modal(self._context, click), click))
            case HomeListClicked() as click:
                shown = home_opened.show_list(self._context, click)
                apologise = partial(home_opened.apologise, self._context, click)
                self._jobs.start(self._show(shown, apologise, click.actor.person))
            case HistoryRequested() as click:
                self._jobs.start(self._press(history.open_history(self._context, click), click))
            case HistoryPageTurned() as turned:
                shown = history.turn_page(self._context, turned)
                apologise = partial(history.apologise, self._context, turned)
                self._jobs.start(self._show(shown, apologise, turned.request.person))
            case OutcomeChosen() as chosen:
                self._jobs.start(self._count(modal.narrow(self._context, chosen)))
            case ModalSubmitted() as submitted:
                late = modal.complain(submitted.entered, modal.STILL_RECORDING)
                answer = await self._jobs.wait_for(ANSWER_LIMIT_S, self._submit(submitted), late)
                return web.json_response(answer) if answer is not None else web.Response()
            case NothingToDo(what):
                self._metrics.interaction("nothing_to_do")
                _log.info("interaction_ignored", what=what[:100])
            case NotUnderstood(problem):
                self._metrics.interaction("not_understood")
                _log.warning("interaction_rejected", problem=problem)
                raise web.HTTPBadRequest
        return web.Response()

    async def _press(self, work: Coroutine[Any, Any, str], click: Click) -> None:
        """Apologise for a click that could not be recorded: no one should wonder whether it counted."""
        result = await self._count(work)
        if isinstance(result, Unrecorded):
            request, is_certain = click.request, result is Unrecorded.CERTAIN
            await self._notify(
                lambda: button.apologise(self._context, click, is_certain=is_certain),
                person=request.person,
                session_id=request.session_id,
            )

    async def _show(
        self, work: Coroutine[Any, Any, str], apologise: Callable[[], Awaitable[str | None]], person: str
    ) -> None:
        """Show another part of a list or, where that fails, say so: a button must not do nothing."""
        if isinstance(await self._count(work), Unrecorded):
            await self._notify(apologise, person=person)

    async def _notify(self, apologise: Callable[[], Awaitable[str | None]], **about: str | None) -> None:
        error: str | None = "Slack didn't accept it in time"
        with suppress(TimeoutError):
            async with asyncio.timeout(APOLOGY_LIMIT_S), self._apologies:
                error = await apologise()
        if error is not None:
            self._metrics.interaction("apology_not_sent")
            _log.error("apology_not_sent", **about, error=error)

    async def _submit(self, submitted: ModalSubmitted) -> Answer | None:
        done = await self._attempt(modal.submit(self._context, submitted))
        if isinstance(done, Unrecorded):
            complaint = modal.NOT_RECORDED if done is Unrecorded.CERTAIN else modal.MAYBE_NOT_RECORDED
            return modal.complain(submitted.entered, complaint)
        result, answer = done
        self._metrics.interaction(result)
        return answer

    async def _run_command(self, asked: Asked | Misspelt) -> Answer:
        answer = await self._attempt(slash_command.answer(self._context, asked))
        if isinstance(answer, Unrecorded):
            return slash_command.NOT_NOW if answer is Unrecorded.CERTAIN else slash_command.MAYBE_NOT_RECORDED
        self._metrics.interaction("command")
        return answer

    async def _count(self, work: Coroutine[Any, Any, str]) -> str | Unrecorded:
        """Return the result of the work and count it."""
        result = await self._attempt(work)
        if not isinstance(result, Unrecorded):
            self._metrics.interaction(result)
        return result

    async def _attempt(self, work: Coroutine[Any, Any, ResultT]) -> ResultT | Unrecorded:
        """Return what the work returns or, logged and counted, that nothing is recorded."""
        try:
            return await work
        except OutcomeUnknown as error:
            self._metrics.interaction("unavailable")
            _log.error("click_outcome_unknown", error=str(error))
            return Unrecorded.UNCERTAIN
        except StoreUnavailable as error:
            self._metrics.interaction("unavailable")
            _log.error("click_not_recorded", error=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, the person gets an answer
            self._metrics.interaction("failed")
            _log.exception("click_failed")
        return Unrecorded.CERTAIN

    def _overloaded(self) -> web.Response:
        self._metrics.interaction("unavailable")
        _log.error("click_not_recorded", error="too many clicks are still being recorded")
        return unavailable_response("overload")

    async def _verified_body(self, request: web.Request) -> bytes:
        """Return the raw bytes once Slack's signature over them is verified; otherwise raise the answer."""
        now_s = self._context.clock() / 1000
        timestamp = request.headers.get(signature.TIMESTAMP_HEADER)
        signed = _signature(request)
        if not signature.is_well_formed(timestamp, signed, now_s):
            raise self._wrong_signature()  # before the body: strangers' bodies are not worth memory
        try:
            body = await read_body(request, MAX_BODY_BYTES)
        except (BodyTooLarge, BodyTooSlow) as error:
            _unverified.warning("slack_body_refused", problem=type(error).__name__)
            raise web.HTTPBadRequest from None
        if not signature.is_signed(body, timestamp, signed, self._secrets, now_s):
            raise self._wrong_signature()
        protect(request)
        return body

    def _wrong_signature(self) -> web.HTTPUnauthorized:
        self._metrics.interaction("wrong_signature")
        _unverified.warning(
            "slack_wrong_signature",
            advice="if it came from Slack, check SLACK_SIGNING_SECRET and the clock",
        )
        return web.HTTPUnauthorized()


async def _is_ssl_check(request: web.Request) -> bool:
    """Whether Slack only checks the address, which it does unsigned; of a stranger's body only a short one is read."""
    if signature.SIGNATURE_HEADER in request.headers:
        return False
    try:
        return is_ssl_check(await read_body(request, MAX_SSL_CHECK_BYTES))
    except (BodyTooLarge, BodyTooSlow):
        return False


def _signature(request: web.Request) -> str:
    return request.headers.get(signature.SIGNATURE_HEADER, "")
