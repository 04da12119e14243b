"""Lines about a queue that several messages share. Pure."""

from bot.reviews.review import Status
from bot.slack.messages.mrkdwn import QUEUE_NAMES, moment
from bot.store.tables.worklist import QueueCounts


def counts_line(queue: str, counts: QueueCounts) -> str:
    """How many reviews of a queue are in each status."""
    oldest = f", the oldest since {moment(counts.oldest_open_at)}" if counts.oldest_open_at else ""
    return (
        f"*{QUEUE_NAMES[queue].capitalize()}*: {counts.of(Status.OPEN)} unclaimed{oldest}; "
        f"{counts.of(Status.CLAIMED)} claimed, {counts.of(Status.PROPOSED)} to be confirmed"
    )
