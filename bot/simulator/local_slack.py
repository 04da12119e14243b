"""The parts of one local Slack, and where the request handlers find them."""

from dataclasses import dataclass

from aiohttp import web

from bot.simulator.bot_client import BotClient
from bot.simulator.call_log import CallLog
from bot.simulator.changes import Changes
from bot.simulator.config import SimulatorConfig
from bot.simulator.faults import Faults
from bot.simulator.pace import Pace
from bot.simulator.ralio_api.records import RalioRecords
from bot.simulator.ralio_samples import RalioSamples
from bot.simulator.response_urls import ResponseUrls
from bot.simulator.tasks import Tasks
from bot.simulator.timestamps import Timestamps
from bot.simulator.workspace import Workspace


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
        samples=RalioSamples(),
        ralio=RalioRecords(),
        response_urls=ResponseUrls(),
        tasks=Tasks(),
    )
