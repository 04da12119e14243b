"""The parts of one local Slack, and where the request handlers find them."""

from dataclasses import dataclass

from aiohttp import web

from bot.demo.bot_client import BotClient
from bot.demo.call_log import CallLog
from bot.demo.changes import Changes
from bot.demo.config import SimulatorConfig
from bot.demo.faults import Faults
from bot.demo.pace import Pace
from bot.demo.ralio_api.records import RalioRecords
from bot.demo.ralio_samples import RalioSamples
from bot.demo.response_urls import ResponseUrls
from bot.demo.tasks import Tasks
from bot.demo.timestamps import Timestamps
from bot.demo.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """Everything that the request handlers share."""

    config: SimulatorConfig
    changes: Changes
    workspace: Workspace
    call_log: CallLog
    faults: Faults
    pace: Pace
    bot: BotClient
    samples: RalioSamples
    ralio: RalioRecords
    response_urls: ResponseUrls
    tasks: Tasks


LOCAL_SLACK = web.AppKey("LOCAL_SLACK", LocalSlack)


def new_local_slack(config: SimulatorConfig) -> LocalSlack:
    """Return a fresh workspace with its default people and channels."""
    changes = Changes()
    return LocalSlack(
        config=config,
        changes=changes,
        workspace=Workspace(changes, Timestamps(config.time.now_ns)),
        call_log=CallLog(),
        faults=Faults(),
        pace=Pace(config.posts_per_second, config.burst),
        bot=BotClient(config),
        samples=RalioSamples(config.time),
        ralio=RalioRecords(),
        response_urls=ResponseUrls(),
        tasks=Tasks(),
    )
