"""The card of any review at all: Slack takes it, and nothing from outside is more than text."""

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.audit import AuditEntry
from bot.reviews.review import Action, Check, EntityType, Review, SessionState, Status
from bot.simulator.blocks.validation import all_text_length, block_problems
from bot.slack.cards import card

_OWN_MARKUP = re.compile(
    r"<@[^<>]*>|<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^<>]+ UTC>"
    r"|<https://portal\.example\.com/[^<>|]*\|Open the session in the portal>"
)

_word = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`|!@#"), max_size=80)
_session_id = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True)
_id = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`|!@#"), min_size=1, max_size=128)
_time = st.integers(0, 4_102_444_800_000)
_checks = st.builds(Check, type=_word, state=_word, codes=st.lists(_word, max_size=10).map(tuple))

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
    checks=st.lists(_checks, max_size=20).map(tuple),
    claimed_by=st.none() | _id,
    claimed_at=st.none() | _time,
    outcome=st.none() | _word,
    reason=st.none() | _word,
    note=st.none() | _word,
    decided_by=st.none() | _id,
    confirmed_by=st.none() | _id,
    opened_at=st.none() | _time,
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
        detail=st.sampled_from(SessionState).map(lambda state: {"session_state": state.value}),
    ),
    max_size=8,
)


def _formatted_texts(value: object) -> Iterator[str]:
    """Every text that Slack reads for markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for item in value.values():
            yield from _formatted_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _formatted_texts(item)


@settings(max_examples=80, deadline=None)
@given(_reviews, _history, st.sampled_from(["", "https://portal.example.com/{session_id}/{subject_id}"]))
def test_no_review_makes_a_card_that_slack_refuses_or_that_pings_anybody(
    review: Review, history: list[AuditEntry], portal_url_template: str
) -> None:
    """Mentions of people, times and the portal's link are ours; every other angle bracket is escaped."""
    message = card(review, history, portal_url_template)
    blocks: list[dict[str, Any]] = list(message.blocks)
    assert block_problems(blocks) == []
    assert all_text_length(blocks) + len(message.text) < 12_000
    for text in [message.text, *_formatted_texts(blocks)]:
        assert not re.search("[<>]", _OWN_MARKUP.sub("", text))
