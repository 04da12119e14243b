"""What a decision rested on, sealed with it: digests of the checks, of what the card showed, and of the policy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

from bot.reviews.audit.entry import BOT, RALIO, AuditEntry
from bot.reviews.checks_text import checks_as_text
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Review

CHECKS, CARD, POLICY = "checks_seen", "card_seen", "policy"
"""Where an entry's detail holds the digests."""

_WITHOUT_OUTCOME = frozenset({Action.CONFIRM, Action.REOPEN})


def seals_evidence(entry: AuditEntry) -> bool:
    """Whether a person decided something, confirmed it, or took it back."""
    decides = entry.action in _WITHOUT_OUTCOME or "outcome" in entry.detail
    return decides and entry.refused is None and entry.actor not in (BOT, RALIO)


def with_evidence(entry: AuditEntry, before: Review, policy_text: str) -> AuditEntry:
    """The entry with the digests of what the person decided on: the review as it was before, and the policy."""
    digests = {
        CHECKS: digest(checks_as_text(before.current_checks)),
        CARD: digest(card_as_text(before)),
        POLICY: digest(policy_text),
    }
    return entry._replace(detail={**entry.detail, **digests})


def digest(text: str) -> str:
    """SHA-256 in hexadecimal digits, over UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def card_as_text(review: Review) -> str:
    """What the card shows of a review, as far as a decision can rest on it: a JSON array without spaces, in ASCII."""
    earlier = review.earlier_decision
    shown = (
        *(review.session_id, review.entity_type, review.subject_id, review.session_state, review.status),
        *(checks_as_text(review.current_checks), checks_as_text(review.verdict_checks)),
        *(
            review.claimed_by,
            review.outcome,
            review.reason,
            review.note,
            review.decided_by,
            review.unconfirmed,
        ),
        None if earlier is None else asdict(earlier),
    )
    return json.dumps(shown, separators=(",", ":"))


NO_RULES = frozenset({"members", "away", "mentions_reviewers"})
"""What Slack says about people, and how messages look: nothing is decided by it."""


def policy_as_text(policy: Policy) -> str:
    """A queue's policy as the settings have it: a JSON object in a stable order."""
    return json.dumps(_plain(policy), sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a policy is made of
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name))
            for each in fields(value)
            if each.name not in NO_RULES
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(each) for each in value)
    # A date as in ISO 8601, a time zone by its name.
    return value if value is None or isinstance(value, str | int) else str(value)
