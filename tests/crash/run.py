"""A run of the chaos: load, kills and faults together; then peace, and the reckoning."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.crash.load import Load
from tests.crash.machines import Instance, RestartablePostgres, slack_process
from tests.crash.receiver import lying_receiver
from tests.crash.report import WAITING, Report, compare
from tests.support.look import look_into
from tests.support.slack import RELATED_PARTY_CHANNEL, USER_CHANNEL, LocalSlack

SEED = 20_26
PEOPLE = 60
CLICKERS = 3
ASKING_FOR_NEXT = 2
CLICK_PAUSE_S = 0.15
FIRST_CARD_MOST_S, FIRST_CARD_LIMIT_S = 10.0, 120.0
QUEUE_CHANNELS = (USER_CHANNEL, RELATED_PARTY_CHANNEL)

_FAULTS: tuple[tuple[str, str, float, dict[str, float]], ...] = (
    ("chat.postMessage", "drop_before", 0.01, {}),
    ("chat.postMessage", "drop_after", 0.01, {}),
    ("chat.postMessage", "server_error", 0.005, {}),
    ("chat.postMessage", "ratelimited", 0.003, {"retry_after": 1}),
    ("chat.postMessage", "slow", 0.05, {"seconds": 1.5}),
    ("chat.postMessage", "slow_answer", 0.1, {"seconds": 0.2}),
    ("chat.update", "drop_after", 0.02, {}),
    ("chat.update", "server_error", 0.01, {}),
    ("chat.update", "slow", 0.1, {"seconds": 1.5}),
    ("chat.update", "ratelimited", 0.005, {"retry_after": 1}),
    ("conversations.history", "server_error", 0.02, {}),
    ("conversations.history", "drop_before", 0.01, {}),
    ("conversations.history", "ratelimited", 0.005, {"retry_after": 1}),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard it is.

    `pause_s` is how long (from, to) an instance lives after it listens, `outage_s` how long the database is away
    after the kills, `limit_s` ends the kills, `patience_s` is how long Slack may get nothing new at the end.
    """

    kills: int
    acknowledged: int
    instances: int
    pause_s: tuple[float, float]
    senders: int = 24
    send_pause_s: float = 0.12
    database_restarts: int = 0
    outage_s: float = 0.0
    limit_s: float | None = None
    patience_s: float = 60.0


Watch = Callable[[Report, str], None]
"""Told about progress: the report so far and what is being done."""


def _nobody(_report: Report, _doing: str) -> None:
    return


async def run_chaos(
    plan: Plan,
    database_url: str,
    folder: Path,
    postgres: RestartablePostgres | None = None,
    watch: Watch = _nobody,
) -> Report:
    """Carry out the plan against an empty database; logs go to the folder."""
    report = Report()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_process(folder / "slack.log"))
        receiver = await stack.enter_async_context(lying_receiver(SEED))
        people = await slack.add_people(PEOPLE)
        instances = [
            Instance(number, database_url, slack.api_url, folder, receiver.env)
            for number in range(plan.instances)
        ]
        for instance in instances:
            stack.callback(instance.ended)
            await instance.up()
        await _switch_faults_on(slack)
        load = Load([instance.address for instance in instances], slack, report, SEED)
        work = _load_tasks(load, plan, people, [instance.port for instance in instances])
        stack.push_async_callback(_cancel, work)
        await _break_things(plan, instances, postgres, report, work, watch)
        if postgres is not None and plan.outage_s:
            watch(report, "without a database")
            await _take_database_away(postgres, plan.outage_s, slack, report)
        load.stopping.set()
        await asyncio.gather(*work)
        await slack.no_faults()
        receiver.peace()
        await _settle(plan, database_url, report, watch)
        for instance in instances:
            report.own_exits += instance.own_exits
            code = await instance.terminate()
            assert code == 0, instance.log()[-4000:]
        await compare(report, database_url, slack)
        report.decisions, report.decisions_wrong = receiver.problems(database_url)
        report.decisions_repeated = len(receiver.messages) - len(receiver.kept)
    return report


def _load_tasks(
    load: Load, plan: Plan, people: Sequence[str], ports: Sequence[int]
) -> list[asyncio.Task[None]]:
    senders = [asyncio.create_task(load.send(number, plan.send_pause_s)) for number in range(plan.senders)]
    asking, clicking = people[:ASKING_FOR_NEXT], people[ASKING_FOR_NEXT:]
    clickers = [
        asyncio.create_task(load.press_claim(clicking, ports, CLICK_PAUSE_S)) for _ in range(CLICKERS)
    ]
    nexts = [asyncio.create_task(load.claim_next(person, ports, CLICK_PAUSE_S)) for person in asking]
    return [*senders, *clickers, *nexts]


async def _break_things(
    plan: Plan,
    instances: Sequence[Instance],
    postgres: RestartablePostgres | None,
    report: Report,
    load: Sequence[asyncio.Task[None]],
    watch: Watch,
) -> None:
    """Kill every instance and restart the database, until all kills are done and enough is acknowledged."""
    deadline = None if plan.limit_s is None else time.monotonic() + plan.limit_s

    def is_over() -> bool:
        return deadline is not None and time.monotonic() > deadline

    killers = [asyncio.create_task(_kill(instance, plan, report, is_over, watch)) for instance in instances]
    if postgres is not None:
        killers.append(asyncio.create_task(_restart_database(postgres, plan, report, is_over)))
    try:
        while any(not task.done() for task in killers) or len(report.events) < plan.acknowledged:
            for task in [*killers, *load]:
                if task.done():
                    task.result()  # a fault of the run itself ends it
            if is_over() and all(task.done() for task in killers):
                return
            watch(report, "killing")
            await asyncio.sleep(0.2)
        await asyncio.gather(*killers)
    finally:
        await _cancel(killers)


async def _kill(
    instance: Instance, plan: Plan, report: Report, is_over: Callable[[], bool], watch: Watch
) -> None:
    chance = random.Random(SEED + instance.number)
    while report.kills < plan.kills and not is_over():
        await instance.up()
        await asyncio.sleep(chance.uniform(*plan.pause_s))
        if report.kills >= plan.kills:
            break
        report.kills += 1
        await instance.kill_and_start()
        watch(report, "killing")
        # Every few kills it is killed once more before it can listen: migrations and the first lease are hit too.
        if chance.random() < 0.1 and report.kills < plan.kills:
            await asyncio.sleep(chance.uniform(0, 1))
            report.kills += 1
            await instance.kill_and_start()
    await instance.up()


async def _restart_database(
    postgres: RestartablePostgres, plan: Plan, report: Report, is_over: Callable[[], bool]
) -> None:
    """Spread over the kills; two crashes, then one restart in order, and so on."""
    for number in range(plan.database_restarts):
        due = plan.kills * (number + 1) / (plan.database_restarts + 1)
        while report.kills < due:
            if is_over():
                return
            await asyncio.sleep(0.1)
        restart = asyncio.create_task(
            asyncio.to_thread(postgres.restart, "fast" if number % 3 == 2 else "immediate")
        )
        try:
            await asyncio.shield(restart)
        finally:
            await restart  # also when the run ends meanwhile: nobody may find the server half started
        report.database_restarts += 1


async def _take_database_away(
    postgres: RestartablePostgres, outage_s: float, slack: LocalSlack, report: Report
) -> None:
    """Under load, but without kills: what is measured is how soon the first card is posted once it is back."""
    await asyncio.to_thread(postgres.go_away)
    await asyncio.sleep(outage_s)
    await asyncio.to_thread(postgres.come_back)
    back_at = time.time()
    while report.first_card_s is None and time.time() - back_at < FIRST_CARD_LIMIT_S:
        await asyncio.sleep(0.1)
        calls = await slack.control("GET", "calls?method=chat.postMessage&limit=100")
        cards = [call["at"] for call in calls if call["at"] > back_at and call["channel"] in QUEUE_CHANNELS]
        report.first_card_s = min(cards) - back_at if cards else None
    report.is_late = report.first_card_s is None or report.first_card_s > FIRST_CARD_MOST_S


async def _settle(plan: Plan, database_url: str, report: Report, watch: Watch) -> None:
    """Wait until Slack has everything, for as long as it comes nearer to that."""
    fewest, since = None, time.monotonic()
    while time.monotonic() - since < plan.patience_s:
        waiting = look_into(database_url, WAITING)[0]["waiting"]
        if not waiting:
            return
        if fewest is None or waiting < fewest:
            fewest, since = waiting, time.monotonic()
        watch(report, f"settling, {waiting} to go")
        await asyncio.sleep(0.5)


async def _switch_faults_on(slack: LocalSlack) -> None:
    for method, fault, probability, details in _FAULTS:
        await slack.fault(method, fault, probability=probability, **details)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
