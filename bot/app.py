"""The composition root: builds the parts of the bot, and starts and stops them in order."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from aiohttp import web

from bot.clock import Clock, system_clock
from bot.delivery.attempt import Attempts
from bot.delivery.decision_webhook.receiver import open_receiver
from bot.delivery.decision_webhook.worker import DecisionWorker
from bot.delivery.find_posted import ChannelSearch
from bot.delivery.move_cards import CardMoves
from bot.delivery.render import Renderer
from bot.delivery.resume import HeldDeliveries
from bot.delivery.worker import DeliveryWorker
from bot.handlers.audit_watch import AuditWatch
from bot.handlers.context import Context
from bot.handlers.database_away import DatabaseWatch
from bot.handlers.deadline_passed import Timers
from bot.handlers.holder_deactivated import HolderCheck
from bot.handlers.open_homes import OpenHomes
from bot.handlers.ralio_lookup import RalioLookups
from bot.handlers.repeated_refusals import RepeatedRefusals
from bot.metrics import Metrics
from bot.ralio.api.client import RalioApi, open_ralio_api
from bot.reviews.decision_update import DecisionSharing
from bot.settings.environment import Settings
from bot.settings.problems import SettingsProblem
from bot.slack.api.client import SlackClient, open_slack_client
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.slack.api.warm_up import WarmUp
from bot.start_line import log_gaps, log_start
from bot.store.store import Store, open_store
from bot.store.tables import audit_trail, deliveries
from bot.web.admin_socket import admin_socket
from bot.web.intake_watch import IntakeWatch
from bot.web.limits import Limits
from bot.web.operations import Operations
from bot.web.operator_reports import OperatorReports
from bot.web.ralio_webhook import probe, ralio_webhook
from bot.web.readiness import Readiness
from bot.web.server import Server
from bot.web.slack_requests import SlackEndpoints
from bot.web.unknown_paths import UnknownPaths

STOP_CLICKS_S = 2.0
STOP_CALLS_S = 3.0
STOP_DECISIONS_S = 0.5
"""A decision that is being sent is sent again after the next start, under the same id."""

AFTER_FAULT_S = 1.0
CANCEL_AGAIN_S = 0.2

_NOT_OUR_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_bot(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[int]:
    """The whole bot, from database to server; gives the port it listens on.

    Stops in the order of the data's path: no new requests, no unfinished clicks, no unfinished calls, then the
    database. Together that is under ten seconds.
    """
    async with AsyncExitStack() as stack:
        committed, decided = asyncio.Event(), asyncio.Event()

        def wake() -> None:
            committed.set()
            decided.set()

        queues = settings.policies
        metrics = Metrics({queue: policy.deadlines.hours for queue, policy in queues.items()})
        store = await stack.enter_async_context(
            open_store(
                settings.database_url.get_secret_value(),
                clock(),
                wake,
                settings.audit_keys,
                queues,
                metrics.written,
                settings.decision_sharing,
            )
        )
        slack_client = await stack.enter_async_context(
            open_slack_client(
                settings.slack_api_url,
                settings.slack_bot_token.get_secret_value(),
                settings.slack_posts_per_second,
                clock,
                settings.proxy,
            )
        )
        directory = UserDirectory(slack_client, clock, queues, is_trusting=settings.slack_without_users_info)
        stack.push_async_callback(directory.close)
        health = SlackHealth(slack_client, [*settings.channels.values(), *_operations(settings)])
        worker = _delivery_worker(settings, store, slack_client, directory, health, clock, committed, metrics)
        await stack.enter_async_context(_background(health.watch))
        moves = CardMoves(store, settings.channels, clock)
        await stack.enter_async_context(_background(moves.run))
        await stack.enter_async_context(_background(HeldDeliveries(store, health, moves, clock).run))
        database = DatabaseWatch(
            store, slack_client, settings.operations_channel, clock, lambda: metrics.refused_requests
        )
        await stack.enter_async_context(_background(database.run))
        await stack.enter_async_context(
            _background(WarmUp(directory, clock, settings.slack_posts_per_second).run)
        )
        await stack.enter_async_context(_background(partial(store.listen, wake)))
        await stack.enter_async_context(_background(worker.run))
        stack.push_async_callback(worker.stop, STOP_CALLS_S)
        await stack.enter_async_context(_decision_webhook(settings, store, clock, decided, metrics))
        record = await stack.enter_async_context(_audit_watch(settings, store, slack_client, clock))
        periodic = (
            Timers(store, clock, queues),
            HolderCheck(store, directory, clock),
            RepeatedRefusals(store, clock),
            OpenHomes(store, clock),
        )
        for each in periodic:
            await stack.enter_async_context(_background(each.run))
        await stack.enter_async_context(admin_socket(store, clock))
        api = await stack.enter_async_context(_ralio_api(settings, clock))
        if api is not None:
            await stack.enter_async_context(_background(RalioLookups(store, api, clock).run))

        names = settings.file.audit.staff_names
        slack = SlackEndpoints(
            Context(
                store, slack_client, directory, clock, metrics.waited, names, changed=worker.expect_update
            ),
            [secret.get_secret_value() for secret in settings.slack_signing_secret],
            metrics,
        )
        stack.push_async_callback(slack.close, STOP_CLICKS_S)
        reports = OperatorReports(store, slack_client, settings.operations_channel, clock)
        stack.push_async_callback(reports.close, STOP_CLICKS_S)
        watch = IntakeWatch(reports, clock)
        readiness = Readiness(
            store,
            health,
            directory,
            api,
            clock,
            lambda: watch.warning,
            lambda: record.problem,
            sends_decisions=settings.decision_sharing is not DecisionSharing.NOTHING,
        )
        stack.push_async_callback(readiness.close)
        operations = Operations(readiness, clock, metrics, settings.metrics_token.get_secret_value())
        server = _server(settings, store, slack, operations, clock, metrics, watch)
        stack.push_async_callback(server.drain)
        port = await _listening(server, settings)
        _log.info("listening", host=settings.host, port=port)
        await stack.enter_async_context(_background(partial(log_start, settings, health)))
        log_gaps(settings, directory)
        yield port
        _log.info("stopping")


def _delivery_worker(
    settings: Settings,
    store: Store,
    slack_client: SlackClient,
    directory: UserDirectory,
    health: SlackHealth,
    clock: Clock,
    committed: asyncio.Event,
    metrics: Metrics,
) -> DeliveryWorker:
    renderer = Renderer(store, slack_client, directory, clock, settings.portal_url_template)
    search = ChannelSearch(slack_client, clock)
    attempts = Attempts(store, slack_client, search, health, renderer, clock, metrics.delivery)
    pace = settings.slack_posts_per_second
    return DeliveryWorker(committed, store, attempts, health, clock, _lanes(settings), pace)


@asynccontextmanager
async def _decision_webhook(
    settings: Settings, store: Store, clock: Clock, woken: asyncio.Event, metrics: Metrics
) -> AsyncIterator[None]:
    """Send decisions in the background if the settings say where to."""
    if settings.decision_sharing is DecisionSharing.NOTHING:
        yield
        return
    url, secrets = settings.decision_webhook_url, settings.decision_webhook_secret
    async with open_receiver(url, secrets, proxy=settings.proxy) as receiver:
        worker = DecisionWorker(woken, store, receiver, clock, metrics.delivery)
        async with _background(worker.run):
            try:
                yield
            finally:
                await worker.stop(STOP_DECISIONS_S)


@asynccontextmanager
async def _audit_watch(
    settings: Settings, store: Store, slack_client: SlackClient, clock: Clock
) -> AsyncIterator[AuditWatch]:
    """Verify the record in the background."""
    channel, keys = settings.operations_channel, settings.audit_keys
    watch = AuditWatch(store, slack_client, channel, keys, clock, await store.read(audit_trail.head))
    async with _background(watch.run):
        yield watch


def _server(
    settings: Settings,
    store: Store,
    slack: SlackEndpoints,
    operations: Operations,
    clock: Clock,
    metrics: Metrics,
    watch: IntakeWatch,
) -> Server:
    secrets = [secret.get_secret_value() for secret in settings.ralio_webhook_secret]
    encoding, max_body_bytes = settings.ralio_signature_encoding, settings.max_body_bytes
    webhook = ralio_webhook(store, secrets, encoding, max_body_bytes, clock, metrics, watch)
    unknown_paths = UnknownPaths(secrets, encoding, max_body_bytes, clock, metrics, watch)
    return Server(
        [
            web.post("/webhooks/ralio", webhook),
            web.get("/webhooks/ralio", probe),
            web.post("/slack/interactions", slack.interactions),
            web.post("/slack/commands", slack.commands),
            web.post("/slack/events", slack.events),
            web.get("/healthz", operations.healthz),
            web.get("/readyz", operations.readyz),
            web.get("/metrics", operations.metrics),
        ],
        metrics.answered,
        Limits(body_bytes=settings.max_bodies_bytes, keep_alive_s=settings.keep_alive_s),
        note_unknown_path=unknown_paths.note,
    )


async def _listening(server: Server, settings: Settings) -> int:
    """Start the server and return its port; an address that is not this machine's is a wrong setting."""
    try:
        return await server.start(settings.host, settings.port)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno in _NOT_OUR_ADDRESS:
            raise SettingsProblem(
                [f"HOST: this machine can't listen on {settings.host}: {error.strerror}"]
            ) from error
        raise


@asynccontextmanager
async def _ralio_api(settings: Settings, clock: Clock) -> AsyncIterator[RalioApi | None]:
    """Ralio's API where the settings name it."""
    if not settings.ralio_api_url:
        yield None
        return
    code, key = settings.ralio_api_code, settings.ralio_api_key
    async with open_ralio_api(settings.ralio_api_url, code, key, clock, proxy=settings.proxy) as api:
        yield api


def _operations(settings: Settings) -> list[str]:
    return [settings.operations_channel] if settings.operations_channel else []


def _lanes(settings: Settings) -> dict[str, str]:
    """Where the new messages of each lane go."""
    lanes = {deliveries.posts(queue): channel for queue, channel in settings.channels.items()}
    if settings.operations_channel:
        lanes[deliveries.OPERATIONS] = settings.operations_channel
    return lanes


@asynccontextmanager
async def _background(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run something while the server runs and end it with the server; if it fails, log the fault and start it again."""

    async def repeated() -> None:
        while True:
            try:
                await work()
            except Exception:  # noqa: BLE001 - whatever it is, the rest of the bot continues
                _log.exception("background_work_failed", work=repr(work))
                await asyncio.sleep(AFTER_FAULT_S)
            else:
                return

    task = asyncio.create_task(repeated())
    try:
        yield
    finally:
        # Once may not be enough: before Python 3.12 asyncio.wait_for, which the pool of connections waits with, can
        # swallow a cancellation that comes at the moment at which what it waits for is there.
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)
