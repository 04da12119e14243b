"""A review's subject and status, as the card, lists and notifications show it. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.reviews.policy import Policy
from bot.reviews.review import Disagreement, Review, SessionState, Status
from bot.slack.messages.check_words import leading_words
from bot.slack.messages.mrkdwn import QUEUE_NAMES, escaped, moment, number, one_line, people, person
from bot.slack.messages.status_text import closed_words, confirmed_words, disagreement_words, reason_words

TITLE_LENGTH = 150
"""Slack's limit for a header."""

MOST_NAMES = 3
"""People who are named as those who can confirm; the thread reply mentions them all."""

OVERDUE_MARK = "⏰"
SNOOZED_MARK = "💤"
DISAGREEMENT_MARK = "⚠️"

_MARKS: Mapping[Status, str] = MappingProxyType(
    {
        Status.OPEN: "📥",
        Status.CLAIMED: "👤",
        Status.PROPOSED: "👥",
        Status.DECIDED: "⚖️",
    }
)
_VERDICT_MARKS: Mapping[SessionState, str] = MappingProxyType(
    {SessionState.VERIFIED: "✅", SessionState.REJECTED: "⛔", SessionState.EXPIRED: "⌛"}
)

_PORTAL_STEPS: Mapping[SessionState | None, str] = MappingProxyType(
    {SessionState.VERIFIED: "approve", SessionState.REJECTED: "reject", None: "enter the decision for"}
)


def is_overdue(review: Review, now: int) -> bool:
    """Whether the deadline for the next step has passed at `now` (milliseconds); a snoozed review waits."""
    return review.due_at is not None and review.due_at <= now and review.snoozed_until is None


def mark(review: Review, now: int) -> str:
    """The symbol of the state; its meaning is always given in words beside it."""
    if review.status is Status.CLOSED:
        has_problem = review.disagreement is not None and review.disagreement is not Disagreement.UNDECIDED
        return DISAGREEMENT_MARK if has_problem else _VERDICT_MARKS.get(review.session_state, "⚪")
    if review.snoozed_until is not None:
        return SNOOZED_MARK
    return OVERDUE_MARK if is_overdue(review, now) else _MARKS[review.status]


def title(review: Review, now: int, limit: int = TITLE_LENGTH) -> str:
    """What matters about the review, as plain text: that it is overdue, its number, and what failed first."""
    late = ""
    if is_overdue(review, now):
        late = "Verdict overdue · " if review.status is Status.DECIDED else "Overdue · "
    name = f"{late}{QUEUE_NAMES[review.queue].capitalize()} review{number(review.id)}"
    why = leading_words(review.current_checks)
    return one_line(f"{name} · {why}" if why else name, limit)


def status_line(
    review: Review,
    rules: Policy,
    now: int,
    *,
    at: Callable[[int], str] = moment,
    bold: str = "*",
    leads_notified: bool = True,
    has_next_step: bool = False,
) -> str:
    """The state in words with its times, as mrkdwn: "Unclaimed · waiting since 3:54 PM · claim by 7:54 PM".

    `at` writes a time, `bold` marks what should stand out. `leads_notified` is false while an escalation has not
    reached Slack. `has_next_step`: the next step stands beside it, with its deadline, so the line stays short.
    """
    parts = _state(review, rules, at, bold)
    if review.status is not Status.CLOSED:
        if has_next_step and review.status in _HAS_NEXT_STEP:
            parts = [*_late(review, now, bold), *parts]
        else:
            parts += _due(review, rules, now, at, bold)
        parts += _escalated(review, leads_notified=leads_notified)
    return " · ".join(part for part in parts if part)


def next_step(review: Review, rules: Policy, *, at: Callable[[int], str] = moment) -> str:
    """What must happen next, by when and who can do it, as mrkdwn; empty if a button says it."""
    due = f" (due {at(review.due_at)})" if review.due_at is not None else ""
    match review.status:
        case Status.PROPOSED:
            others = [id_ for id_ in rules.roster.named() if id_ != review.decided_by]
            return (
                f"confirmation by a second person{due}{f': {people(others, MOST_NAMES)}' if others else ''}"
            )
        case Status.DECIDED:
            outcome = rules.outcomes.get(review.outcome or "")
            do = _PORTAL_STEPS.get(outcome.expects if outcome else None, _PORTAL_STEPS[None])
            return f"{do} this session in Ralio's portal; waiting for Ralio's verdict{due}"
        case Status.CLOSED if review.lacks_decision and review.session_state is not SessionState.EXPIRED:
            return "record what was decided in Ralio's portal"
        case _:
            return ""


def outcome_text(review: Review, rules: Policy, bold: str = "*") -> str:
    """The decided or proposed outcome with its reason; `bold` is put around the outcome."""
    return f"{bold}{escaped(rules.label_of(review.outcome))}{bold}{reason_words(review, rules)}"


def _state(review: Review, rules: Policy, at: Callable[[int], str], bold: str) -> list[str]:
    match review.status:
        case Status.OPEN:
            waiting = f"waiting since {at(review.opened_at)}" if review.opened_at is not None else ""
            return [f"{bold}Unclaimed{bold}", waiting]
        case Status.CLAIMED:
            since = f" since {at(review.claimed_at)}" if review.claimed_at is not None else ""
            claimed = f"{bold}Claimed{bold} by {_who(review.claimed_by)}{since}"
            return [_snoozed(review, rules, at, bold), claimed]
        case Status.PROPOSED:
            proposal = f"{_who(review.decided_by)} proposed {outcome_text(review, rules, bold)}"
            return [f"{bold}Awaiting confirmation{bold}", proposal]
        case Status.DECIDED:
            decision = f"{_who(review.decided_by)} decided {outcome_text(review, rules, bold)}"
            return [f"{bold}Decided{bold}", f"{decision}{confirmed_words(review)}"]
        case Status.CLOSED:
            disagreement = disagreement_words(review.disagreement).rstrip(".")
            flagged = f"{DISAGREEMENT_MARK} {disagreement}" if disagreement else ""
            return [f"{bold}Closed{bold}", closed_words(review, rules, bold), flagged]


def _snoozed(review: Review, rules: Policy, at: Callable[[int], str], bold: str) -> str:
    if review.snoozed_until is None:
        return ""
    reason = f" ({escaped(rules.snooze.label_of(review.snooze_reason))})" if review.snooze_reason else ""
    return f"{bold}Snoozed{bold} until {at(review.snoozed_until)}{reason}"


_HAS_NEXT_STEP = frozenset({Status.PROPOSED, Status.DECIDED})


def _late(review: Review, now: int, bold: str) -> list[str]:
    if not is_overdue(review, now):
        return []
    return [
        f"{OVERDUE_MARK} {bold}{'Verdict overdue' if review.status is Status.DECIDED else 'Overdue'}{bold}"
    ]


def _due(review: Review, rules: Policy, now: int, at: Callable[[int], str], bold: str) -> list[str]:
    if review.due_at is None:
        return []
    late = is_overdue(review, now)
    match review.status:
        case Status.DECIDED if late:
            return [f"{OVERDUE_MARK} {bold}verdict overdue{bold} since {at(review.due_at)}"]
        case Status.DECIDED:
            return [f"verdict expected by {at(review.due_at)}"]
        case _ if late:
            return [f"{OVERDUE_MARK} {bold}overdue{bold} since {at(review.due_at)}"]
        case Status.OPEN if rules.deadlines.claim_within_ms is not None:
            return [f"claim by {at(review.due_at)}"]
        case Status.PROPOSED:
            return [f"confirm by {at(review.due_at)}"]
        case _:
            return [f"decide by {at(review.due_at)}"]


def _escalated(review: Review, *, leads_notified: bool) -> list[str]:
    if review.escalated_by is None:
        return []
    who = person(review.escalated_by)
    return [f"escalated to the leads by {who}" if leads_notified else f"{who} is escalating it to the leads"]


def _who(user_id: str | None) -> str:
    return person(user_id) if user_id else "someone"
