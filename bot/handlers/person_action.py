"""A person's action in one transaction: decide it, save what follows, and queue the person's answer.

Buttons, modals, `/reviews next` and the home tab all come here. A request that is delivered again gets its first answer
and changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.handlers.save_change import Saved, save_change, save_changes
from bot.reviews.action_request import ActionRequest, Authority, Refused
from bot.reviews.announcements import refused
from bot.reviews.change import Change, Refusal
from bot.reviews.decide import decide, refusal, refuse, refuse_unknown
from bot.reviews.delivery_problems import CardMoved
from bot.reviews.double_click import FindLastAction, LastAction
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.reviews.policy import NO_POLICY
from bot.reviews.review import Review
from bot.reviews.waiting_times import Span, ended_wait
from bot.store.engine.transaction import Transaction
from bot.store.tables import answered_requests, audit, cards, deliveries, reviews, staff_names

Submission = tuple[ActionRequest, Authority]
"""A request, and what was looked up about the people in it."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """How a request ended: `refused` is None when the action was granted.

    `review` is as it is now, `outcome` what the person can be shown about it, and `wait_ended` the wait that a granted
    action ended. `is_repetition`: the request was answered before, and this is the first answer.
    """

    refused: Refused | None
    review: Review | None
    outcome: ActionOutcome
    wait_ended: Span | None = None
    is_repetition: bool = False


def carry_out(transaction: Transaction, submissions: Sequence[Submission]) -> Sequence[ActionResult]:
    """Carry out requests in order, so the first of several claims at once wins. For `write_batched`."""
    known = reviews.load(
        transaction, [request.session_id for request, _ in submissions if request.session_id]
    )
    return carry_out_on(transaction, submissions, known)


def carry_out_on(
    transaction: Transaction, submissions: Sequence[Submission], known: Mapping[str, Review]
) -> Sequence[ActionResult]:
    """Carry out requests on reviews that this transaction has loaded."""
    newest = dict(known)
    answers = answered_requests.recall(transaction, [request for request, _ in submissions])
    changes: list[tuple[Review | None, Saved]] = []
    results: list[ActionResult] = []
    for request, authority in submissions:
        before, key = newest.get(request.session_id or ""), request.key
        if (answer := answers.get(key)) is not None:
            results.append(_repeated(answer, before))
            continue
        if before is None:
            decided: Change | Refusal = refuse_unknown(request, authority)
        else:
            decided = decide(before, request, authority, _last_action(transaction, before, changes))
        changes.append((before, decided))
        results.append(_result(request, authority, before, decided))
        if isinstance(decided, Change):
            newest[decided.after.session_id] = decided.after
        if key:
            answers[key] = results[-1].outcome
    if changes:
        _record_names(transaction, submissions)
        save_changes(transaction, changes)
    _answer(transaction, zip((request for request, _ in submissions), results, strict=True))
    return results


def check(transaction: Transaction, submission: Submission) -> ActionResult:
    """Check whether an action would be granted, before its modal is filled in; only a refusal is saved."""
    request = submission[0]
    result = check_incomplete(transaction, submission)
    if result.refused is None and not result.is_repetition:
        answered_requests.remember(transaction, [(request, result.outcome)])
        _show_newest_card(transaction, request, result.review)
    return result


def check_incomplete(transaction: Transaction, submission: Submission) -> ActionResult:
    """The same for a modal that cannot be carried out yet: a person who can't act learns nothing about it.

    What is granted is not remembered as the answer.
    """
    request, authority = submission
    review = reviews.load(transaction, [request.session_id or ""]).get(request.session_id or "")
    if (answer := recall(transaction, request)) is not None:
        return _repeated(answer, review)
    if review is None:
        return save_refusal(transaction, submission, refuse_unknown(request, authority))
    reason = refusal(review, request, authority, _last_action(transaction, review, []))
    if reason is None:
        return ActionResult(None, review, ActionGranted(request.action, review.session_id))
    return save_refusal(transaction, submission, refuse(request, reason, review))


def save_refusal(transaction: Transaction, submission: Submission, refused_: Refusal) -> ActionResult:
    """Save a refusal and queue the person's answer."""
    request, authority = submission
    _record_names(transaction, [submission])
    save_change(transaction, refused_.review, refused_)
    result = _result(request, authority, refused_.review, refused_)
    _answer(transaction, [(request, result)])
    return result


def _record_names(transaction: Transaction, submissions: Sequence[Submission]) -> None:
    """Record what the people are called now, before what they do."""
    names = {person: name for _, authority in submissions for person, name in authority.names.items()}
    if names:
        staff_names.record(transaction, names, submissions[0][0].requested_at)


def recall(transaction: Transaction, request: ActionRequest) -> ActionOutcome | None:
    """The first answer to a request that is delivered again; None for a new one."""
    return answered_requests.recall(transaction, [request]).get(request.key)


def repeated(transaction: Transaction, answer: ActionOutcome) -> ActionResult:
    """The first answer again, with its review as it is now."""
    session_id = answer.session_id or ""
    return _repeated(answer, reviews.load(transaction, [session_id]).get(session_id))


def _repeated(answer: ActionOutcome, review: Review | None) -> ActionResult:
    reason = answer.reason if isinstance(answer, ActionRefused) else None
    return ActionResult(reason, review, answer, is_repetition=True)


def _last_action(
    transaction: Transaction, review: Review, changes: Sequence[tuple[Review | None, Saved]]
) -> FindLastAction:
    """Look up what a person did last to a review, in changes that are not saved yet or before."""

    def find() -> LastAction | None:
        for _, change in reversed(changes):
            if isinstance(change, Change) and change.after.session_id == review.session_id:
                return LastAction(change.entry.actor, change.entry.action)
        return None if review.id is None else audit.last_action(transaction, review.id)

    return find


def _result(
    request: ActionRequest, authority: Authority, before: Review | None, decided: Change | Refusal
) -> ActionResult:
    if isinstance(decided, Refusal):
        policy = authority.policy(before.queue) if before else NO_POLICY
        outcome = refused(decided.reason, request, before, policy.roster)
        if before is None:
            outcome = replace(outcome, reviewers=authority.who_can_review())
        return ActionResult(decided.reason, before, outcome)
    after = decided.after
    wait = ended_wait(before, after, request.requested_at) if before else None
    return ActionResult(None, after, ActionGranted(request.action, after.session_id), wait)


def _answer(transaction: Transaction, answers: Iterable[tuple[ActionRequest, ActionResult]]) -> None:
    """Remember the answers, and queue what people see besides the card."""
    new = [(request, result) for request, result in answers if not result.is_repetition]
    answered_requests.remember(transaction, [(request, result.outcome) for request, result in new])
    for request, result in new:
        _enqueue_answer(transaction, request, result)


def _enqueue_answer(transaction: Transaction, request: ActionRequest, result: ActionResult) -> None:
    """Queue what the person sees besides the card, which shows what was granted, unless they act elsewhere."""
    person, now = request.person, request.requested_at
    _show_newest_card(transaction, request, result.review)
    if request.from_home:
        deliveries.enqueue_home_tab(transaction, person, result.outcome, now)
    elif request.channel is not None and (result.refused is not None or request.from_list):
        deliveries.enqueue_ephemeral(transaction, request.channel, person, result.outcome, now)


def _show_newest_card(transaction: Transaction, request: ActionRequest, review: Review | None) -> None:
    """Tell a person who acted on a former card where the card is now."""
    if review is None or review.id is None or request.channel is None or request.message_ts is None:
        return
    place = None if _is_direct(request.channel) else cards.card_place_to_change(transaction, review.id)
    if place is not None and (place.channel, place.message_ts) != (request.channel, request.message_ts):
        moved = CardMoved(review.session_id, place.channel, place.message_ts)
        deliveries.enqueue_ephemeral(
            transaction, request.channel, request.person, moved, request.requested_at
        )


def _is_direct(channel: str) -> bool:
    """Whether the channel is the bot's direct messages with a person."""
    return channel.startswith("D")
