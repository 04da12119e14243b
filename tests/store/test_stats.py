"""`stats`: what happened in the database as numbers, on both databases."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.cli.stats import print_stats
from bot.handlers import ralio_event
from bot.handlers.person_action import carry_out
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.business_hours import BusinessHours
from bot.reviews.policy import Decision
from bot.reviews.review import Action, Review, SessionEvent, SessionState, Status
from bot.reviews.snooze import Snooze
from bot.store.engine.transaction import Reading, Transaction
from bot.store.store import Store
from bot.store.tables import audit, reviews, stats
from tests.support.actions import action_request, authority
from tests.support.operator import command
from tests.support.store import propose, verdict
from tests.support.tamper import write

HOUR_MS = 3_600_000
OFFICE = BusinessHours(ZoneInfo("Europe/Madrid"), frozenset(range(5)), 9 * 60, 17 * 60)
HOURS = {"user": OFFICE, "related-party": BusinessHours()}


def at(text: str) -> int:
    """A time in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Step:
    """A person brings a session's review into a state."""

    session_id: str
    person: str
    status: Status
    now: int


_ACTIONS = {Status.CLAIMED: Action.CLAIM, Status.DECIDED: Action.RESOLVE}


def bring(transaction: Transaction, step: Step) -> None:
    """Write the review and its audit entry as any action does."""
    before = reviews.load(transaction, [step.session_id])[step.session_id]
    after = _after(before, step)._replace(status=step.status, version=before.version + 1)
    reviews.update(transaction, [(before, after)])
    action = _ACTIONS.get(step.status, Action.RELEASE)
    detail = {"outcome": "approve"} if step.status is Status.DECIDED else {}
    entry = AuditEntry(
        step.now, step.person, action, before.status, after.status, after.version, detail=detail
    )
    audit.append(transaction, [(before.id, entry)])


def _after(before: Review, step: Step) -> Review:
    match step.status:
        case Status.CLAIMED:
            return before._replace(claimed_by=step.person, claimed_at=step.now)
        case Status.DECIDED:
            return before._replace(outcome="approve", decided_by=step.person, decided_at=step.now)
        case _:
            return before._replace(claimed_by=None, claimed_at=None, opened_at=step.now)


async def test_a_proposal_that_a_verdict_closed_is_no_ones_decision(store: Store, database_url: str) -> None:
    """While it waits it is its proposer's; once it is closed, no one decided it. The table is not asked."""
    for session_id in ("s-1", "s-2"):
        await arrive(store, session_id, 1_000)
        await propose(store, session_id, "UANA000001")
    await verdict(store, "s-2", 5_000)
    write(database_url, "UPDATE reviews SET status = 'open', claimed_by = NULL, decided_by = 'UEVE'")

    async def standing(reading: Reading) -> set[tuple[Status, str | None]]:
        found = [each async for _, each in stats.history(reading, lambda _read: None)]
        return {(each.status, each.person) for each in found if isinstance(each, stats.ReviewNow)}

    assert await store.read(standing) == {(Status.PROPOSED, "UANA000001"), (Status.CLOSED, None)}


async def arrive(store: Store, session_id: str, now: int) -> None:
    """Ralio sends a session to review."""
    event = SessionEvent(
        f"event-{session_id}",
        now,
        session_id,
        SessionState.REVIEW,
        type="kyc_session_manual_review",
        received_at=now,
    )
    await store.write_batched(ralio_event.receive, event)


async def _week(store: Store) -> None:
    """Three sessions on a Friday: one is decided, one claimed on Monday, one is left."""
    friday, monday = at("2026-03-20T12:00"), at("2026-03-23T08:30")
    for number in range(3):
        await arrive(store, f"s{number}", friday)
    await store.write(bring, Step("s0", "UANA", Status.CLAIMED, friday + HOUR_MS))
    await store.write(bring, Step("s0", "UANA", Status.DECIDED, friday + 2 * HOUR_MS))
    await store.write(bring, Step("s1", "UBEN", Status.CLAIMED, monday))


async def _printed(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> dict[tuple[str, str | None], dict[str, object]]:
    await print_stats(database_url, HOURS, lambda: at("2026-03-23T12:00"), as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {(line["queue"], line["reviewer"]): line for line in lines}


async def test_queues_and_reviewers_are_counted(
    store: Store, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also within business hours: a weekend is no time at all."""
    await _week(store)
    lines = await _printed(database_url, capsys)
    assert list(lines) == [("related-party", None), ("user", None), ("user", "UANA"), ("user", "UBEN")]
    assert lines["user", None] == {
        "queue": "user",
        "reviewer": None,
        "open": 1,
        "claimed": 1,
        "proposed": 0,
        "decided": 1,
        "closed": 0,
        "oldest_unclaimed_at": "2026-03-20T12:00:00.000Z",
        "oldest_unclaimed_s": 3 * 86_400,
        "claims": 2,
        "claim_median_s": (3_600 + 68.5 * 3_600) / 2,
        "claim_p90_s": 3_600 + 67.5 * 3_600 * 0.9,
        "claim_median_working_s": (3_600 + 4.5 * 3_600) / 2,
        "claim_p90_working_s": 3_600 + 3.5 * 3_600 * 0.9,
        "decisions": 1,
        "decide_median_s": 7_200,
        "decide_p90_s": 7_200,
        "decide_median_working_s": 7_200,
        "decide_p90_working_s": 7_200,
        "snoozed": 0,
        "snoozed_median_s": None,
        "snoozed_p90_s": None,
    }
    ana, ben = lines["user", "UANA"], lines["user", "UBEN"]
    assert (ana["decided"], ana["claims"], ana["decisions"], ana["claim_median_s"]) == (1, 1, 1, 3_600)
    assert (ben["claimed"], ben["claims"], ben["decisions"], ben["decide_median_s"]) == (1, 1, 0, None)
    assert (ben["claim_median_s"], ben["claim_median_working_s"]) == (68.5 * 3_600, 4.5 * 3_600)
    party = lines["related-party", None]
    assert (party["open"], party["oldest_unclaimed_at"], party["claim_median_working_s"]) == (0, None, None)


async def test_every_round_of_a_reopened_review_counts(
    store: Store, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two decisions on one session, an hour and three."""
    start = at("2026-03-17T09:00")
    await arrive(store, "s1", start)
    for hour, status in ((1, Status.CLAIMED), (1, Status.DECIDED), (10, Status.OPEN), (11, Status.CLAIMED)):
        await store.write(bring, Step("s1", "UANA", status, start + hour * HOUR_MS))
    await store.write(bring, Step("s1", "UBEN", Status.DECIDED, start + 13 * HOUR_MS))
    lines = await _printed(database_url, capsys)
    assert lines["user", None]["decisions"] == 2
    assert lines["user", None]["decide_median_s"] == 2 * 3_600
    assert lines["user", "UBEN"]["decide_median_s"] == 3 * 3_600


async def test_reading_goes_on_over_pages(
    store: Store, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A review whose entries lie on two pages is still one."""
    await _week(store)
    whole = await _printed(database_url, capsys)
    monkeypatch.setattr(stats, "PAGE", 1)
    assert await _printed(database_url, capsys) == whole


async def test_the_command_prints_a_table_or_objects(store: Store, database_url: str) -> None:
    """With nothing but the database's address, beside whoever writes it."""
    await _week(store)
    table = await command(database_url, "stats")
    assert table.returncode == 0
    assert {"UANA", "UBEN", "related-party"} <= set(table.stdout.split())
    assert "1h 0m" in table.stdout
    assert "\x1b" not in table.stdout
    objects = await command(database_url, "stats", "--json")
    lines = [json.loads(line) for line in objects.stdout.splitlines()]
    assert [line["reviewer"] for line in lines] == [None, None, "UANA", "UBEN"]
    assert objects.stderr == ""


async def test_time_in_which_a_review_is_snoozed_is_no_working_time(
    store: Store, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claimed on a Tuesday, snoozed for three hours and resumed, then snoozed and decided an hour later."""
    start = at("2026-03-17T09:00")
    await arrive(store, "s1", start)

    def do(transaction: Transaction, step: tuple[Action, int]) -> None:
        action, hour = step
        request = action_request(
            action,
            "UANA",
            "s1",
            start + hour * HOUR_MS,
            snooze=Snooze(date(2026, 3, 18)),
            decision=Decision("approve"),
        )
        (result,) = carry_out(transaction, [(request, authority())])
        assert result.refused is None

    steps = [
        (Action.CLAIM, 0),
        (Action.SNOOZE, 1),
        (Action.RESUME, 4),
        (Action.SNOOZE, 5),
        (Action.RESOLVE, 6),
    ]
    for step in steps:
        await store.write(do, step)
    line = (await _printed(database_url, capsys))["user", "UANA"]
    assert (line["decide_median_s"], line["decide_median_working_s"]) == (6 * 3_600, 2 * 3_600)
    assert (line["snoozed"], line["snoozed_median_s"]) == (1, 4 * 3_600)
