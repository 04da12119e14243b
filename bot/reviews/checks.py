"""What follows when Ralio's reasons become known after the review was opened."""

from collections.abc import Sequence
from dataclasses import replace

from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.change import Change
from bot.reviews.review import Check, Review, Status

FETCH_CHECKS = "fetch_checks"
"""The action on record; it moves no status, and the card shows the checks themselves."""

MAX_CHECKS = 20


def with_checks(review: Review, refused: Sequence[Check], now: int) -> Change | None:
    """The review with these refused checks in place of what it knew of their types; None when nothing changes."""
    types = {check.type for check in refused}
    others = tuple(check for check in review.checks if check.type not in types)
    checks = (*refused, *others)[:MAX_CHECKS]
    if review.status is Status.CLOSED or set(checks) == set(review.checks):
        return None
    after = replace(review, checks=checks, version=review.version + 1)
    detail = {"refused": str(len(refused))}
    entry = AuditEntry(now, RALIO, FETCH_CHECKS, review.status, review.status, after.version, detail=detail)
    return Change(after, entry)
