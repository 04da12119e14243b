"""`check`: the doctor. Every line says how something is and, where it is not well, what to do."""

import json
import logging
import uuid
from collections.abc import AsyncIterator

import click
import structlog

from bot.cli.check_line import CheckLine, State, fine, unknown, wrong
from bot.cli.check_slack import slack_lines
from bot.cli.check_store import database_lines
from bot.clock import system_clock
from bot.ralio.api.client import open_ralio_api
from bot.ralio.api.errors import ApiProblem, ApiRefused
from bot.settings.environment import Settings, SettingsProblem, read_settings, read_store_settings

_MARKS = {State.OK: "ok     ", State.WRONG: "WRONG  ", State.UNKNOWN: "-      "}


async def check(*, as_json: bool) -> bool:
    """Look at everything and print a line each; false when something is wrong."""
    # What the parts of the bot log about the same troubles would only be said twice.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    well = True
    async for line in _lines():
        well = well and line.state is not State.WRONG
        click.echo(_json(line) if as_json else _text(line))
    return well


async def _lines() -> AsyncIterator[CheckLine]:
    settings: Settings | None = None
    try:
        settings = read_settings()
        yield fine("settings", "complete")
    except SettingsProblem as problem:
        for words in problem.lines:
            yield wrong("settings", words, "see config/env.example and config/bot.toml")
    try:
        store = settings or read_store_settings()
    except SettingsProblem:
        yield unknown("database", "not checked", "mend the settings first")
    else:
        async for line in database_lines(store.database_url.get_secret_value(), store.audit_keys):
            yield line
    if settings is None:
        yield unknown("slack", "not checked", "mend the settings first")
        return
    async for line in slack_lines(settings):
        yield line
    yield await _ralio_api(settings)


async def _ralio_api(settings: Settings) -> CheckLine:
    """Whether it lets us in; asked about a session that nobody has."""
    if not settings.ralio_api_url:
        return unknown("ralio api", "not set: checks are not fetched, lost verdicts not caught up")
    nobody = str(uuid.UUID(int=0))
    code, key = settings.ralio_api_code, settings.ralio_api_key
    async with open_ralio_api(settings.ralio_api_url, code, key, system_clock) as api:
        try:
            await api.state_history(nobody, nobody)
        except ApiRefused:
            pass  # it let us in, and knows no such session
        except ApiProblem as problem:
            advice = "check RALIO_API_URL, RALIO_API_CODE and RALIO_API_KEY"
            return wrong("ralio api", f"cannot be used: {problem.reason}", advice)
    return fine("ralio api", "lets us in")


def _json(line: CheckLine) -> str:
    values = {
        "check": line.check,
        "ok": line.state.value,
        "message": line.what,
        "advice": line.advice or None,
    }
    return json.dumps(values, ensure_ascii=False)


def _text(line: CheckLine) -> str:
    advice = f"  ->  {line.advice}" if line.advice else ""
    return f"{_MARKS[line.state]}{line.check}: {line.what}{advice}"
