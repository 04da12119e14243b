"""Lines about queues and people that several messages share. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.reviews.review import Status
from bot.slack.messages.mrkdwn import QUEUE_NAMES, moment, person
from bot.store.tables.worklist import ListName, QueueCounts, TeamMember

LIST_TITLES: Mapping[ListName, str] = MappingProxyType(
    {
        ListName.TO_CONFIRM: "Awaiting your confirmation",
        ListName.MINE: "Yours",
        ListName.UNCLAIMED: "Unclaimed",
        ListName.VERDICT_MISSING: "Decided, no verdict from Ralio yet",
        ListName.ESCALATED: "Escalated to the leads",
        ListName.IN_PROGRESS: "Claimed by others",
        ListName.DISAGREEMENTS: "Ralio disagreed in the last seven days",
        ListName.OVERDUE: "Overdue",
    }
)

MOST_PEOPLE = 10


def counts_line(queue: str, counts: QueueCounts) -> str:
    """How many reviews of a queue are in each status."""
    oldest = f", the oldest since {moment(counts.oldest_open_at)}" if counts.oldest_open_at else ""
    return (
        f"*{QUEUE_NAMES[queue].capitalize()}*: {counts.of(Status.OPEN)} unclaimed{oldest}; "
        f"{counts.of(Status.CLAIMED)} claimed, {counts.of(Status.PROPOSED)} awaiting confirmation"
    )


def team_lines(team: Sequence[TeamMember]) -> str:
    """Who has how much, one line per person."""
    if not team:
        return "No one has claimed anything."
    lines = [_workload(each) for each in team[:MOST_PEOPLE]]
    if more := len(team) - MOST_PEOPLE:
        lines += [f"and {more} more"] if more > 0 else []
    return "\n".join(lines)


def _workload(each: TeamMember) -> str:
    parts = [f"{each.claimed} claimed"]
    if each.proposed:
        parts.append(f"{each.proposed} awaiting confirmation")
    if each.escalated:
        parts.append(f"{each.escalated} escalated")
    if each.overdue:
        parts.append(f"*{each.overdue} overdue*")
    return f"{person(each.person)}: {', '.join(parts)}"
