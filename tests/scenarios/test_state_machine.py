"""Any order of events, wrong clocks, repetitions, changed checks, wishes, crashes, waiting and Slack's faults.

All of it against a small model.

Whatever happens, in the end: one card for each review that was ever opened, showing the database's truth; the
database's truth is the model's; everybody concerned was told once in the thread; nothing pending, nothing leased;
every change and refusal on record; and nothing was confirmed that was proposed on other checks.
"""

import asyncio
import json
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.delivery.attempt import Attempts
from bot.delivery.find_posted import ChannelSearch
from bot.delivery.render import Renderer
from bot.delivery.retry_policy import LEASE_S, LONGEST_BACKOFF_S
from bot.delivery.worker import DeliveryWorker
from bot.handlers import ralio_event
from bot.handlers.deadline_passed import fire_due
from bot.handlers.person_action import ActionResult, Submission, carry_out
from bot.handlers.ralio_event import Receipt
from bot.handlers.ralio_lookup import record_checks
from bot.ralio.events import SESSION_STATES
from bot.reviews.action_request import Authority, Refused
from bot.reviews.checks import Check
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, EntityType, Review, SessionEvent, SessionState
from bot.reviews.snooze import Snooze
from bot.slack.api.client import open_slack_client
from bot.slack.api.health import SlackHealth
from bot.slack.api.users import UserDirectory
from bot.store.store import Store, open_store
from bot.store.tables import deliveries, lookups, reviews
from bot.store.tables.deliveries import Backlog
from tests.support.actions import action_request, open_roster
from tests.support.slack import (
    OPERATIONS_CHANNEL,
    TOKEN,
    USER_CHANNEL,
    LocalSlack,
    buttons,
    running_slack,
    shown,
)

SESSIONS = ["s-0", "s-1", "s-2", "s-3"]
PEOPLE = ["UANA000001", "UBEN000001", "UCHLOE0001"]
PACE = 1_000.0
SIGNED_FOR_MS = 300_000
AHEAD_MS = [0, 0, 0, 0, 240_000, 360_000, 86_400_000, -86_400_000]
FAULTS = ["server_error", "not_json", "drop_before", "drop_after", "ratelimited"]
METHODS = [
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
    "conversations.history",
    "conversations.replies",
]
LEAD = PEOPLE[2]
RULES = {"user": Policy(open_roster(LEAD), four_eyes=frozenset({"reject"}))}
STATES = {
    "open": "Unclaimed",
    "claimed": "Claimed",
    "proposed": "Awaiting confirmation",
    "decided": "Decided",
    "closed": "Closed",
}
BUTTONS = {
    "open": ["Claim"],
    "claimed": ["Resolve", "Release"],
    "proposed": ["Confirm", "Send back"],
    "decided": ["Reopen"],
}
NOT_WISHES = (Action.RECEIVE, Action.CLOSE, Action.PROPOSE, Action.SEE_HISTORY)
WISHES = [action for action in Action if action not in NOT_WISHES]

CHECKS = [("face", "NO_MATCH"), ("face", "GLARE"), ("document", "EXPIRED")]
Evidence: TypeAlias = frozenset[tuple[str, str]]
"""Refused checks: their types and codes."""

TYPES = {state: type_ for type_, state in SESSION_STATES.items()}

AnswerT = TypeVar("AnswerT")


def _believed_at(event: SessionEvent) -> int:
    """When an event counts as having happened: a sender's clock is believed up to five minutes ahead."""
    return min(event.occurred_at, event.received_at + 300_000)


def _is_repeat(event: SessionEvent, earlier: SessionEvent) -> bool:
    """Whether both are the same occurrence, whatever their ids are."""
    return (event.session_id, event.type, event.occurred_at) == (
        earlier.session_id,
        earlier.type,
        earlier.occurred_at,
    )


def _checks(evidence: Sequence[tuple[str, str]]) -> tuple[Check, ...]:
    return tuple(Check(type_, "refused", (code,)) for type_, code in evidence)


def _evidence(checks: Sequence[Check]) -> Evidence:
    return frozenset((check.type, code) for check in checks for code in check.codes)


@dataclass(slots=True)
class ModelReview:
    """What a review should be, told as simply as possible; its holder is also the maker of its decision."""

    status: str
    state: SessionState
    at: int
    event_id: str
    holder: str | None = None
    was_opened: bool = False
    confirmed_by: str | None = None
    is_escalated: bool = False
    is_decided: bool = False
    is_unconfirmed: bool = False
    disagreement: str | None = None
    told_of: Evidence = frozenset()
    fetched: Evidence = frozenset()
    proposed_on: Evidence = frozenset()
    request_key: str = ""
    is_snoozed: bool = False
    version: int = 1

    @property
    def checks(self) -> Evidence:
        """What the event told of, unless the API told of that type."""
        types = {type_ for type_, _ in self.fetched}
        return self.fetched | {check for check in self.told_of if check[0] not in types}

    def change_checks(self, before: Evidence) -> str | None:
        """What follows from checks that were these before; the topic that is told."""
        if self.checks == before or self.status not in ("claimed", "proposed"):
            return None
        if self.status == "claimed":
            return "checks_changed"
        self.status, self.is_unconfirmed = "claimed", False
        self.version += 1
        return "proposal_withdrawn"

    def carry_out(  # noqa: C901, PLR0912 - one case an action
        self, action: Action, person: str, outcome: str, to: str
    ) -> list[str | None] | None:
        """Do what a person wishes; who has to hear of it, or None where it is refused."""
        holder, is_mine, is_lead = self.holder, self.holder == person, person == LEAD
        match self.status, action:
            case "open", Action.CLAIM:
                self.status, self.holder = "claimed", person
            case "claimed", Action.RELEASE if is_mine or is_lead:
                self.status, self.holder = "open", None
                return [holder]
            case "claimed", Action.REASSIGN if (is_mine or is_lead) and to != holder:
                self.holder = to
                return [holder, to]
            case "claimed", Action.TAKE_OVER if not is_mine:
                self.holder = person
                return [holder]
            case "claimed", Action.ESCALATE if not self.is_escalated:
                self.is_escalated = True
                return ["the leads"]
            case "claimed", Action.STILL_ON_IT | Action.SNOOZE if is_mine:
                pass
            case "claimed", Action.RESUME if is_mine and self.is_snoozed:
                pass
            case "claimed", Action.RESOLVE if is_mine:
                self.status = "proposed" if outcome == "reject" else "decided"
                self.is_decided = self.status == "decided"
                self.is_unconfirmed = not self.is_decided
                self.proposed_on = self.checks
            case "proposed", Action.CONFIRM if not is_mine:
                assert self.proposed_on == self.checks
                self.status, self.confirmed_by = "decided", person
                self.is_decided, self.is_unconfirmed = True, False
            case "proposed", Action.WITHDRAW if is_mine:
                self.status, self.is_unconfirmed = "claimed", False
                return ["the thread"]
            case (("claimed" | "proposed" | "decided"), Action.ADD_NOTE):
                return ["the thread"]
            case "closed", Action.RECORD_DECISION if self.lacks_decision:
                self.is_decided, self.is_unconfirmed, self.disagreement = True, False, None
            case "proposed", Action.SEND_BACK if not is_mine:
                self.status, self.is_unconfirmed = "claimed", False
                return [holder]
            case "decided", Action.REOPEN:
                told = [holder, self.confirmed_by]
                self.empty()
                return told
            case _:
                return None
        return []

    @property
    def lacks_decision(self) -> bool:
        """Whether a verdict closed it before anything was decided."""
        return self.status == "closed" and self.was_opened and not self.is_decided

    @property
    def buttons(self) -> list[str]:
        """Those of its card."""
        if self.status == "closed":
            return ["Record decision"] if self.lacks_decision else []
        return BUTTONS[self.status]

    def close(self, state: SessionState) -> list[str]:
        """Ralio tells a verdict; the topics that are told: to who worked on it, and where it was not decided here."""
        told = ["closed"] if self.holder and self.status in ("claimed", "proposed", "decided") else []
        disagreement = None
        if not self.is_decided and state is not SessionState.EXPIRED and self.was_opened:
            disagreement = "unconfirmed" if self.is_unconfirmed else "undecided"
        if disagreement and disagreement != self.disagreement:
            # Who proposed it hears of the disagreement, and of nothing else.
            told = [] if self.status == "proposed" else told
            told.append("disagrees")
        self.status, self.holder, self.disagreement = "closed", None, disagreement
        return told

    def empty(self) -> None:
        """As fresh as a new one."""
        self.is_decided = self.is_unconfirmed = False
        self.disagreement = None
        self.status, self.holder, self.confirmed_by, self.is_escalated = "open", None, None, False


@dataclass(slots=True)
class Told:
    """The keys of the notes that have to be in threads; cards that somebody deleted took theirs with them.

    `requests` are those of requests to confirm, which are not needed once the proposal is gone.
    """

    keys: list[str] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    sessions_deleted: set[str] = field(default_factory=set)

    def kept(self, keys: list[str]) -> list[str]:
        """Those of cards that nobody deleted."""
        return sorted(key for key in keys if key.split(":")[1] not in self.sessions_deleted)


class ManualClock:
    """Moves only when told to, and is far off from Slack's."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


class ReviewMachine(RuleBasedStateMachine):
    """Drives the store and the delivery worker by hand, beside a local Slack over HTTP."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.model: dict[str, ModelReview] = {}
        self.sent: list[SessionEvent] = []
        self.granted = 0
        self.refused = 0
        self.asked: list[tuple[Submission, ActionResult]] = []
        self.told = Told()

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
        slack_client = await enter(open_slack_client(self.slack.api_url, TOKEN, PACE, self.clock))
        health = SlackHealth(slack_client, [])
        search = ChannelSearch(slack_client, self.clock)
        lanes = {deliveries.posts("user"): USER_CHANNEL, deliveries.OPERATIONS: OPERATIONS_CHANNEL}
        directory = UserDirectory(slack_client, self.clock, RULES)
        renderer = Renderer(self.store, slack_client, directory, self.clock, "")
        attempts = Attempts(self.store, slack_client, search, health, renderer, self.clock)
        self.worker = DeliveryWorker(asyncio.Event(), self.store, attempts, health, self.clock, lanes, PACE)

    def teardown(self) -> None:
        """The end of every story: Slack is well, time passes, and everything is as it should be."""
        try:
            if hasattr(self, "worker"):
                self._end()
        finally:
            self.loop.close()

    def _end(self) -> None:
        try:
            self.run(self._converge())
            self.run(self._compare())
        finally:
            self.run(self.worker.stop(5))
            self.run(self.inside.aclose())
            self.run(self.outside.aclose())
            self.folder.cleanup()

    @rule(
        session=st.sampled_from(SESSIONS),
        state=st.sampled_from([SessionState.REVIEW, SessionState.REVIEW, *SessionState]),
        shift=st.integers(-3, 3),
        ahead=st.sampled_from(AHEAD_MS),
        checks=st.lists(st.sampled_from(CHECKS), max_size=3),
    )
    def receive(
        self,
        session: str,
        state: SessionState,
        shift: int,
        ahead: int = 0,
        checks: Sequence[tuple[str, str]] = (),
    ) -> None:
        """An event comes, perhaps later than others that happened after it, perhaps from a clock that is wrong."""
        number = len(self.sent)
        event = SessionEvent(
            f"e-{number}",
            self.clock() + number + shift + ahead,
            session,
            state,
            entity_type=EntityType.USER,
            subject_id="u-1",
            checks=_checks(checks),
            type=TYPES[state],
            received_at=self.clock(),
        )
        if any(_is_repeat(event, earlier) for earlier in self.sent):
            assert self._write(event) is Receipt.DUPLICATE
            return
        self.sent.append(event)
        assert self._write(event) is Receipt.RECORDED
        self._expect(event)

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(0, 30))
    def receive_again(self, back: int) -> None:
        """Ralio repeats an event."""
        assert self._write(self.sent[-1 - back % len(self.sent)]) is Receipt.DUPLICATE

    @precondition(lambda self: self.sent)
    @rule(back=st.integers(0, 30), number=st.integers(1, 1_000))
    def receive_under_another_id(self, back: int, number: int) -> None:
        """A sender that makes an id for each attempt repeats an event."""
        event = self.sent[-1 - back % len(self.sent)]._replace(event_id=f"attempt-{number}")
        assert self._write(event) is Receipt.DUPLICATE

    def _write(self, event: SessionEvent) -> Receipt:
        event = event._replace(received_at=self.clock())
        return self.run(self.store.write_batched(ralio_event.receive, event))

    def _expect(self, event: SessionEvent) -> None:
        """The rules of session_events, told independently."""
        self.granted += 1
        is_review, at = event.state is SessionState.REVIEW, _believed_at(event)
        review = self.model.get(event.session_id)
        if review is None:
            status = "open" if is_review else "closed"
            told_of = _evidence(event.checks) if is_review else frozenset[tuple[str, str]]()
            self.model[event.session_id] = ModelReview(
                status, event.state, at, event.event_id, was_opened=is_review, told_of=told_of
            )
            return
        tie = at == review.at
        was_review = review.state is SessionState.REVIEW
        wins_tie = was_review if is_review else (was_review or event.event_id > review.event_id)
        if at < review.at or (tie and not wins_tie):
            self.granted -= 1
            self.refused += 1
            return
        review.state, review.at, review.event_id = event.state, at, event.event_id
        review.version += 1
        self._end_snooze(review)
        if not is_review:
            topics = review.close(event.state)
            self.told.keys += [f"thread:{event.session_id}:{topic}:{review.version}" for topic in topics]
            return
        before = review.checks
        if event.checks and _evidence(event.checks) != review.told_of:
            review.told_of, review.fetched = _evidence(event.checks), frozenset()
        if review.status in ("closed", "decided"):
            review.empty()
            review.was_opened = True
        else:
            self._expect_changed_checks(event.session_id, before)

    def _expect_changed_checks(self, session: str, before: Evidence) -> None:
        review = self.model[session]
        topic = review.change_checks(before)
        self.granted += topic == "proposal_withdrawn"
        if topic is not None:
            self.told.keys.append(f"thread:{session}:{topic}:{review.version}")

    @rule(checks=st.lists(st.sampled_from(CHECKS), max_size=2))
    def ralios_api_tells(self, checks: Sequence[tuple[str, str]]) -> None:
        """The refused checks of every review that was opened since the last time."""
        for session in self.run(self._fetch(_checks(checks))):
            review = self.model[session]
            before, review.fetched = review.checks, frozenset(checks)
            if review.checks != before:
                review.version += 1
                self.granted += 1
                self._end_snooze(review)
                self._expect_changed_checks(session, before)

    def _end_snooze(self, review: ModelReview, *, has_own_entry: bool = False) -> None:
        """Whatever ended it, the record says so."""
        self.granted += review.is_snoozed and not has_own_entry
        review.is_snoozed = False

    @rule(session=st.sampled_from(SESSIONS), comes=st.booleans())
    def snooze(self, session: str, *, comes: bool) -> None:
        """A reviewer waits for something, perhaps until the day comes, which it then does for every review."""
        self.ask(session, PEOPLE[0], Action.CLAIM)
        self.ask(session, PEOPLE[0], Action.SNOOZE)
        if not comes:
            return
        self.clock.now += 4 * 86_400_000
        while self.run(self.store.write(fire_due, self.clock())):
            pass
        for review in self.model.values():
            self.granted += review.is_snoozed  # the reminder's own entry
            review.version += review.is_snoozed
            self._end_snooze(review)

    async def _fetch(self, checks: tuple[Check, ...]) -> list[str]:
        now = self.clock()
        await self.store.write(lookups.plan, lookups.Plan(now, 900_000))
        request = lookups.LookupRequest(100, "token", now, now + 1_000)
        sessions = []
        for lookup in await self.store.write(lookups.lease, request):
            if lookup.kind is lookups.LookupKind.CHECKS:
                review = await self._review(lookup.review_id)
                found = lookups.ChecksFound(lookup, review.session_id, checks, now)
                assert await self.store.write(record_checks, found)
                sessions.append(review.session_id)
        return sessions

    async def _review(self, row_id: int) -> Review:
        return await self.store.read(lambda reading: reviews.by_id(reading, row_id))

    @rule(
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
        action=st.sampled_from(WISHES),
        outcome=st.sampled_from(["approve", "reject"]),
        to=st.sampled_from(PEOPLE),
    )
    def ask(
        self, session: str, person: str, action: Action, outcome: str = "approve", to: str = LEAD
    ) -> None:
        """A person asks for an action, with a button that can be stale."""
        request = action_request(
            action,
            person,
            session,
            self.clock(),
            decision=Decision(outcome),
            target=to,
            snooze=Snooze(datetime.fromtimestamp(self.clock() / 1000, UTC).date() + timedelta(days=3)),
            comment="Because.",
            channel=USER_CHANNEL,
            request_id=f"press:{len(self.asked)}",
        )
        submission = (request, Authority(policies=RULES))
        result = self.run(self.store.write_batched(carry_out, submission))
        self.asked.append((submission, result))
        review = self.model.get(session)
        if review is None:
            assert result.refused is Refused.UNKNOWN_REVIEW
            self.refused += 1
            return
        concerned = review.carry_out(action, person, outcome, to)
        assert (concerned is None) == (result.refused is not None)
        self.granted += concerned is not None
        self.refused += concerned is None
        review.version += concerned is not None
        if concerned is not None and action is Action.RESOLVE and review.status == "proposed":
            review.request_key = f"thread:{session}:confirmation_needed:{review.version}"
            self.told.requests.add(review.request_key)
        if concerned is not None and action is Action.SNOOZE:
            review.is_snoozed = True
        elif concerned is not None and action not in (Action.ESCALATE, Action.STILL_ON_IT, Action.ADD_NOTE):
            self._end_snooze(review, has_own_entry=action is Action.RESUME)
        if any(each not in (None, person) for each in concerned or ()):
            topic = "escalated:" if action is Action.ESCALATE else ""
            self.told.keys.append(f"thread:{session}:{topic}{review.version}")

    @precondition(lambda self: self.asked)
    @rule(back=st.integers(0, 10), copies=st.integers(1, 3))
    def deliver_again(self, back: int, copies: int) -> None:
        """The same press comes again within five minutes, perhaps after its effect was undone: it changes nothing."""
        (request, authority), first = self.asked[-1 - back % len(self.asked)]
        if self.clock() - request.requested_at > SIGNED_FOR_MS:
            return
        late = (replace(request, requested_at=self.clock()), authority)
        for again in self.run(self._together([late] * copies)):
            assert again.is_repetition
            assert (again.refused, again.outcome) == (first.refused, first.outcome)

    async def _together(self, submissions: list[Submission]) -> list[ActionResult]:
        writes = [self.store.write_batched(carry_out, submission) for submission in submissions]
        return await asyncio.gather(*writes)

    @precondition(lambda self: self.asked)
    @rule()
    def double_click(self) -> None:
        """The last press once more with a trigger id of its own: judged as the review stands now."""
        (request, _), _ = self.asked[-1]
        outcome = request.decision.outcome if request.decision else "approve"
        self.ask(request.session_id or "", request.person, request.action, outcome, request.target or LEAD)

    @rule(session=st.sampled_from(SESSIONS), outcome=st.sampled_from(["approve", "reject"]))
    def work(self, session: str, outcome: str) -> None:
        """A reviewer does what reviewers mostly do."""
        self.ask(session, PEOPLE[0], Action.CLAIM)
        self.ask(session, PEOPLE[0], Action.RESOLVE, outcome)

    @rule(session=st.sampled_from(SESSIONS), person=st.sampled_from(PEOPLE))
    def escalate(self, session: str, person: str) -> None:
        """A reviewer or a lead asks the leads for help."""
        self.ask(session, PEOPLE[0], Action.CLAIM)
        self.ask(session, person, Action.ESCALATE)

    @rule(session=st.sampled_from(SESSIONS), person=st.sampled_from(PEOPLE))
    def withdraw(self, session: str, person: str) -> None:
        """A reviewer proposes, perhaps adds a note, and takes the proposal back."""
        self.work(session, "reject")
        self.ask(session, person, Action.ADD_NOTE)
        self.ask(session, PEOPLE[0], Action.WITHDRAW)

    @rule(session=st.sampled_from(SESSIONS), person=st.sampled_from(PEOPLE), is_proposed=st.booleans())
    def record_afterwards(self, session: str, person: str, *, is_proposed: bool) -> None:
        """Ralio's verdict comes before any decision, which is then recorded."""
        if is_proposed:
            self.work(session, "reject")
        self._touch(session, state=SessionState.REJECTED)
        self.ask(session, person, Action.RECORD_DECISION)

    @rule(
        session=st.sampled_from(SESSIONS),
        checks=st.lists(st.sampled_from(CHECKS), min_size=1, max_size=2),
        is_fetched=st.booleans(),
    )
    def checks_change_under_a_proposal(
        self, session: str, checks: Sequence[tuple[str, str]], *, is_fetched: bool
    ) -> None:
        """A reviewer proposes, then more becomes known, and a second person presses Confirm."""
        self.work(session, "reject")
        if is_fetched:
            self.ralios_api_tells(checks)
        else:
            self._touch(session, checks)
        self.ask(session, PEOPLE[1], Action.CONFIRM)

    @rule(
        method=st.sampled_from(METHODS),
        fault=st.sampled_from(FAULTS),
        count=st.integers(1, 3),
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
    )
    def slack_fails(self, method: str, fault: str, count: int, session: str, person: str) -> None:
        """Somebody clicks and the delivery worker takes a turn while a method's next calls end badly."""
        self.run(self.slack.fault(method, fault, count=count, retry_after=2))
        self.ask(session, person, Action.CLAIM)
        self.ask(session, person, Action.TAKE_OVER)
        self.time_passes(1)

    @rule(session=st.sampled_from(SESSIONS))
    def somebody_deletes_a_card(self, session: str) -> None:
        """The bot finds out with the next change, and posts it anew."""
        self.told.sessions_deleted.add(session)
        for message in self.run(self.slack.messages(USER_CHANNEL)):
            if message["metadata"]["event_payload"]["key"] == f"card:{session}":
                self.run(self.slack.delete(message))
        # Without a change that follows, nobody would miss the card.
        self._touch(session)

    def _touch(
        self,
        session: str,
        checks: Sequence[tuple[str, str]] = (),
        state: SessionState = SessionState.REVIEW,
    ) -> None:
        number = len(self.sent)
        # Later than all that was believed to have happened, so that it surely counts.
        self.clock.now = max(self.clock.now, *(_believed_at(event) + 1 for event in self.sent))
        event = SessionEvent(
            f"e-{number}",
            self.clock(),
            session,
            state,
            entity_type=EntityType.USER,
            subject_id="u-1",
            checks=_checks(checks),
            type=TYPES[state],
            received_at=self.clock(),
        )
        self.sent.append(event)
        self._write(event)
        self._expect(event)

    @rule(seconds=st.sampled_from([1, 3, 12, 20, 90]))
    def time_passes(self, seconds: int) -> None:
        """The delivery worker takes a turn later on."""
        self.clock.now += seconds * 1_000
        self.run(self._turn())

    async def _turn(self) -> None:
        await self.worker.turn()
        while self.worker.in_flight:
            await asyncio.sleep(0.001)

    @rule(
        seconds=st.sampled_from([0, 3, 15]),
        calls_last_s=st.sampled_from([0.0, 0.002, 0.004, 0.006, 0.01]),
        session=st.sampled_from(SESSIONS),
        person=st.sampled_from(PEOPLE),
    )
    def crash(self, seconds: int, calls_last_s: float, session: str, person: str) -> None:
        """The process dies in the middle of its calls, and another one starts on the same database."""
        self.ask(session, person, Action.CLAIM)
        self.ask(session, person, Action.TAKE_OVER)
        self.clock.now += seconds * 1_000
        self.run(self._crash(calls_last_s))

    async def _crash(self, calls_last_s: float) -> None:
        await self.worker.turn()
        await asyncio.sleep(calls_last_s)
        await self.worker.stop(0)
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
            assert (bool(row["unconfirmed"]), row["disagreement"]) == (
                review.is_unconfirmed,
                review.disagreement,
            )
            assert (row["snoozed_until"] is not None) == review.is_snoozed
            assert _evidence((await self._review(row["id"])).current_checks.kept) == review.checks
        await self._compare_cards()
        entries = await self._rows("SELECT refused, detail FROM audit")
        refused = [json.loads(entry["detail"]) for entry in entries if entry["refused"] is not None]
        (counting,) = await self._rows("SELECT coalesce(sum(repeats), 0) AS repeats FROM repeated_refusals")
        total = int(counting["repeats"]) + sum(int(detail.get("repeats", 1)) for detail in refused)
        assert (len(entries) - len(refused), total) == (self.granted, self.refused)

    async def _compare_cards(self) -> None:
        messages = await self.slack.messages(USER_CHANNEL)
        cards = [message for message in messages if message["thread_ts"] is None]
        notes = [message for message in messages if message["thread_ts"] is not None]
        keys = [note["metadata"]["event_payload"]["key"] for note in notes]
        requests = [key for key in keys if key in self.told.requests]
        assert len(requests) == len(set(requests))
        waiting = [review.request_key for review in self.model.values() if review.status == "proposed"]
        assert set(self.told.kept(waiting)) <= set(requests)
        others = [key for key in keys if key not in self.told.requests]
        rows = await self._rows("SELECT unique_key FROM deliveries WHERE last_error = 'replaced'")
        # A reply that was not sent yet when the review changed hands again: the newer one says all of it.
        replaced = self.told.kept([row["unique_key"] for row in rows])
        assert self.told.kept([*others, *replaced]) == self.told.kept(self.told.keys)
        assert {key.split(":")[1] for key in replaced} <= {key.split(":")[1] for key in others}
        sessions = [card["metadata"]["event_payload"]["session_id"] for card in cards]
        assert sorted(sessions) == sorted(
            session for session, review in self.model.items() if review.was_opened
        )
        for session, card in zip(sessions, cards, strict=True):
            review = self.model[session]
            assert f"*{STATES[review.status]}*" in shown(card)
            assert buttons(card) == review.buttons
            assert ("Snoozed until" in shown(card)) == review.is_snoozed
            assert review.holder is None or f"<@{review.holder}>" in shown(card)

    async def _rows(self, query: str) -> list[dict[str, Any]]:
        async def ask(reading: Any) -> list[dict[str, Any]]:
            return [dict(row) for row in await reading.connection.execute_fetchall(query)]

        return await self.store.read(ask)


TestReviewMachine = ReviewMachine.TestCase
TestReviewMachine.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
