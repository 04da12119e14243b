"""A review, its states, and the one table that says which action leads from which state to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from bot.reviews.checks import NO_CHECKS, Check, Checks
from bot.reviews.ids import TEST_SESSION_PREFIX


class Status(StrEnum):
    """The status of a review; the words are those that people see."""

    OPEN = "open"
    CLAIMED = "claimed"
    PROPOSED = "proposed"
    DECIDED = "decided"
    CLOSED = "closed"


class SessionState(StrEnum):
    """The state of the KYC session at Ralio, as its event pages name it."""

    REVIEW = "REVIEW"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


class Disagreement(StrEnum):
    """How a verdict of Ralio does not fit what was decided here."""

    CONTRADICTS = "contradicts"  # another one than the decided outcome expects
    CONTRADICTS_PROPOSAL = "contradicts_proposal"  # another one than the unconfirmed outcome expects
    CONTRADICTS_EARLIER = "contradicts_earlier"  # another one than was decided before the review was reopened
    UNCONFIRMED = "unconfirmed"  # it came before a second person confirmed the proposal
    UNDECIDED = "undecided"  # it came without any decision


class EntityType(StrEnum):
    """Whose session it is; the value also names the queue that looks at it."""

    USER = "user"
    RELATED_PARTY = "related-party"


class Action(StrEnum):
    """What can happen to a review."""

    RECEIVE = "receive"  # Ralio sends the session to manual review, for the first time or again
    CLOSE = "close"  # Ralio reports the session's verdict
    CLAIM = "claim"
    RELEASE = "release"
    REASSIGN = "reassign"  # the holder or a lead gives it to someone else
    TAKE_OVER = "take_over"  # someone else takes it from its holder
    ESCALATE = "escalate"  # the queue's leads are asked for help
    STILL_ON_IT = "still_on_it"  # the holder says that the claim is not forgotten
    SNOOZE = "snooze"  # the holder waits for something until a date
    RESUME = "resume"  # a snooze ends: by its holder, at its date, or because of something else
    RESOLVE = "resolve"  # a decision that one person can make alone
    PROPOSE = "propose"  # a decision that needs a second person (four eyes)
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"  # a proposal is taken back by its proposer, or by the bot when its checks change
    REOPEN = "reopen"
    RECORD_DECISION = "record_decision"  # after Ralio's verdict, because none was recorded before
    ADD_NOTE = "add_note"
    SEE_HISTORY = "see_history"  # a person looks at all that happened; nothing changes


TRANSITIONS: Mapping[tuple[Status, Action], Status] = MappingProxyType(
    {
        (Status.OPEN, Action.RECEIVE): Status.OPEN,
        (Status.OPEN, Action.CLAIM): Status.CLAIMED,
        (Status.OPEN, Action.CLOSE): Status.CLOSED,
        (Status.CLAIMED, Action.RECEIVE): Status.CLAIMED,
        (Status.CLAIMED, Action.RELEASE): Status.OPEN,
        (Status.CLAIMED, Action.REASSIGN): Status.CLAIMED,
        (Status.CLAIMED, Action.TAKE_OVER): Status.CLAIMED,
        (Status.CLAIMED, Action.ESCALATE): Status.CLAIMED,
        (Status.CLAIMED, Action.ADD_NOTE): Status.CLAIMED,
        (Status.CLAIMED, Action.STILL_ON_IT): Status.CLAIMED,
        (Status.CLAIMED, Action.SNOOZE): Status.CLAIMED,
        (Status.CLAIMED, Action.RESUME): Status.CLAIMED,
        (Status.CLAIMED, Action.RESOLVE): Status.DECIDED,
        (Status.CLAIMED, Action.PROPOSE): Status.PROPOSED,
        (Status.CLAIMED, Action.CLOSE): Status.CLOSED,
        (Status.PROPOSED, Action.RECEIVE): Status.PROPOSED,
        (Status.PROPOSED, Action.CONFIRM): Status.DECIDED,
        (Status.PROPOSED, Action.SEND_BACK): Status.CLAIMED,
        (Status.PROPOSED, Action.WITHDRAW): Status.CLAIMED,
        (Status.PROPOSED, Action.ADD_NOTE): Status.PROPOSED,
        (Status.PROPOSED, Action.CLOSE): Status.CLOSED,
        (Status.DECIDED, Action.RECEIVE): Status.OPEN,
        (Status.DECIDED, Action.REOPEN): Status.OPEN,
        (Status.DECIDED, Action.ADD_NOTE): Status.DECIDED,
        (Status.DECIDED, Action.CLOSE): Status.CLOSED,
        (Status.CLOSED, Action.RECEIVE): Status.OPEN,
        (Status.CLOSED, Action.CLOSE): Status.CLOSED,
        (Status.CLOSED, Action.RECORD_DECISION): Status.CLOSED,
    }
)
"""The state machine. A pair that is missing is impossible; a review's first event makes it open, or
closed where the verdict came first. The diagram in CONTRIBUTING.md is checked against this table."""

FIRST_STATUS: Mapping[Action, Status] = MappingProxyType(
    {Action.RECEIVE: Status.OPEN, Action.CLOSE: Status.CLOSED}
)


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """What was decided before the review was reopened; `unconfirmed`: it was only proposed. Times in milliseconds.

    `was_confirmed`: two people had made a decision before it, which was reopened as well.
    """

    outcome: str
    reason: str | None = None
    note: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    confirmed_by: str | None = None
    confirmed_at: int | None = None
    unconfirmed: bool = False
    was_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a review was snoozed (milliseconds); `end` is the planned one while the snooze lasts."""

    start: int
    end: int


class Review(NamedTuple):
    """One KYC session's review. Times are milliseconds UTC; people are Slack user ids.

    `session_event_at` is the time of the newest event applied, as events are ordered. `unreadable`: parts of what Ralio
    sent about it could not be read and are left out. `checks` are those of the newest review event, `fetched_checks`
    what Ralio's API said of them later, `verdict_checks` those of the verdict. `unconfirmed`: the outcome is a proposal
    that no second person has confirmed, also after a verdict closed the review. `recorded_afterwards`: the decision was
    recorded when the verdict was known. `version` counts all changes,
    `revision` only those that a person must see before they act: not fetched checks that say the same, and not that it
    is overdue. `status_since` is when it came into its status, `active_at` when its holder was last active, `due_at`
    the deadline for the next action. `snoozed_until` and `snooze_reason` are set while the review is snoozed; `pauses`
    are all its snoozes since it was opened, in order, the current one included.
    """

    session_id: str
    entity_type: EntityType
    queue: str
    session_state: SessionState
    session_event_at: int
    session_event_id: str
    status: Status
    subject_id: str | None = None
    unreadable: bool = False
    checks: Checks = NO_CHECKS
    fetched_checks: Checks = NO_CHECKS
    verdict_checks: Checks = NO_CHECKS
    claimed_by: str | None = None
    claimed_at: int | None = None
    outcome: str | None = None
    reason: str | None = None
    note: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    confirmed_by: str | None = None
    confirmed_at: int | None = None
    unconfirmed: bool = False
    earlier_decision: EarlierDecision | None = None
    escalated_by: str | None = None
    escalated_at: int | None = None
    opened_at: int | None = None
    status_since: int | None = None
    active_at: int | None = None
    due_at: int | None = None
    disagreement: Disagreement | None = None
    snoozed_until: int | None = None
    snooze_reason: str | None = None
    pauses: tuple[Pause, ...] = ()
    version: int = 1
    revision: int = 1
    recorded_afterwards: bool = False
    id: int | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is a sample that `send-test` sent, with no customer behind it."""
        return self.session_id.startswith(TEST_SESSION_PREFIX)

    @property
    def has_decision(self) -> bool:
        """Whether a decision is recorded that counts; a proposal does not."""
        return self.outcome is not None and not self.unconfirmed

    @property
    def lacks_decision(self) -> bool:
        """Whether a verdict closed the review before a decision was recorded."""
        is_closed = self.status is Status.CLOSED and self.opened_at is not None
        return is_closed and not self.has_decision

    @property
    def had_two_people(self) -> bool:
        """Whether two people made a decision before the review was reopened."""
        earlier = self.earlier_decision
        return earlier is not None and (earlier.was_confirmed or earlier.confirmed_by is not None)

    @property
    def current_checks(self) -> Checks:
        """Why the review was raised: what was fetched replaces what the event said of the same types."""
        if not self.fetched_checks.kept:
            return self.checks
        types = {check.type for check in self.fetched_checks.kept}
        others = (check for check in self.checks.kept if check.type not in types)
        left_out = self.checks.left_out + self.fetched_checks.left_out
        return Checks.of((*self.fetched_checks.kept, *others), left_out)


MAX_SKEW_MS = 300_000
"""How far Ralio's clock may be ahead of ours."""


def result_at(review: Review) -> int:
    """When Ralio's verdict or the decision was made or, without either, when the review was opened (milliseconds)."""
    match review.status:
        case Status.CLOSED:
            return review.session_event_at
        case Status.DECIDED:
            return review.confirmed_at or review.decided_at or 0
        case Status.OPEN | Status.CLAIMED | Status.PROPOSED:
            return review.opened_at or 0


class SessionEvent(NamedTuple):
    """What an event of Ralio's says about a session: it needs review (`REVIEW`), or its verdict is known.

    `occurred_at` is Ralio's own time of the event, `received_at` when it arrived here (milliseconds). `type` is the
    event's name at Ralio. `checks` are those that were read, as they came, and `checks_left_out` counts the rest.
    `unreadable`: parts that only decorate the card could not be read and are left out.
    """

    event_id: str
    occurred_at: int
    session_id: str
    state: SessionState
    type: str
    received_at: int
    entity_type: EntityType | None = None
    subject_id: str | None = None
    checks: tuple[Check, ...] = ()
    checks_left_out: int = 0
    unreadable: bool = False

    @property
    def kept_checks(self) -> Checks:
        """The checks that are kept, refused ones first."""
        return Checks.of(self.checks, self.checks_left_out)

    @property
    def ordered_at(self) -> int:
        """The time that events are ordered by: a sender's clock that is ahead can't outrun later events for long."""
        return min(self.occurred_at, self.received_at + MAX_SKEW_MS)

    @property
    def is_ahead(self) -> bool:
        """Whether the sender's clock is too far ahead of ours to be believed."""
        return self.occurred_at > self.received_at + MAX_SKEW_MS

    @property
    def action(self) -> Action:
        """The action that this event is for the review."""
        return Action.RECEIVE if self.state is SessionState.REVIEW else Action.CLOSE
