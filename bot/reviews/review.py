"""A review, its states, and the one table that says which action leads from which state to which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a review stands; the words are those that people see."""

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
    CLOSE = "close"  # Ralio tells the session's verdict
    CLAIM = "claim"
    RELEASE = "release"
    REASSIGN = "reassign"  # the holder or a lead gives it to somebody else
    TAKE_OVER = "take_over"  # somebody else takes it from its holder
    ESCALATE = "escalate"  # the queue's leads are asked for help
    STILL_ON_IT = "still_on_it"  # the holder says that the claim is not forgotten
    SNOOZE = "snooze"  # the holder waits for something until a date
    RESUME = "resume"  # a snooze ends: by its holder, at its date, or because of something else
    RESOLVE = "resolve"  # a decision that one person may take alone
    PROPOSE = "propose"  # a decision that needs a second person (four eyes)
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"  # a proposal is taken back: by the bot when its checks change
    REOPEN = "reopen"


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
        (Status.PROPOSED, Action.CLOSE): Status.CLOSED,
        (Status.DECIDED, Action.RECEIVE): Status.OPEN,
        (Status.DECIDED, Action.REOPEN): Status.OPEN,
        (Status.DECIDED, Action.CLOSE): Status.CLOSED,
        (Status.CLOSED, Action.RECEIVE): Status.OPEN,
        (Status.CLOSED, Action.CLOSE): Status.CLOSED,
    }
)
"""The state machine. A pair that is missing is impossible; a review's first event makes it open, or
closed where the verdict came first. The diagram in CONTRIBUTING.md is checked against this table."""

FIRST_STATUS: Mapping[Action, Status] = MappingProxyType(
    {Action.RECEIVE: Status.OPEN, Action.CLOSE: Status.CLOSED}
)


MAX_CHECKS = 50
MAX_CODES = 20
"""What is kept of a session's checks, and of the codes of one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check as Ralio reported it: only its type, state, machine-readable codes and their category.

    `more_codes` counts the codes that were left out.
    """

    type: str
    state: str
    codes: tuple[str, ...] = ()
    category: str | None = None
    more_codes: int = 0


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks that are kept of a session: refused ones first, validated ones last. `left_out` counts the rest."""

    kept: tuple[Check, ...] = ()
    left_out: int = 0

    @classmethod
    def of(cls, checks: Iterable[Check], left_out: int = 0) -> "Checks":
        """Sort the checks before cutting them; `left_out` were left out already."""
        ordered = sorted(checks, key=lambda check: _CHECK_ORDER.get(check.state, 1))
        kept = tuple(_with_fewer_codes(check) for check in ordered[:MAX_CHECKS])
        return cls(kept, left_out + len(ordered) - len(kept))

    @property
    def evidence(self) -> tuple[frozenset[tuple[str, str, frozenset[str], int]], int]:
        """What a decision can rest on: equal for checks that differ only in order, repetition or category."""
        said = ((check.type, check.state, frozenset(check.codes), check.more_codes) for check in self.kept)
        return frozenset(said), self.left_out


_CHECK_ORDER: Mapping[str, int] = MappingProxyType({"refused": 0, "validated": 2})
"""A state that is not known can need a look, so it goes before the validated ones."""


def _with_fewer_codes(check: Check) -> Check:
    if len(check.codes) <= MAX_CODES:
        return check
    more = check.more_codes + len(check.codes) - MAX_CODES
    return replace(check, codes=check.codes[:MAX_CODES], more_codes=more)


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """What was decided before the review was reopened; `unconfirmed`: it was only proposed. Times in milliseconds."""

    outcome: str
    reason: str | None = None
    note: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    confirmed_by: str | None = None
    confirmed_at: int | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which a review was snoozed (milliseconds); `end` is still to come while the snooze goes on."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Review:
    """One KYC session's review. Times are milliseconds UTC; people are Slack user ids.

    `session_event_at` is the time of the newest event applied, as events are ordered. `unreadable`: parts of what Ralio
    sent about it could not be read and are left out. `checks` are those of the newest review event, `fetched_checks`
    what Ralio's API said of them later, `verdict_checks` those of the verdict. `unconfirmed`: the outcome is a proposal
    that no second person has confirmed, also after a verdict closed the review. `version` counts all changes,
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
    checks: Checks = Checks()
    fetched_checks: Checks = Checks()
    verdict_checks: Checks = Checks()
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
    id: int | None = None

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


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """What an event of Ralio's says about a session: it needs review (`REVIEW`), or its verdict is known.

    `occurred_at` is Ralio's own time of the event, `received_at` when it arrived here (milliseconds). `type` is the
    event's name at Ralio. `checks` are those that were read, as they came, and `checks_left_out` counts the rest.
    `unreadable`: parts that only decorate the card could not be read and are left out.
    """

    event_id: str
    occurred_at: int
    session_id: str
    state: SessionState
    entity_type: EntityType | None = None
    subject_id: str | None = None
    checks: tuple[Check, ...] = ()
    type: str = field(kw_only=True)
    received_at: int = field(kw_only=True)
    checks_left_out: int = field(default=0, kw_only=True)
    unreadable: bool = field(default=False, kw_only=True)

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
        return self.ordered_at < self.occurred_at

    @property
    def action(self) -> Action:
        """The action that this event is for the review."""
        return Action.RECEIVE if self.state is SessionState.REVIEW else Action.CLOSE
