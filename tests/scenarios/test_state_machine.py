"""Any order of events, repetitions, clicks, crashes, waiting and Slack's faults, against a small model.

Whatever happens, in the end: one card for each review that was ever opened, showing the database's truth; the
database's truth is the model's; nothing pending, nothing leased; every change and refusal on record.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.ralio.events import Understood
from bot.reviews.decide import Refused, Request
from bot.reviews.permissions import Roster
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.slack.attempt import Attempts
from bot.slack.gateway import open_gateway
from bot.slack.health import SlackHealth
from bot.slack.publisher import Publisher
from bot.slack.rendering import Renderer
from bot.slack.schedule import LEASE_S, LONGEST_BACKOFF_S
from bot.slack.search import ChannelSearch
from bot.store import actions, deliveries, intake
from bot.store.actions import Click
from bot.store.deliveries import Backlog
from bot.store.events import Arrival
from bot.store.intake import Receipt
from bot.store.store import Store, open_store
from tests.support.slack import TOKEN, USER_CHANNEL, LocalSlack, buttons, running_slack, shown

SESSIONS = ["s-0", "s-1", "s-2", "s-3"]
PEOPLE = ["UANA000001", "UBEN000001", "UCHLOE0001"]
PACE = 1_000.0
FAULTS = ["server_error", "not_json", "drop_before", "drop_after", "ratelimited"]
METHODS = ["chat.postMessage", "chat.update", "chat.postEphemeral", "conversations.history"]

AnswerT = TypeVar("AnswerT")


@dataclass(slots=True)
class ModelReview:
    """What a review should be, told as simply as possible."""

    status: str
    state: SessionState
    at: int
    event_id: str
    holder: str | None = None
    was_opened: bool = False


class ManualClock:
    """Moves only when told to, and is far off from Slack's."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


class ReviewMachine(RuleBasedStateMachine):
    """Drives the store and the publisher by hand, beside a local Slack over HTTP."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.model: dict[str, ModelReview] = {}
        self.sent: list[SessionEvent] = []
        self.granted = 0
        self.refused = 0

    def run(self, work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
        """One step on the machine's own loop."""
        return self.loop.run_until_complete(work)

    @initialize()
    def start(self) -> None:
        """An empty Slack, and a database with a review for most of the sessions."""
        self.folder = tempfile.TemporaryDirectory()
        self.outside = AsyncExitStack()
        self.slack: LocalSlack = self.run(self.outside.enter_async_context(running_slack(PACE)))
        self.run(self._open())
        for session in SESSIONS[1:]:
            self.receive(session, SessionState.REVIEW, 0)

    async def _open(self) -> None:
        self.inside = AsyncExitStack()
        enter = self.inside.enter_async_context
        url = f"sqlite:///{Path(self.folder.name) / 'reviews.db'}"
        self.store: Store = await enter(open_store(url, self.clock(), lambda: None))
        gateway = await enter(open_gateway(self.slack.api_url, TOKEN, PACE, self.clock))
        health = SlackHealth(gateway, [])
        search = ChannelSearch(gateway, self.clock)
        attempts = Attempts(self.store, gateway, search, health, Renderer(self.store, ""), self.clock)
        lanes = {deliveries.posts("user"): USER_CHANNEL}
        self.publisher = Publisher(asyncio.Event(), self.store, attempts, health, self.clock, lanes, PACE)

    def teardown(self) -> None:
        """The end of every story: Slack is well, time passes, and everything is as it should be."""
        try:
            if hasattr(self, "publisher"):
                self._end()
        finally:
            self.loop.close()

    def _end(self) -> None:
        try:
            self.run(self._converge())
            self.run(self._compare())
        finally:
            self.run(self.publisher.stop(5))
            self.run(self.inside.aclose())
            self.run(self.outside.aclose())
            self.folder.cleanup()

    @rule(
        session=st.sampled_from(SESSIONS),
        state=st.sampled_from([SessionState.REVIEW, SessionState.REVIEW, *SessionState]),
        shift=st.integers(-3, 3),
    )
    def receive(self, session: str, state: SessionState, shift: int) -> None:
        """An event comes, perhaps later than others that happened after it."""
        number = len(self.sent)
        event = SessionEvent(f"e-{number}", 100 + number + shift, session, state, EntityType.USER, "u-1")
        self.sent.append(event)
        assert self._write(event) is Receipt.RECORDED
        self._expect(event)

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(0, 30))
    def receive_again(self, back: int) -> None:
        """Ralio repeats an event."""
        assert self._write(self.sent[-1 - back % len(self.sent)]) is Receipt.DUPLICATE

    def _write(self, event: SessionEvent) -> Receipt:
        arrival = Arrival(Understood("an event", event), self.clock())
        return self.run(self.store.write(intake.receive, arrival))

    def _expect(self, event: SessionEvent) -> None:
        """The rules of session_events, told independently."""
        self.granted += 1
        is_review = event.state is SessionState.REVIEW
        review = self.model.get(event.session_id)
        if review is None:
            status = "open" if is_review else "closed"
            self.model[event.session_id] = ModelReview(
                status, event.state, event.occurred_at, event.event_id, was_opened=is_review
            )
            return
        tie = event.occurred_at == review.at
        was_review = review.state is SessionState.REVIEW
        wins_tie = was_review if is_review else (was_review or event.event_id > review.event_id)
        if event.occurred_at < review.at or (tie and not wins_tie):
            self.granted -= 1
            self.refused += 1
            return
        review.state, review.at, review.event_id = event.state, event.occurred_at, event.event_id
        if not is_review:
            review.status, review.holder = "closed", None
        elif review.status == "closed":
            review.status, review.holder, review.was_opened = "open", None, True

    @rule(
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
        action=st.sampled_from([Action.CLAIM, Action.RELEASE]),
    )
    def click(self, session: str, person: str, action: Action) -> None:
        """Somebody presses a button, stale or not."""
        click = Click(session, Request(action, person), USER_CHANNEL, {"user": Roster()}, self.clock())
        verdict = self.run(self.store.write(actions.act, click))
        review = self.model.get(session)
        if review is None:
            assert verdict.refused is Refused.UNKNOWN_REVIEW
        elif action is Action.CLAIM and review.status == "open":
            assert verdict.refused is None
            review.status, review.holder = "claimed", person
        elif action is Action.RELEASE and review.status == "claimed" and review.holder == person:
            assert verdict.refused is None
            review.status, review.holder = "open", None
        else:
            assert verdict.refused is not None
        self.granted += verdict.refused is None
        self.refused += verdict.refused is not None

    @rule(
        method=st.sampled_from(METHODS),
        fault=st.sampled_from(FAULTS),
        count=st.integers(1, 3),
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
    )
    def slack_fails(self, method: str, fault: str, count: int, session: str, person: str) -> None:
        """Somebody clicks and the publisher takes a turn while a method's next calls end badly."""
        self.run(self.slack.fault(method, fault, count=count, retry_after=2))
        self.click(session, person, Action.CLAIM)
        self.time_passes(1)

    @rule(session=st.sampled_from(SESSIONS))
    def somebody_deletes_a_card(self, session: str) -> None:
        """The bot finds out with the next change, and posts it anew."""
        for message in self.run(self.slack.messages(USER_CHANNEL)):
            if message["metadata"]["event_payload"]["session_id"] == session:
                self.run(self.slack.delete(message))
        # Without a change that follows, nobody would miss the card.
        self._touch(session)

    def _touch(self, session: str) -> None:
        number = len(self.sent)
        newest = max(event.occurred_at for event in self.sent) + 1
        event = SessionEvent(f"e-{number}", newest, session, SessionState.REVIEW, EntityType.USER, "u-1")
        self.sent.append(event)
        self._write(event)
        self._expect(event)

    @rule(seconds=st.sampled_from([1, 3, 12, 20, 90]))
    def time_passes(self, seconds: int) -> None:
        """The publisher takes a turn later on."""
        self.clock.now += seconds * 1_000
        self.run(self._turn())

    async def _turn(self) -> None:
        await self.publisher.turn()
        while self.publisher.in_flight:
            await asyncio.sleep(0.001)

    @rule(
        seconds=st.sampled_from([0, 3, 15]),
        calls_last_s=st.sampled_from([0.0, 0.002, 0.004, 0.006, 0.01]),
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
    )
    def crash(self, seconds: int, calls_last_s: float, session: str, person: str) -> None:
        """The process dies in the middle of its calls, and another one starts on the same database."""
        self.click(session, person, Action.CLAIM)
        self.clock.now += seconds * 1_000
        self.run(self._crash(calls_last_s))

    async def _crash(self, calls_last_s: float) -> None:
        await self.publisher.turn()
        await asyncio.sleep(calls_last_s)
        await self.publisher.stop(0)
        await self.inside.aclose()
        await self._open()

    async def _converge(self) -> None:
        await self.slack.no_faults()
        for _ in range(30):
            self.clock.now += int((LEASE_S + LONGEST_BACKOFF_S) * 1_000)
            await self._turn()
            if (await self.store.read(deliveries.backlog)).pending == 0:
                return
        raise AssertionError("it does not converge")

    async def _compare(self) -> None:
        assert await self.store.read(deliveries.backlog) == Backlog(pending=0, oldest_at=None, held=0)
        rows = {row["session_id"]: row for row in await self._rows("SELECT * FROM reviews")}
        assert set(rows) == set(self.model)
        for session, review in self.model.items():
            row = rows[session]
            assert (row["status"], row["session_state"], row["claimed_by"]) == (
                review.status,
                review.state,
                review.holder,
            )
        await self._compare_cards()
        (counts,) = await self._rows(
            "SELECT count(*) - count(refused) AS granted, count(refused) AS refused FROM audit"
        )
        assert (counts["granted"], counts["refused"]) == (self.granted, self.refused)

    async def _compare_cards(self) -> None:
        cards = await self.slack.messages(USER_CHANNEL)
        sessions = [card["metadata"]["event_payload"]["session_id"] for card in cards]
        assert sorted(sessions) == sorted(
            session for session, review in self.model.items() if review.was_opened
        )
        for session, card in zip(sessions, cards, strict=True):
            review = self.model[session]
            assert f"*{review.status.capitalize()}*" in shown(card)
            assert buttons(card) == {"open": ["Claim"], "claimed": ["Release"], "closed": []}[review.status]
            assert review.holder is None or f"<@{review.holder}>" in shown(card)

    async def _rows(self, query: str) -> list[dict[str, Any]]:
        async def ask(reading: Any) -> list[dict[str, Any]]:
            return [dict(row) for row in await reading.connection.execute_fetchall(query)]

        return await self.store.read(ask)


TestReviewMachine = ReviewMachine.TestCase
TestReviewMachine.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
