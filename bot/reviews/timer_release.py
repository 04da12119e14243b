"""What happens to a review when its timers fire: it is shown as overdue, people are reminded, a claim is released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.reviews.audit.entry import BOT, DATE_CAME, DEADLINE, HOLDER_DEACTIVATED, OVERDUE, REMIND, AuditEntry
from bot.reviews.change import Change
from bot.reviews.deadlines import (
    Deadlines,
    Effect,
    Fired,
    Fires,
    Moot,
    NotYet,
    Timer,
    TimerKind,
    meaning,
    timed,
    timer_basis,
)
from bot.reviews.notification_topics import AutomaticTopic
from bot.reviews.notifications import (
    ClaimExpired,
    HolderDeactivated,
)
from bot.reviews.policy import Policy
from bot.reviews.reminders import (
    LEADS,
    REVIEWERS,
    DirectMessage,
    SnoozeEnded,
    StillOnItQuestion,
    VerdictMissing,
)
from bot.reviews.review import TRANSITIONS, Action, Review
from bot.reviews.session_events import unclaimed
from bot.reviews.snooze import resumed


@dataclass(slots=True)
class TimersFired:
    """The result of a review's due timers: its changes in order, and which timers fired or must wait.

    `postponed` holds the new due times (milliseconds) by kind and `since`. What is in neither is no longer needed.
    `audiences` are those whose next reminder must list the review: REVIEWERS, LEADS, or its holder's id.
    """

    review: Review
    changes: list[Change] = field(default_factory=list)
    fired: list[Timer] = field(default_factory=list)
    postponed: dict[tuple[TimerKind, int], int] = field(default_factory=dict)
    audiences: set[str] = field(default_factory=set)


def fire(review: Review, due: Sequence[Timer], fired_before: Fired, policy: Policy, now: int) -> TimersFired:
    """Fire the timers of a review that are due at `now` (milliseconds), one after the other.

    What one timer changed counts for the next: the holder of a claim that was just released gets no reminder.
    """
    result = TimersFired(review)
    fired = dict(fired_before)
    for timer in due:
        match _meaning(timer, result.review, policy.deadlines, fired, now):
            case Fires(effects):
                for effect in effects:
                    changes = _carry_out(result, effect, timer.kind, policy, now)
                    result.changes += changes
                    result.review = changes[-1].after if changes else result.review
                fired[timer.kind, timer.since] = now
                result.fired.append(timer)
            case NotYet(due_at):
                # Otherwise it stays at the front of the queue and starves timers that can fire now.
                result.postponed[timer.kind, timer.since] = due_at
            case Moot():
                pass
    return result


def release_claim(
    review: Review, deadlines: Deadlines, now: int, detail: Mapping[str, str] = MappingProxyType({})
) -> Change:
    """Release a claim, for inactivity unless `detail` says why; KeyError for a review that no one has claimed."""
    changed = unclaimed(review)._replace(
        status=TRANSITIONS[review.status, Action.RELEASE],
        version=review.version + 1,
        revision=review.revision + 1,
    )
    after = timed(review, changed, deadlines, now)
    return Change(after, _entry(review, after, Action.RELEASE, now, detail), people=_holder(review))


def end_snooze(review: Review, deadlines: Deadlines, now: int) -> Change:
    """End a snooze whose date has come; KeyError for a review that no one has claimed."""
    status = TRANSITIONS[review.status, Action.RESUME]
    changed = resumed(review, now)._replace(status=status, version=review.version + 1)
    after = timed(review, changed, deadlines, now)
    return Change(
        after, _entry(review, after, Action.RESUME, now, {"because": DATE_CAME}), people=_holder(review)
    )


def show_overdue(review: Review, passed: TimerKind, deadlines: Deadlines, now: int) -> Change:
    """Show on the card that the review is overdue, and record which deadline passed."""
    after = timed(review, review._replace(version=review.version + 1), deadlines, now)
    return Change(after, _entry(review, after, OVERDUE, now, {DEADLINE: passed.value}))


def release_of_deactivated(review: Review, policy: Policy, now: int) -> list[Change]:
    """Release the claim of a holder whose account is deactivated, and notify the leads; KeyError if no one has it."""
    holder = review.claimed_by or ""
    released = release_claim(review, policy.deadlines, now, {"because": HOLDER_DEACTIVATED})
    notice = HolderDeactivated(policy.roster.named_leads(), review.session_id, holder)
    return [released, remind(released.after, notice, now)]


def remind(
    review: Review, notification: DirectMessage | ClaimExpired | HolderDeactivated, now: int
) -> Change:
    """Notify people about a review that stays as it is."""
    entry = _entry(review, review, REMIND, now, {"told": notification.topic.value})
    return Change(review, entry, notifications=(notification,))


def reminded(review: Review, topic: AutomaticTopic, now: int) -> Change:
    """Record that the next reminder lists the review, which stays as it is."""
    return Change(review, _entry(review, review, REMIND, now, {"told": topic.value}))


def _meaning(
    timer: Timer, review: Review, deadlines: Deadlines, fired: Fired, now: int
) -> Fires | NotYet | Moot:
    basis = timer_basis(review)
    return meaning(timer, basis, deadlines, fired, now) if basis else Moot()


def _carry_out(
    result: TimersFired, effect: Effect, kind: TimerKind, policy: Policy, now: int
) -> list[Change]:
    review = result.review
    state = (review.session_id, review.status, review.claimed_by, review.due_at)
    holder = _holder(review)
    match effect:
        case Effect.SHOW_OVERDUE:
            return [show_overdue(review, kind, policy.deadlines, now)]
        case Effect.RELEASE_CLAIM:
            released = release_claim(review, policy.deadlines, now)
            return [released, remind(released.after, ClaimExpired(holder, review.session_id), now)]
        case Effect.END_SNOOZE:
            ended = end_snooze(review, policy.deadlines, now)
            state = (review.session_id, review.status, review.claimed_by, ended.after.due_at)
            return [ended, remind(ended.after, SnoozeEnded(holder, *state), now)]
        case Effect.REMIND_QUEUE:
            result.audiences.add(REVIEWERS)
            return [reminded(review, AutomaticTopic.REMIND_QUEUE, now)]
        case Effect.TELL_LEADS:
            result.audiences.add(LEADS)
            return [reminded(review, AutomaticTopic.REMIND_LEADS, now)]
        case Effect.REMIND_DECIDER:
            decider = (review.decided_by,) if review.decided_by else ()
            return [remind(review, VerdictMissing(decider, *state), now)] if decider else []
        case Effect.TELL_LEADS_OF_VERDICT:
            result.audiences.add(LEADS)
            return [reminded(review, AutomaticTopic.VERDICT_MISSING_LEADS, now)]
        case Effect.REMIND_HOLDER:
            result.audiences.update(holder)
            return [reminded(review, AutomaticTopic.REMIND_HOLDER, now)] if holder else []
        case Effect.ASK_HOLDER:
            return [remind(review, StillOnItQuestion(holder, *state), now)] if holder else []


def _holder(review: Review) -> tuple[str, ...]:
    return (review.claimed_by,) if review.claimed_by else ()


def _entry(
    before: Review, after: Review, action: str, now: int, detail: Mapping[str, str] = MappingProxyType({})
) -> AuditEntry:
    return AuditEntry(now, BOT, action, before.status, after.status, after.version, detail=detail)
