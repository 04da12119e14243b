"""What a reviewer's click does to the database: review, audit entry and card, or a refusal with its private note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.reviews.audit import AuditEntry
from bot.reviews.decide import Refusal, Refused, Request, decide
from bot.reviews.permissions import Roster
from bot.reviews.review import Review
from bot.store import audit, deliveries, reviews
from bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Click:
    """A signed click: what is asked for which session, where the person saw the button, and when (milliseconds)."""

    session_id: str
    request: Request
    channel: str
    rosters: Mapping[str, Roster]
    clicked_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the click ended: `refused` is None when it was granted."""

    refused: Refused | None
    version: int | None


def act(transaction: Transaction, clicks: Sequence[Click]) -> Sequence[Verdict]:
    """Carry out clicks one after the other; of several who claim at once the first in the queue has it."""
    return [_act(transaction, click) for click in clicks]


def _act(transaction: Transaction, click: Click) -> Verdict:
    review = reviews.load(transaction, [click.session_id]).get(click.session_id)
    if review is None:
        return _unknown(transaction, click)
    step = decide(review, click.request, click.rosters.get(review.queue, Roster()), click.clicked_at)
    audit.append(transaction, [(review.id, step.entry)])
    if isinstance(step, Refusal):
        _tell(transaction, click, step.why, _facts(review, click))
        return Verdict(step.why, review.version)
    reviews.update(transaction, review, step.after)
    deliveries.want_cards(transaction, [step.after], click.clicked_at, deliveries.SOMEBODY_WAITS)
    return Verdict(None, step.after.version)


def _unknown(transaction: Transaction, click: Click) -> Verdict:
    why = Refused.UNKNOWN_REVIEW
    entry = AuditEntry(
        at=click.clicked_at,
        actor=click.request.person,
        action=click.request.action,
        from_status=None,
        to_status=None,
        version=0,
        refused=why,
        detail={"session_id": click.session_id},
    )
    audit.append(transaction, [(None, entry)])
    _tell(transaction, click, why, {"session_id": click.session_id})
    return Verdict(why, None)


def _tell(transaction: Transaction, click: Click, why: Refused, facts: dict[str, object]) -> None:
    facts = {"why": why, "action": click.request.action} | facts
    deliveries.tell_person(transaction, click.channel, click.request.person, facts, click.clicked_at)


def _facts(review: Review, click: Click) -> dict[str, object]:
    """What the note's text may need; opaque ids only."""
    roster = click.rosters.get(review.queue, Roster())
    return {
        "session_id": review.session_id,
        "queue": review.queue,
        "status": review.status,
        "holder": review.claimed_by,
        "since": review.claimed_at,
        "maker": review.decided_by,
        "session_state": review.session_state,
        "may": list(roster.named()),
        "leads": sorted(roster.leads),
    }
