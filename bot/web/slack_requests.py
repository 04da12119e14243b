"""`POST /slack/interactions`, `/slack/commands` and `/slack/events`: verify, read, carry out, answer.

Within Slack's three seconds, whatever Slack's API or the database do: after two the work goes on behind the answer.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from aiohttp import web

from bot.handlers import button, home_opened, modal, slash_command
from bot.handlers.desk import Desk
from bot.metrics import Metrics
from bot.slack.messages.slash_response import Answer
from bot.slack.requests import signature
from bot.slack.requests.events import Challenge, HomeOpened, OtherEvent, read_event
from bot.slack.requests.interactions import (
    ButtonPressed,
    ClaimNextPressed,
    FormSubmitted,
    NothingToDo,
    NotUnderstood,
    OutcomeChosen,
    read_interaction,
)
from bot.slack.requests.slash_commands import Asked, Misspelt, Probe, read_command
from bot.store.errors import StoreUnavailable
from bot.web.answers import ConstantAnswer
from bot.web.behind import Behind
from bot.web.bodies import BodyTooLarge, BodyTooSlow, read_body

ANSWER_LIMIT_S = 2.0
MAX_BODY_BYTES = 1_048_576
MAX_APOLOGIES = 20
"""People told at once while the database is away; more would only queue up behind Slack's pace."""

NOTHING = ConstantAnswer()
"""200 with an empty body: Slack is content."""

_log = structlog.get_logger(__name__)


class SlackEndpoints:
    """Answers Slack's requests; `close` waits for what goes on behind the answers."""

    def __init__(self, desk: Desk, secrets: Sequence[str], metrics: Metrics) -> None:
        self._desk = desk
        self._secrets = secrets
        self._metrics = metrics
        self._behind = Behind()
        self._apologies = asyncio.Semaphore(MAX_APOLOGIES)

    async def interactions(self, request: web.BaseRequest) -> web.Response:
        """A button or a form was used: 200 with an empty body, or with what shall become of the form."""
        match read_interaction(await self._verified_body(request)):
            case ButtonPressed() as pressed:
                work = self._pressed(button.press(self._desk, pressed), pressed)
                if button.opens_form(pressed):
                    self._behind.begin(work)
                else:
                    await self._behind.within(ANSWER_LIMIT_S, work, None)
            case ClaimNextPressed() as pressed:
                work = self._pressed(button.claim_next(self._desk, pressed), pressed)
                await self._behind.within(ANSWER_LIMIT_S, work, None)
            case OutcomeChosen() as chosen:
                self._behind.begin(self._counted(modal.narrow(self._desk, chosen)))
            case FormSubmitted() as submitted:
                late = modal.complain(submitted.entered, modal.STILL_RECORDING)
                answer = await self._behind.within(ANSWER_LIMIT_S, self._submitted(submitted), late)
                return web.json_response(answer) if answer is not None else NOTHING
            case NothingToDo(what):
                self._metrics.interaction("nothing_to_do")
                _log.info("interaction_ignored", what=what[:100])
            case NotUnderstood(problem):
                self._metrics.interaction("not_understood")
                _log.warning("interaction_not_understood", problem=problem)
                raise web.HTTPBadRequest
        return NOTHING

    async def commands(self, request: web.BaseRequest) -> web.Response:
        """`/reviews` was typed: 200 with an answer that only that person sees."""
        match read_command(await self._verified_body(request)):
            case Probe():
                return NOTHING
            case Asked() | Misspelt() as asked:
                answer = await self._behind.within(
                    ANSWER_LIMIT_S, self._answered(asked), slash_command.NOT_YET
                )
                return web.json_response(answer)
            case None:
                self._metrics.interaction("not_understood")
                _log.warning("command_not_understood", problem="no user_id")
                raise web.HTTPBadRequest

    async def events(self, request: web.BaseRequest) -> web.Response:
        """Slack confirms the address (`url_verification`), or somebody opened the home tab."""
        match read_event(await self._verified_body(request)):
            case Challenge(text):
                return web.Response(text=text)
            case HomeOpened() as opened:
                self._behind.begin(self._counted(home_opened.open_home(self._desk, opened)))
            case OtherEvent(what):
                _log.info("slack_event_ignored", what=what)
        return NOTHING

    async def close(self, limit_s: float) -> None:
        """Let what is still being recorded end."""
        await self._behind.close(limit_s)

    async def _pressed(
        self, work: Coroutine[Any, Any, str], pressed: ButtonPressed | ClaimNextPressed
    ) -> None:
        """Apologise for a click that could not be recorded: no one should wonder whether it counted."""
        if await self._counted(work) is None and not self._apologies.locked():
            async with self._apologies:
                await button.apologise(self._desk, pressed)

    async def _submitted(self, submitted: FormSubmitted) -> Answer | None:
        answer: Answer | None = modal.complain(submitted.entered, modal.NOT_RECORDED)

        async def taken() -> str:
            nonlocal answer
            result, answer = await modal.submit(self._desk, submitted)
            return result

        await self._counted(taken())
        return answer

    async def _answered(self, asked: Asked | Misspelt) -> Answer:
        answer: Answer = slash_command.NOT_NOW

        async def answered() -> str:
            nonlocal answer
            answer = await slash_command.answer(self._desk, asked)
            return "command"

        await self._counted(answered())
        return answer

    async def _counted(self, work: Coroutine[Any, Any, str]) -> str | None:
        """How the work ended, counted and logged; None when nothing is recorded."""
        try:
            result = await work
        except StoreUnavailable as error:
            self._metrics.interaction("unavailable")
            _log.error("click_not_recorded", error=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, the person is told
            self._metrics.interaction("failed")
            _log.exception("click_failed")
        else:
            self._metrics.interaction(result)
            return result
        return None

    async def _verified_body(self, request: web.BaseRequest) -> bytes:
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
            self._desk.clock() / 1000,
        ):
            self._metrics.interaction("wrong_signature")
            _log.warning(
                "slack_wrong_signature",
                advice="if it came from Slack, check SLACK_SIGNING_SECRET and the clock",
            )
            raise web.HTTPUnauthorized
        return body
