"""`check`: the doctor. Each line says how something is and, if it is not well, what to do."""

import asyncio
import logging
import sys
import uuid
from collections.abc import AsyncIterator

import click
import structlog

from bot.cli.check.decision_webhook import decision_webhook_line
from bot.cli.check.line import CheckLine, State, failed, passed, skipped, warned
from bot.cli.check.listening import listening_line
from bot.cli.check.proxy import proxy_line
from bot.cli.check.slack import slack_lines
from bot.cli.check.store import database_lines
from bot.cli.errors import report_errors
from bot.cli.output import json_line
from bot.cli.parameters import json_option
from bot.clock import system_clock
from bot.outbound import proxy_advice
from bot.ralio.api.client import open_ralio_api
from bot.ralio.api.errors import ApiProblem, ApiRefused
from bot.settings.environment import Settings, misspelled_variables, read_settings, read_store_settings
from bot.settings.problems import SettingsProblem

_MARKS = {
    State.PASSED: "ok     ",
    State.FAILED: "FAIL   ",
    State.WARNED: "WARN   ",
    State.SKIPPED: "-      ",
}


@click.command()
@click.option("--send", is_flag=True, help="Also send a signed ping to the decision webhook.")
@json_option
@report_errors
def check(*, send: bool, as_json: bool) -> None:
    """Check the settings, the database, Slack and Ralio; report each problem and its fix."""
    if not asyncio.run(check_everything(sends=send, as_json=as_json)):
        sys.exit(1)


async def check_everything(*, sends: bool, as_json: bool) -> bool:
    """Check everything and print one line for each check; return False if one failed.

    With `sends`, the decision webhook gets a ping.
    """
    # Silence the log: it would only repeat what the lines say.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    all_well = True
    async for line in _lines(sends=sends):
        all_well = all_well and line.state is not State.FAILED
        click.echo(_json(line) if as_json else _text(line))
    return all_well


async def _lines(*, sends: bool) -> AsyncIterator[CheckLine]:
    settings: Settings | None = None
    try:
        settings = read_settings()
        yield passed("settings", "complete")
    except SettingsProblem as problem:
        for message in problem.lines:
            yield failed("settings", message, "see config/env.example and config/bot.toml")
    for name, ours in misspelled_variables():
        yield warned("settings", f"{name} has no effect", f"did you mean {ours}?")
    try:
        store = settings or read_store_settings()
    except SettingsProblem:
        yield skipped("database", "not checked", "fix the settings first")
    else:
        async for line in database_lines(store.database_url.get_secret_value(), store.audit_keys):
            yield line
    if settings is None:
        yield skipped("slack", "not checked", "fix the settings first")
        return
    yield await listening_line(settings.host, settings.port)
    async for line in _outside_lines(settings, sends=sends):
        yield line


async def _outside_lines(settings: Settings, *, sends: bool) -> AsyncIterator[CheckLine]:
    """Yield what the bot calls: the proxy, Slack, Ralio's API and the decision webhook."""
    if (proxy := await proxy_line(settings.proxy)) is not None:
        yield proxy
    if proxy is not None and proxy.state is State.FAILED:
        yield skipped(
            "slack", "not checked; neither were Ralio's API and the decision webhook", "fix the proxy first"
        )
        return
    async for line in slack_lines(settings):
        yield line
    yield await _ralio_api(settings)
    yield await decision_webhook_line(settings, sends=sends, proxy=settings.proxy)


async def _ralio_api(settings: Settings) -> CheckLine:
    """Check that Ralio accepts the credentials, by asking about a session that does not exist."""
    if not settings.ralio_api_url:
        return skipped("ralio api", "not set: checks aren't fetched and lost verdicts aren't recovered")
    no_session = str(uuid.UUID(int=0))
    code, key = settings.ralio_api_code, settings.ralio_api_key
    async with open_ralio_api(settings.ralio_api_url, code, key, system_clock, proxy=settings.proxy) as api:
        try:
            await api.state_history(no_session, no_session)
        except ApiRefused:
            pass  # it accepted the credentials and knows no such session
        except ApiProblem as problem:
            advice = proxy_advice(problem.reason) or "check RALIO_API_URL, RALIO_API_CODE and RALIO_API_KEY"
            return failed("ralio api", f"cannot be used: {problem.reason}", advice)
    return passed("ralio api", "accepts the credentials")


def _json(line: CheckLine) -> str:
    values = {
        "check": line.check,
        "ok": True if line.state is State.WARNED else line.state.value,
        "message": line.message,
        "advice": line.advice or None,
    }
    return json_line(values)


def _text(line: CheckLine) -> str:
    advice = ""
    if line.advice:
        # What was skipped has nothing to fix of its own.
        advice = f"; {line.advice}" if line.state is State.SKIPPED else f"  fix: {line.advice}"
    return f"{_MARKS[line.state]}{line.check}: {line.message}{advice}"
