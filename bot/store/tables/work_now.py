"""The current state, as the metrics show it: counts only."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.store.engine.transaction import Reading
from bot.store.tables import decision_webhook, deliveries, events
from bot.store.tables.deliveries import Backlog
from bot.store.tables.worklist import QueueCounts, queue_counts


@dataclass(frozen=True, slots=True)
class WorkNow:
    """What is in work, by queue; verdicts that do not fit, by how they do not; what Slack has not got.

    `decisions` is what the decision webhook has not received; `dropped_bodies` counts quarantined events whose body was
    not kept. `verdicts_missing` counts, by queue, the decisions that Ralio should have confirmed by now (milliseconds).
    """

    queues: Mapping[str, QueueCounts]
    disagreements: Mapping[str, int]
    backlog: Backlog
    quarantined: int
    decisions: Backlog
    dropped_bodies: int
    verdicts_missing: Mapping[str, int]


async def work_now(reading: Reading, now: int) -> WorkNow:
    """Read all of it; every count goes over what is open, held or wrong, never over what is done."""
    disagreements = {
        row["disagreement"]: row["total"] async for row in reading.sql.count_disagreements(reading.connection)
    }
    return WorkNow(
        await queue_counts(reading),
        disagreements,
        await deliveries.backlog(reading),
        await events.quarantined_count(reading),
        await decision_webhook.backlog(reading),
        await events.dropped_bodies(reading),
        {
            row["queue"]: row["total"]
            async for row in reading.sql.count_verdicts_missing(reading.connection, now=now)
        },
    )
