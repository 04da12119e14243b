"""What a person's wish does to the database: review, audit entry, card and notes, or a refusal on record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.reviews.audit.entry import AuditEntry
from bot.reviews.decide import Refusal, Refused, Request, decide, refusal
from bot.reviews.notifications import ActionGranted, ActionOutcome, announcement_of_action, refused
from bot.reviews.policy import NO_POLICY, Policy
from bot.reviews.review import Review
from bot.reviews.session_events import Change
from bot.reviews.waiting_times import Span, ended_wait
from bot.store.engine.transaction import Transaction
from bot.store.tables import audit, deliveries, reviews, timers


@dataclass(frozen=True, slots=True)
class Wish:
    """A signed wish: what is asked for which session (None: the one that waits for longest), and when (milliseconds).

    `channel` is where a refused person is told privately why; None where whoever hands over the wish tells them.
    With `from_home` the person's home tab tells how it ended.
    """

    session_id: str | None
    request: Request
    rules: Mapping[str, Policy]
    wished_at: int
    channel: str | None = None
    from_home: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the wish ended: `refused` is None when it was granted.

    `review` is as it is now; `outcome` is what the person can be shown about it. `waited` is the wait that the granted
    action ended.
    """

    refused: Refused | None
    review: Review | None
    outcome: ActionOutcome
    waited: Span | None = None


def act(transaction: Transaction, wishes: Sequence[Wish]) -> Sequence[Verdict]:
    """Carry out wishes in order, so the first of several claims at once wins. For `write_batched`."""
    known = reviews.load(transaction, [wish.session_id for wish in wishes if wish.session_id])
    return _carry_out(transaction, wishes, known)


def _carry_out(
    transaction: Transaction, wishes: Sequence[Wish], known: Mapping[str, Review]
) -> Sequence[Verdict]:
    """Carry out wishes one after the other, then write what became of the reviews, all at once."""
    newest = dict(known)
    concerned: set[str | None] = set()
    verdicts = []
    for wish in wishes:
        before = newest.get(wish.session_id or "")
        verdict = _act(transaction, wish, before)
        verdicts.append(verdict)
        if before is not None and verdict.review is not None and verdict.review is not before:
            after = newest[before.session_id] = verdict.review
            concerned |= {wish.request.person, before.claimed_by, after.claimed_by, before.decided_by}
    _write(transaction, known, newest, concerned, wishes[-1].wished_at)
    return verdicts


def _write(
    transaction: Transaction,
    known: Mapping[str, Review],
    newest: Mapping[str, Review],
    concerned: Collection[str | None],
    now: int,
) -> None:
    """Write the reviews that changed, their timers, cards and the home tabs of those concerned."""
    changed = [after for session_id, after in newest.items() if after is not known[session_id]]
    reviews.update(transaction, [(known[after.session_id], after) for after in changed])
    timers.keep(transaction, changed)
    deliveries.enqueue_cards(transaction, changed, now, deliveries.SOMEBODY_WAITS)
    deliveries.refresh_homes(transaction, sorted(person for person in concerned if person), now)


def _act(transaction: Transaction, wish: Wish, review: Review | None) -> Verdict:
    if review is None:
        return _refused(transaction, wish, Refused.UNKNOWN_REVIEW)
    rules = wish.rules.get(review.queue, NO_POLICY)
    step = decide(review, wish.request, rules, wish.wished_at)
    if isinstance(step, Refusal):
        return _refused(transaction, wish, step.why, review, step.entry)
    return _granted(transaction, wish, review, step, rules)


def ask(transaction: Transaction, wish: Wish) -> Verdict:
    """Check whether the wish would be granted, before its modal is filled in; a refusal is audited."""
    review = _review(transaction, wish)
    if review is None:
        return _refused(transaction, wish, Refused.UNKNOWN_REVIEW)
    why = refusal(review, wish.request, wish.rules.get(review.queue, NO_POLICY))
    if why is not None:
        return _refused(transaction, wish, why, review)
    return Verdict(None, review, _granted_outcome(review, wish))


def claim_next(transaction: Transaction, wish: Wish) -> Verdict:
    """Claim the review that has waited longest among those that the person can take."""
    request = wish.request
    mine = {queue: rules for queue, rules in wish.rules.items() if rules.roster.may_review(request.person)}
    session_id = reviews.oldest_open(transaction, list(mine))
    if session_id is not None:
        wish = _of_session(wish, session_id)
        (verdict,) = _carry_out(transaction, [wish], reviews.load(transaction, [session_id]))
        return verdict
    are_known = all(rules.roster.is_known for rules in wish.rules.values())
    nobody = Refused.NOT_A_REVIEWER if are_known else Refused.CANNOT_CHECK
    return _refused(transaction, wish, Refused.NONE_LEFT if mine else nobody)


def open_home(transaction: Transaction, opened: tuple[str, int]) -> None:
    """Update the home tab of a person who opened it at the given time (milliseconds)."""
    person, now = opened
    deliveries.enqueue_home_tab(transaction, person, None, now)


def _of_session(wish: Wish, session_id: str) -> Wish:
    return Wish(session_id, wish.request, wish.rules, wish.wished_at, wish.channel, wish.from_home)


def _review(transaction: Transaction, wish: Wish) -> Review | None:
    session_id = wish.session_id or ""
    return reviews.load(transaction, [session_id]).get(session_id)


def _granted(transaction: Transaction, wish: Wish, before: Review, step: Change, rules: Policy) -> Verdict:
    """Put it on record and tell those who have to know."""
    after, now = step.after, wish.wished_at
    audit.append(transaction, [(before.id, step.entry)])
    announcement = announcement_of_action(before, after, wish.request, rules)
    if announcement is not None:
        deliveries.enqueue_thread_reply(transaction, after, announcement, now)
    outcome = _granted_outcome(after, wish)
    verdict = Verdict(None, after, outcome, ended_wait(before, after, now))
    if _is_direct(wish.channel):
        # The card tells how it ended, but it is elsewhere.
        deliveries.enqueue_ephemeral(transaction, wish.channel or "", wish.request.person, outcome, now)
    if wish.from_home:
        deliveries.enqueue_home_tab(transaction, wish.request.person, outcome, now)
    return verdict


def _is_direct(channel: str | None) -> bool:
    """Whether the wish came from the bot's direct messages with the person."""
    return channel is not None and channel.startswith("D")


def _refused(
    transaction: Transaction,
    wish: Wish,
    why: Refused,
    review: Review | None = None,
    entry: AuditEntry | None = None,
) -> Verdict:
    """Put a refusal on record and tell the person."""
    review_id = review.id if review else None
    audit.append(transaction, [(review_id, entry or _entry(wish, why, review))])
    roster = wish.rules.get(review.queue, NO_POLICY).roster if review else NO_POLICY.roster
    outcome = refused(why, wish.request, review, roster, wish.session_id)
    person, now = wish.request.person, wish.wished_at
    if wish.from_home:
        deliveries.enqueue_home_tab(transaction, person, outcome, now)
    elif wish.channel is not None:
        deliveries.enqueue_ephemeral(transaction, wish.channel, person, outcome, now)
    return Verdict(why, review, outcome)


def _entry(wish: Wish, why: Refused, review: Review | None) -> AuditEntry:
    status = review.status if review else None
    return AuditEntry(
        at=wish.wished_at,
        actor=wish.request.person,
        action=wish.request.action,
        from_status=status,
        to_status=status,
        version=review.version if review else 0,
        refused=why,
        detail={"session_id": wish.session_id} if review is None and wish.session_id else {},
    )


def _granted_outcome(review: Review, wish: Wish) -> ActionGranted:
    return ActionGranted(wish.request.action, review.session_id)
