"""The line of the log that says what was started: version, schema, database, audit key, workspace and channels."""

import asyncio
import contextlib

import structlog

from bot import __version__
from bot.reviews.audit.entry import PLAIN
from bot.settings.environment import Settings
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.engine import migrate
from bot.store.store import database_at

WORKSPACE_LIMIT_S = 10.0

_log = structlog.get_logger(__name__)


async def log_start(settings: Settings, health: SlackHealth) -> None:
    """Log the line once Slack has named the workspace, or after ten seconds without it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WORKSPACE_LIMIT_S):
            await health.checked_once.wait()
    key = settings.audit_keys.maker
    _log.info(
        "started",
        version=__version__,
        schema=migrate.newest(),
        database=str(database_at(settings.database_url.get_secret_value())),
        audit_key="none" if key == PLAIN else key,
        workspace=health.workspace or "not confirmed yet",
        channels={**settings.channels, "operations": settings.operations_channel or "none"},
    )


def log_gaps(settings: Settings, directory: UserDirectory) -> None:
    """Warn about what the settings leave unmonitored."""
    if not settings.operations_channel:
        _log.warning(
            "no_operations_channel", advice="set OPS_CHANNEL to be notified of problems that need an operator"
        )
    if directory.warning:
        _log.warning("people_not_checked", advice=directory.warning)
