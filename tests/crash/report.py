"""What came of a run: what was promised, and what the database and Slack hold in the end."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.support.look import look_into
from tests.support.slack import LocalSlack, buttons

_IS_UNRESOLVED = "shown_version < wanted_version OR held_at IS NOT NULL OR lease_token IS NOT NULL"
_UNRESOLVED = (
    "SELECT id, kind, last_error, attempts, held_at, lease_token "  # noqa: S608 - no value in it
    f"FROM deliveries WHERE {_IS_UNRESOLVED}"
)
WAITING = f"SELECT count(*) AS waiting FROM deliveries WHERE {_IS_UNRESOLVED}"  # noqa: S608 - likewise
_WAITING_SESSIONS = (
    "SELECT session_id FROM reviews WHERE id IN "  # noqa: S608 - likewise
    f"(SELECT review_id FROM deliveries WHERE kind = 'card' AND ({_IS_UNRESOLVED}))"
)
_CLICKS = (
    "SELECT reviews.session_id, audit.actor FROM audit JOIN reviews ON reviews.id = audit.review_id "
    "WHERE audit.action = 'claim'"
)
_TWICE_RECEIVED = (
    "SELECT detail, count(*) AS times FROM audit WHERE action = 'receive' GROUP BY detail HAVING count(*) > 1"
)
_OCCURRED_TWICE = (
    "SELECT session_id, type, occurred_at FROM events GROUP BY session_id, type, occurred_at "
    "HAVING count(*) > 1"
)
_NOT_RECORDED = ("couldn't record your click", "may not have been recorded")

Click = tuple[str, str]


@dataclass(slots=True)
class Report:
    """What was acknowledged, and what is wrong in the end: everything from `lost` on has to be empty.

    `new_ids` are repetitions under a new id, `doubled` clicks and commands that arrived twice, `typed` how often
    somebody asked for the next review. `first_card_s` is how long Slack waited for a card after the database was back,
    which `is_late` after ten seconds.
    `answered_early` are clicks that had to be answered before they were recorded, because Slack waits three seconds: a
    kill can then take one with it, and its card stays as it was.
    `told` are clicks that were answered 200 while the database was away: the person was told that they do not count.
    """

    kills: int = 0
    database_restarts: int = 0
    own_exits: int = 0
    repeats: int = 0
    new_ids: int = 0
    doubled: int = 0
    first_card_s: float | None = None
    is_late: bool = False
    typed: Counter[str] = field(default_factory=Counter)
    events: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    pressed: set[Click] = field(default_factory=set)
    clicks: set[Click] = field(default_factory=set)
    answered_early: set[Click] = field(default_factory=set)
    told: set[Click] = field(default_factory=set)
    decisions: int = 0
    decisions_repeated: int = 0
    lost: set[str] = field(default_factory=set)
    double: set[str] = field(default_factory=set)
    untrue: set[str] = field(default_factory=set)
    clicks_lost: set[Click] = field(default_factory=set)
    decisions_wrong: list[str] = field(default_factory=list)
    unresolved: list[dict[str, Any]] = field(default_factory=list)

    def acknowledge(self, event: dict[str, Any]) -> None:
        """Ralio got a 200 for it and will never send it again."""
        self.events.add(event["eventId"])
        self.sessions.add(event["data"]["sessionId"])

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (
            self.lost
            or self.double
            or self.untrue
            or self.clicks_lost
            or self.decisions_wrong
            or self.unresolved
            or self.is_late
        )

    def __str__(self) -> str:
        outage = (
            f", first card {self.first_card_s:.1f} s after the outage"
            if self.first_card_s is not None
            else ""
        )
        return (
            f"{self.kills} kills, {self.database_restarts} database restarts, "
            f"{self.own_exits} exits by itself{outage}\n"
            f"{len(self.events)} events acknowledged ({len(self.sessions)} reviews, {self.repeats} repeats, "
            f"{self.new_ids} repeated under a new id): "
            f"{len(self.lost)} lost, {len(self.double)} double, {len(self.untrue)} untrue cards, "
            f"{len(self.unresolved)} unresolved\n"
            f"{self.doubled} clicks and commands doubled, {self.typed.total()} times the next review asked for\n"
            f"{len(self.clicks)} clicks acknowledged of {len(self.pressed)}: {len(self.clicks_lost)} lost, "
            f"{len(self.told)} told that it was not recorded; {len(self.answered_early)} answered early\n"
            f"{self.decisions} decisions sent ({self.decisions_repeated} repetitions): "
            f"{len(self.decisions_wrong)} reviews with lost or misplaced ones"
        )

    def findings(self) -> list[str]:
        """A line for each thing that is wrong, at most twenty of a kind."""
        named: dict[str, list[Any]] = {
            "lost": sorted(self.lost),
            "double": sorted(self.double),
            "untrue": sorted(self.untrue),
            "click lost": sorted(self.clicks_lost),
            "decisions wrong": self.decisions_wrong,
            "unresolved": self.unresolved,
        }
        late = [f"first card after the outage: {self.first_card_s} s"] if self.is_late else []
        return [*late, *(f"{name}: {item}" for name, items in named.items() for item in items[:20])]


async def compare(report: Report, database_url: str, slack: LocalSlack) -> None:
    """Hold what was promised against the database and against Slack."""
    async with slack.session.get(f"{slack.address}/_control/messages") as answer:
        messages = await answer.json()
    cards: dict[str, list[dict[str, Any]]] = {}
    notes: list[dict[str, Any]] = []
    for message in messages:
        if message["ephemeral_to"]:
            notes.append(message)
        elif session_id := _session_of(message):
            cards.setdefault(session_id, []).append(message)
    _compare_events(report, database_url, cards)
    _compare_next(report, database_url)
    _compare_clicks(report, database_url, notes)
    report.untrue = _untrue(database_url, cards)
    report.unresolved = look_into(database_url, _UNRESOLVED)


def _compare_events(report: Report, database_url: str, cards: dict[str, list[dict[str, Any]]]) -> None:
    known = {row["event_id"] for row in look_into(database_url, "SELECT event_id FROM events")}
    waiting = {row["session_id"] for row in look_into(database_url, _WAITING_SESSIONS)}
    # A card that is still on its way is unresolved, which is bad enough, yet not lost.
    report.lost = (report.events - known) | (report.sessions - cards.keys() - waiting)
    received_twice = {row["detail"] for row in look_into(database_url, _TWICE_RECEIVED)}
    occurred_twice = {str(dict(row)) for row in look_into(database_url, _OCCURRED_TWICE)}
    report.double |= {session for session, found in cards.items() if len(found) > 1}
    report.double |= received_twice | occurred_twice


def _compare_next(report: Report, database_url: str) -> None:
    """Nobody got more reviews than they asked for."""
    given = Counter(row["actor"] for row in look_into(database_url, _CLICKS))
    for person, times in report.typed.items():
        if given[person] > times:
            report.double.add(f"{person} asked {times} times for the next review and got {given[person]}")


def _compare_clicks(report: Report, database_url: str, notes: list[dict[str, Any]]) -> None:
    recorded = Counter((row["session_id"], row["actor"]) for row in look_into(database_url, _CLICKS))
    missing = report.clicks - recorded.keys()
    apologies = [
        (note["ephemeral_to"], json.dumps(note))
        for note in notes
        if any(words in note["text"] for words in _NOT_RECORDED)
    ]
    report.told = {
        (session, person)
        for session, person in missing
        if any(to == person and session in text for to, text in apologies)
    }
    report.clicks_lost = missing - report.told
    twice = {click for click, times in recorded.items() if times > 1}
    report.double |= {f"click {click}" for click in twice & report.pressed}


def _untrue(database_url: str, cards: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Sessions whose card offers what the database does not."""
    offers = {"open": {"Claim"}, "claimed": {"Resolve", "Release"}, "closed": set()}
    actions = {"Claim", "Resolve", "Release"}
    rows = look_into(database_url, "SELECT session_id, status FROM reviews")
    return {
        row["session_id"]
        for row in rows
        for card in cards.get(row["session_id"], [])
        if actions & set(buttons(card)) != offers[row["status"]]
    }


def _session_of(message: dict[str, Any]) -> str | None:
    metadata = message["metadata"] or {}
    session_id = metadata.get("event_payload", {}).get("session_id")
    return session_id if isinstance(session_id, str) else None
