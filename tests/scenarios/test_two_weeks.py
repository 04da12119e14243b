"""Two weeks of deadlines with an injected clock: every reminder, escalation and digest once, at the right local time.

The weeks hold a weekend, a holiday, the change to summer time and an outage of two days; the bot is restarted every
midnight. Reviews are worked on as people do: too late, not at all, in time.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.delivery.attempt import Attempts
from bot.delivery.find_posted import ChannelSearch
from bot.delivery.render import Renderer
from bot.delivery.worker import DeliveryWorker
from bot.handlers import ralio_event
from bot.handlers.deadline_passed import Timers
from bot.handlers.person_action import carry_out
from bot.reviews.action_request import Authority
from bot.reviews.policy import Decision
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.reviews.snooze import Snooze
from bot.settings.file import BotFile
from bot.slack.api.client import open_slack_client
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.store import Store, open_store
from bot.store.tables import deliveries, reminders, timers
from tests.support.actions import action_request
from tests.support.look import look_into
from tests.support.slack import ANA, BEN, TOKEN, USER_CHANNEL, LocalSlack

MADRID = ZoneInfo("Europe/Madrid")
LEADS = "SLEADS0001"
REVIEWERS = f"<@{ANA}>, <@{BEN}>: "
FILE = BotFile.model_validate(
    {
        "queues": {
            "user": {
                "reviewers": [ANA, BEN],
                "leads": [LEADS],
                "digest_at": "08:45",
                "hours": {"tz": "Europe/Madrid", "from": "09:00", "to": "17:30", "holidays": ["2026-04-03"]},
                "deadlines": {
                    "claim_within": "4h",
                    "decide_within": "2d",
                    "remind_every": "4h",
                    "escalate_after": "1d",
                    "release_after": "1d",
                    "verdict_within": "1d",
                },
            }
        }
    }
)
RULES = FILE.rules()
PACE = 1_000.0
HOUR_MS = 3_600_000


class _Clock:
    """A clock that stands still until it is set."""

    def __init__(self, local: str) -> None:
        self.now = _at(local)

    def __call__(self) -> int:
        return self.now


def _at(local: str) -> int:
    return int(datetime.fromisoformat(f"2026-{local}").replace(tzinfo=MADRID).timestamp() * 1000)


def _local(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, MADRID).strftime("%a %d %H:%M")


class _Office:
    """The bot's own parts on a real database and a local Slack, and what people saw when."""

    def __init__(
        self, store: Store, loop: Timers, worker: DeliveryWorker, slack: LocalSlack, clock: _Clock
    ) -> None:
        self.store = store
        self._timers = loop
        self._delivery_worker = worker
        self._slack = slack
        self._clock = clock

    async def let_happen(self, seen: dict[str, str], told: list[tuple[str, str]]) -> None:
        """Do all that is due now and note which messages are new."""
        await self._timers.turn()
        while True:
            await self._delivery_worker.turn()
            backlog = await self.store.read(deliveries.backlog)
            if not backlog.pending and not self._delivery_worker.in_flight:
                break
            await asyncio.sleep(0.002)
        async with self._slack.session.get(f"{self._slack.address}/_control/messages") as answer:
            new = [message for message in await answer.json() if message["ts"] not in seen]
        seen |= {message["ts"]: message["text"] for message in new}
        # What comes at one moment comes in any order.
        told += sorted((_local(self._clock()), _what(message["text"])) for message in new)

    async def next_due(self) -> int | None:
        queues = (await self.store.read(reminders.wanted)).values()
        wanted = [at for audiences in queues for at in audiences.values()]
        timer = await self.store.read(timers.next_due)
        return min([*wanted, *([] if timer is None else [timer])], default=None)


def _what(text: str) -> str:
    """A message in a word; AssertionError for one that nobody expected."""
    if "overdue:" in text and "that you claimed" not in text:
        to = {"reviewers": REVIEWERS in text, "leads": f"<!subteam^{LEADS}>" in text}
        assert to["reviewers"] or f"<@{ANA}>" not in text, text
        return "remind " + " and ".join(who for who, is_mentioned in to.items() if is_mentioned)
    for sign, word in (
        ("Today's user reviews", "digest"),
        ("Are you still on it?", "still on it?"),
        ("that you claimed", "remind holder"),
        ("your claim expired", "released"),
        ("the review is closed", "told of verdict"),
        ("No decision was recorded", "disagrees"),
        ("Your snooze of review", "snooze ended"),
        ("Ralio still has this session in review", "enter the decision"),
        ("User review #", "card"),
    ):
        if sign in text:
            return word
    raise AssertionError(text)


@asynccontextmanager
async def _office(url: str, slack: LocalSlack, clock: _Clock) -> AsyncIterator[_Office]:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(url, clock(), lambda: None, queues=RULES))
        slack_client = await stack.enter_async_context(open_slack_client(slack.api_url, TOKEN, PACE, clock))
        health = SlackHealth(slack_client, [])
        directory = UserDirectory(slack_client, clock, RULES)
        stack.push_async_callback(directory.close)
        renderer = Renderer(store, slack_client, directory, clock, "")
        attempts = Attempts(store, slack_client, ChannelSearch(slack_client, clock), health, renderer, clock)
        lanes = {deliveries.posts("user"): USER_CHANNEL}
        worker = DeliveryWorker(asyncio.Event(), store, attempts, health, clock, lanes, PACE)
        yield _Office(store, Timers(store, clock, RULES), worker, slack, clock)


def _receives(
    session: str, state: SessionState = SessionState.REVIEW
) -> Callable[[Store, int], Awaitable[object]]:
    async def act(store: Store, now: int) -> object:
        event = SessionEvent(
            f"{session}-{state}",
            now,
            session,
            state,
            entity_type=EntityType.USER,
            subject_id="u1",
            type="kyc_session_manual_review",
            received_at=now,
        )
        return await store.write_batched(ralio_event.receive, event)

    return act


def _does(
    session: str, action: Action, person: str, decision: Decision | None = None, snooze: Snooze | None = None
) -> Callable[[Store, int], Awaitable[object]]:
    async def act(store: Store, now: int) -> object:
        request = action_request(action, person, session, now, decision=decision, snooze=snooze)
        result = await store.write_batched(carry_out, (request, Authority(policies=RULES)))
        assert result.refused is None, result
        return result

    return act


ACTS = {
    "03-23T10:00": _receives("A"),
    "03-24T10:00": _receives("C"),
    "03-24T10:30": _does("C", Action.CLAIM, BEN),
    "03-24T11:00": _does("C", Action.SNOOZE, BEN, snooze=Snooze(date(2026, 3, 27), "customer")),
    "03-25T12:00": _does("A", Action.CLAIM, ANA),
    "03-26T10:00": _does("A", Action.STILL_ON_IT, ANA),
    "03-27T11:00": _does("A", Action.CLAIM, BEN),
    "03-27T12:00": _does("A", Action.RESOLVE, BEN, Decision("approve")),
    "03-27T14:00": _does("C", Action.RESOLVE, BEN, Decision("reject", "document_expired")),
    "03-30T09:30": _receives("B"),
    "03-30T11:00": _receives("C", SessionState.REJECTED),
    "04-01T11:30": _receives("D"),
    "04-01T11:35": _does("D", Action.CLAIM, ANA),
    "04-01T11:40": _does("D", Action.SNOOZE, ANA, snooze=Snooze(date(2026, 4, 2), "proof_of_address")),
    "04-01T12:00": _receives("B", SessionState.VERIFIED),
    "04-02T10:00": _does("D", Action.RESOLVE, ANA, Decision("approve")),
    "04-02T15:00": _receives("D", SessionState.VERIFIED),
}
AWAY = (_at("03-30T12:00"), _at("04-01T11:00"))
EXPECTED = [
    ("Mon 23 08:45", "digest"),
    ("Mon 23 10:00", "card"),
    ("Mon 23 14:00", "remind reviewers"),
    ("Tue 24 08:45", "digest"),
    ("Tue 24 09:30", "remind reviewers"),
    ("Tue 24 10:00", "card"),
    # Claimed and snoozed until Friday: three quiet days.
    ("Tue 24 13:30", "remind reviewers"),
    ("Tue 24 14:00", "remind leads"),
    ("Tue 24 17:30", "remind reviewers"),
    ("Wed 25 08:45", "digest"),
    # Claimed at noon, before the next reminder; the decision was due already.
    ("Wed 25 16:00", "remind holder"),
    ("Thu 26 08:45", "digest"),
    ("Thu 26 09:52", "still on it?"),
    # Answered at ten, and then not again.
    ("Thu 26 11:30", "remind holder"),
    ("Thu 26 12:00", "remind leads"),
    ("Thu 26 15:30", "remind holder"),
    ("Thu 26 16:22", "still on it?"),
    ("Fri 27 08:45", "digest"),
    ("Fri 27 09:00", "snooze ended"),
    ("Fri 27 10:00", "released"),
    # Claimed and decided by Ben; then a weekend, and summer time.
    ("Mon 30 08:45", "digest"),
    ("Mon 30 09:30", "card"),
    # Ralio's verdict on what Ben decided on Friday afternoon; the one on his other decision does not come.
    ("Mon 30 11:00", "told of verdict"),
    # Away from Monday noon to Wednesday: what was missed comes once.
    ("Wed 01 11:00", "digest"),
    ("Wed 01 11:00", "enter the decision"),
    # One message: for the reviewers and the leads, about a review and a verdict that is missing.
    ("Wed 01 11:00", "remind reviewers and leads"),
    ("Wed 01 11:30", "card"),
    ("Wed 01 12:00", "disagrees"),
    ("Thu 02 08:45", "digest"),
    ("Thu 02 09:00", "snooze ended"),
    ("Thu 02 15:00", "told of verdict"),
    # Friday is a holiday.
]


def _every_day_at(local_time: str) -> list[int]:
    days = (date(2026, 3, 23) + timedelta(days=number) for number in range(14))
    return [_at(f"{day:%m-%d}T{local_time}") for day in days]


def _assert_one_per_interval(told: list[tuple[str, str]]) -> None:
    """Each of the reviewers, the leads and the holder is reminded at most once in four business hours."""
    hours = RULES["user"].deadlines.hours
    days = {f"{day:%a %d}": day for day in (date(2026, 3, 23) + timedelta(days=each) for each in range(14))}
    for audience in ("reviewers", "leads", "holder"):
        local = [at for at, what in told if what.startswith("remind") and audience in what]
        times = [_at(f"{days[at[:6]]:%m-%d}T{at[7:]}") for at in local]
        pairs = list(pairwise(times))
        assert all(hours.between(*pair) >= 4 * HOUR_MS for pair in pairs), (audience, local)


async def test_everything_comes_once_and_at_the_right_local_time(
    database_url: str, slack: LocalSlack
) -> None:
    """Whatever is restarted, missed, or shifted by an hour."""
    clock, seen, told = _Clock("03-23T00:00"), dict[str, str](), list[tuple[str, str]]()
    acts = {_at(local): act for local, act in ACTS.items()}
    midnights = _every_day_at("00:00")
    fixed = sorted({*acts, *midnights, *_every_day_at("08:45"), AWAY[1]})
    end = _at("04-05T23:00")
    while clock.now < end:
        async with _office(database_url, slack, clock) as office:
            is_new_day = False
            while clock.now < end and not is_new_day:
                await office.let_happen(seen, told)
                due_at = await office.next_due()
                steps = [moment for moment in fixed if moment > clock.now]
                coming = min([end, *steps, *([due_at] if due_at is not None and due_at > clock.now else [])])
                clock.now = AWAY[1] if AWAY[0] <= coming < AWAY[1] else coming
                if clock.now in acts:
                    await acts[clock.now](office.store, clock.now)
                is_new_day = clock.now in midnights or clock.now == AWAY[1]
    assert told == EXPECTED
    _assert_one_per_interval(told)
    keys = [(each["metadata"] or {})["event_payload"]["key"] for each in await slack.messages(USER_CHANNEL)]
    assert len([key for key in keys if key.startswith("reminder:")]) == 1, (
        "newer reminders replace older ones"
    )
    rows = look_into(database_url, "SELECT session_id, pauses FROM reviews WHERE pauses <> '[]'")
    assert {row["session_id"]: json.loads(row["pauses"]) for row in rows} == {
        "C": [[_at("03-24T11:00"), _at("03-27T09:00")]],
        "D": [[_at("04-01T11:40"), _at("04-02T09:00")]],
    }
    assert not look_into(database_url, "SELECT * FROM timers WHERE due_at IS NOT NULL")


async def test_two_instances_remind_once(database_url: str, slack: LocalSlack) -> None:
    """Twenty overdue reviews make one message. Both look at the same moment; on SQLite one writer serves both loops."""
    clock, seen, told = _Clock("03-23T10:00"), dict[str, str](), list[tuple[str, str]]()
    async with _office(database_url, slack, clock) as office:
        for number in range(20):
            await _receives(f"S{number}")(office.store, clock.now)
        await office.let_happen(seen, told)
        clock.now = _at("03-23T14:00")
        async with AsyncExitStack() as stack:
            other = office.store
            if not database_url.startswith("sqlite"):
                opening = open_store(database_url, clock(), lambda: None, queues=RULES)
                other = await stack.enter_async_context(opening)
            loops = [Timers(store, clock, RULES) for store in (office.store, other)]
            await asyncio.gather(*(loop.turn() for loop in loops))
        await office.let_happen(seen, told)
    assert [what for _, what in told if what.startswith("remind")] == ["remind reviewers"]
