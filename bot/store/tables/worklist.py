"""What there is to do and who does it: the lists of a person's home tab and of the `/reviews` command."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bot.reviews.review import Review, Status
from bot.store.engine.transaction import Reading
from bot.store.tables.reviews import ListedReview, listed

PAGE = 5
"""Reviews of a list on the home tab, unless the person wants to see more of it."""

EXPANDED_PAGE = 15
"""Reviews of the list that a home tab shows in full: with all others, they fit into Slack's hundred blocks."""

DISAGREEMENTS_FOR_MS = 7 * 24 * 3_600_000
"""How long a lead's list has a verdict that disagrees; `reviews --disagreeing` has all."""


class ListName(StrEnum):
    """The lists of reviews. A review is in one of them, and if it is overdue also in `overdue`."""

    TO_CONFIRM = "to_confirm"
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    ESCALATED = "escalated"
    IN_PROGRESS = "in_progress"
    DISAGREEMENTS = "disagreements"
    VERDICT_MISSING = "verdict_missing"
    OVERDUE = "overdue"


OF_REVIEWERS = (ListName.TO_CONFIRM, ListName.MINE, ListName.UNCLAIMED, ListName.VERDICT_MISSING)
"""What the home tab of every reviewer lists."""

OF_LEADS = (ListName.ESCALATED, ListName.IN_PROGRESS, ListName.DISAGREEMENTS)
"""What the home tab of a lead lists besides; the verdicts that are missing are then those of the whole queue."""


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many reviews of a queue are in each state; since when its oldest open one waits (milliseconds)."""

    by_status: Mapping[Status, int] = field(default_factory=dict)
    oldest_open_at: int | None = None

    def of(self, status: Status) -> int:
        """How many are in this state."""
        return self.by_status.get(status, 0)


_EXPANDED = re.compile(f"({'|'.join(ListName)}):([0-9]{{1,9}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expanded:
    """The list that a home tab shows in full, from its row `first` on."""

    name: ListName
    first: int = 0

    def __str__(self) -> str:
        """Text for a button or the database, such as `unclaimed:15`."""
        return f"{self.name}:{self.first}"

    @classmethod
    def read(cls, text: str) -> "Expanded | None":
        """Read what `str` made; None for any other text."""
        found = _EXPANDED.fullmatch(text)
        return cls(ListName(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class ReviewList:
    """Some reviews of a list, the most urgent first: those from row `first` on, of `total`."""

    reviews: Sequence[ListedReview] = ()
    total: int = 0
    first: int = 0

    @property
    def more(self) -> int:
        """How many come after these."""
        return max(0, self.total - self.first - len(self.reviews))


@dataclass(frozen=True, slots=True)
class TeamMember:
    """A person, and how many reviews they have: claimed (`escalated` of them to the leads), proposed, and overdue."""

    person: str
    claimed: int = 0
    escalated: int = 0
    proposed: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person can see at `now` (milliseconds): the queues that they review, and those that they lead."""

    person: str
    queues: Sequence[str]
    led: Sequence[str]
    now: int


@dataclass(frozen=True, slots=True)
class Worklist:
    """All that a home tab shows; `team` is who has how much in the queues that the person leads, the busiest first."""

    counts: Mapping[str, QueueCounts]
    lists: Mapping[ListName, ReviewList] = field(default_factory=dict)
    team: Sequence[TeamMember] = ()
    expanded: Expanded | None = None


async def worklist(reading: Reading, scope: Scope, expanded: Expanded | None = None) -> Worklist:
    """What the person has, and what the queues that they work on or lead hold for them."""
    names = (*OF_REVIEWERS, *(OF_LEADS if scope.led else ()))
    lists = {name: await _section(reading, name, scope, expanded) for name in names}
    counts = await queue_counts(reading, with_tests=True)
    return Worklist(
        {queue: counts[queue] for queue in scope.queues if queue in counts},
        lists,
        await team(reading, scope),
        expanded,
    )


async def _section(reading: Reading, name: ListName, scope: Scope, expanded: Expanded | None) -> ReviewList:
    if expanded is None or expanded.name is not name:
        return await review_list(reading, name, scope, PAGE)
    found = await review_list(reading, name, scope, EXPANDED_PAGE, expanded.first)
    if found.reviews or not found.total:
        return found
    # The list became shorter in the meantime: its last page.
    first = (found.total - 1) // EXPANDED_PAGE * EXPANDED_PAGE
    return await review_list(reading, name, scope, EXPANDED_PAGE, first)


async def review_list(
    reading: Reading, name: ListName, scope: Scope, page: int, first: int = 0
) -> ReviewList:
    """At most `page` reviews of a list from row `first` on, over all queues."""
    found: list[ListedReview] = []
    total = 0
    queues = scope.led if name in OF_LEADS else scope.queues
    for queue in queues:
        rows = [listed(row) async for row in _rows(reading, name, scope, queue, first + page)]
        found += rows
        is_all = len(rows) < first + page
        total += len(rows) if is_all else await _total(reading, name, scope, queue)
    found.sort(key=lambda each: _ORDER[name](each.review))
    return ReviewList(found[first : first + page], total, first)


def _rows(reading: Reading, name: ListName, scope: Scope, queue: str, page: int) -> Any:  # noqa: ANN401 - a driver's rows
    sql, connection, person = reading.sql, reading.connection, scope.person
    match name:
        case ListName.TO_CONFIRM:
            return sql.to_be_confirmed(connection, queue=queue, person=person, page=page)
        case ListName.MINE:
            return sql.held_by(connection, queue=queue, person=person, page=page)
        case ListName.UNCLAIMED:
            return sql.unclaimed_in_queue(connection, queue=queue, page=page)
        case ListName.ESCALATED | ListName.IN_PROGRESS:
            escalated = int(name is ListName.ESCALATED)
            return sql.claimed_by_others(
                connection, queue=queue, person=person, escalated=escalated, page=page
            )
        case ListName.DISAGREEMENTS:
            since = scope.now - DISAGREEMENTS_FOR_MS
            return sql.disagreeing_in_queue(connection, queue=queue, since=since, page=page)
        case ListName.VERDICT_MISSING:
            decided_by = _decider(scope, queue)
            return sql.verdicts_missing_in_queue(
                connection, queue=queue, now=scope.now, decided_by=decided_by, page=page
            )
        case ListName.OVERDUE:
            return sql.overdue_in_queue(connection, queue=queue, now=scope.now, page=page)


async def _total(reading: Reading, name: ListName, scope: Scope, queue: str) -> int:
    sql, connection, person, now = reading.sql, reading.connection, scope.person, scope.now
    match name:
        case ListName.TO_CONFIRM:
            row = await sql.count_to_be_confirmed(connection, queue=queue, person=person)
        case ListName.MINE:
            row = await sql.count_held_by(connection, queue=queue, person=person)
        case ListName.UNCLAIMED:
            return (await queue_counts(reading, with_tests=True))[queue].of(Status.OPEN)
        case ListName.ESCALATED | ListName.IN_PROGRESS:
            others = [each for each in await _workloads(reading, queue, now) if each.person != person]
            escalated = sum(each.escalated for each in others)
            claimed = sum(each.claimed for each in others)
            return escalated if name is ListName.ESCALATED else claimed - escalated
        case ListName.DISAGREEMENTS:
            since = now - DISAGREEMENTS_FOR_MS
            row = await sql.digest_disagreements(connection, queue=queue, since=since)
        case ListName.VERDICT_MISSING:
            decided_by = _decider(scope, queue)
            row = await sql.count_verdicts_missing_in_queue(
                connection, queue=queue, now=now, decided_by=decided_by
            )
        case ListName.OVERDUE:
            row = await sql.digest_overdue(connection, queue=queue, now=now)
    return int(row["total"])


def _decider(scope: Scope, queue: str) -> str | None:
    """Whose decisions count: reviewers see their own, leads those of all."""
    return None if queue in scope.led else scope.person


def _by_urgency(review: Review) -> tuple[bool, bool, int, int]:
    due_at = review.due_at
    return review.snoozed_until is not None, due_at is None, due_at or 0, review.claimed_at or 0


_ORDER: Mapping[ListName, Callable[[Review], Any]] = MappingProxyType(
    {
        ListName.TO_CONFIRM: lambda review: review.decided_at or 0,
        ListName.MINE: _by_urgency,
        ListName.UNCLAIMED: lambda review: review.opened_at or 0,
        ListName.ESCALATED: _by_urgency,
        ListName.IN_PROGRESS: _by_urgency,
        ListName.DISAGREEMENTS: lambda review: -(review.status_since or 0),
        ListName.VERDICT_MISSING: lambda review: review.due_at or 0,
        ListName.OVERDUE: lambda review: review.due_at or 0,
    }
)
"""The order of each list, as in its statement: a list can hold reviews of several queues."""


async def team(reading: Reading, scope: Scope) -> list[TeamMember]:
    """Who has how much in the queues that the person leads, the busiest first."""
    found: dict[str, TeamMember] = {}
    for queue in scope.led:
        for each in await _workloads(reading, queue, scope.now):
            before = found.get(each.person, TeamMember(each.person))
            found[each.person] = TeamMember(
                each.person,
                before.claimed + each.claimed,
                before.escalated + each.escalated,
                before.proposed + each.proposed,
                before.overdue + each.overdue,
            )
    return sorted(found.values(), key=lambda each: (-each.claimed - each.proposed, each.person))


async def _workloads(reading: Reading, queue: str, now: int) -> list[TeamMember]:
    rows = reading.sql.people_at_work(reading.connection, queue=queue, now=now)
    return [
        TeamMember(row["person"], row["claimed"], row["escalated"], row["proposed"], row["overdue"])
        async for row in rows
    ]


async def queue_counts(reading: Reading, *, with_tests: bool = False) -> dict[str, QueueCounts]:
    """Every queue that has something in progress; statistics leave tests out."""
    by_status: dict[str, dict[Status, int]] = {}
    oldest: dict[str, int | None] = {}
    async for row in reading.sql.count_in_work(reading.connection, with_tests=int(with_tests)):
        status = Status(row["status"])
        by_status.setdefault(row["queue"], {})[status] = row["total"]
        if status is Status.OPEN:
            oldest[row["queue"]] = row["oldest_at"]
    return {queue: QueueCounts(counts, oldest.get(queue)) for queue, counts in by_status.items()}


async def by_session(reading: Reading, session_id: str) -> ListedReview | None:
    """One session's review; None for a session that the bot does not know."""
    row = await reading.sql.review_of_session(reading.connection, session_id=session_id)
    return listed(row) if row is not None else None
