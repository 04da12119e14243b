"""The card of any review at all: Slack accepts it, and everything from outside is only text."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.audit.entry import AuditEntry
from bot.reviews.checks import Check, Checks
from bot.reviews.policy import Policy
from bot.reviews.review import (
    Action,
    EarlierDecision,
    EntityType,
    Pause,
    Review,
    SessionState,
    Status,
)
from bot.slack.messages.card import card
from tests.support.examples import NAMED, RULES, formatted_texts, is_harmless

_word = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`|!@#"), max_size=80)
_session_id = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True)
_id = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`|!@#"), min_size=1, max_size=128)
_time = st.integers(0, 4_102_444_800_000)
_checks = st.builds(Check, type=_word, state=_word, codes=st.lists(_word, max_size=25).map(tuple))

_decision: dict[str, st.SearchStrategy[Any]] = {
    "reason": st.none() | _word,
    "note": st.none() | _word,
    "decided_by": st.none() | _id,
    "decided_at": st.none() | _time,
    "confirmed_by": st.none() | _id,
    "confirmed_at": st.none() | _time,
}
_earlier_decision = st.builds(
    EarlierDecision,
    outcome=_word,
    unconfirmed=st.booleans(),
    was_confirmed=st.booleans(),
    **_decision,
)
_reviews = st.builds(
    Review,
    session_id=_session_id,
    entity_type=st.sampled_from(EntityType),
    queue=st.sampled_from(["user", "related-party"]),
    session_state=st.sampled_from(SessionState),
    session_event_at=_time,
    session_event_id=_id,
    status=st.sampled_from(Status),
    subject_id=st.none() | _id,
    checks=st.lists(_checks, max_size=60).map(Checks.of),
    fetched_checks=st.lists(_checks, max_size=60).map(Checks.of),
    verdict_checks=st.lists(_checks, max_size=60).map(Checks.of),
    claimed_by=st.none() | _id,
    claimed_at=st.none() | _time,
    outcome=st.none() | _word,
    earlier_decision=st.none() | _earlier_decision,
    escalated_by=st.none() | _id,
    escalated_at=st.none() | _time,
    opened_at=st.none() | _time,
    status_since=st.none() | _time,
    active_at=st.none() | _time,
    due_at=st.none() | _time,
    snoozed_until=st.none() | _time,
    snooze_reason=st.none() | _word,
    pauses=st.lists(st.builds(Pause, start=_time, end=_time), max_size=2).map(tuple),
    **_decision,
)
_history = st.lists(
    st.builds(
        AuditEntry,
        at=_time,
        actor=_id,
        action=st.sampled_from(Action),
        from_status=st.none() | st.sampled_from(Status),
        to_status=st.sampled_from(Status),
        version=st.integers(1, 1_000),
        detail=st.fixed_dictionaries(
            {"session_state": st.sampled_from(SessionState).map(lambda state: state.value)},
            optional={"words": _word, "outcome": _word, "to": _id},
        ),
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(
    _reviews,
    _history,
    st.sampled_from([RULES, NAMED]),
    st.sampled_from(["", "https://portal.example.com/{session_id}/{subject_id}"]),
)
def test_no_review_makes_a_card_that_slack_refuses_or_that_pings_people(
    review: Review, history: list[AuditEntry], rules: Policy, portal_url_template: str
) -> None:
    """Only mentions, times and the link to the portal are markup; every other angle bracket is escaped."""
    message = card(review, history, rules, portal_url_template)
    blocks: list[dict[str, Any]] = list(message.blocks)
    assert block_problems(blocks) == []
    assert all_text_length(blocks) + len(message.text) < 12_000
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(blocks)])
