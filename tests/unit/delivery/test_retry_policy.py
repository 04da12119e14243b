"""What happens to a delivery after a call that did not succeed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.retry_policy import (
    CARD_WAIT_S,
    FIRST_BACKOFF_S,
    LEASE_S,
    LONGEST_BACKOFF_S,
    OUTAGE_ATTEMPTS,
    REFUSED_ATTEMPTS,
    SETTLE_S,
    START_LIMIT_S,
    TOKEN_WAIT_S,
    RetryDecision,
    RetryPolicy,
)
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import CALL_LIMIT_S

_random = st.floats(0, 1, exclude_max=True)


def _decide(kind: ResultKind, attempts: int = 0, *, ago_s: float = 0.0, random: float = 0.0) -> RetryDecision:
    return RetryPolicy().decide(CallResult(kind, "error"), attempts, ago_s, random)


def test_a_wait_lasts_as_long_as_slack_asks_and_costs_no_attempt() -> None:
    """A rate limit is not a failure, however often it happens."""
    decision = RetryPolicy().decide(
        CallResult(ResultKind.WAIT, "ratelimited", 42.0), REFUSED_ATTEMPTS + 5, 1.0, 0.5
    )
    assert decision == RetryDecision(42.0, REFUSED_ATTEMPTS + 5)


def test_a_wrong_token_costs_no_attempt() -> None:
    """Once the token is fixed, everything goes out."""
    assert _decide(ResultKind.TOKEN_WRONG, 9) == RetryDecision(TOKEN_WAIT_S, 9)


@pytest.mark.parametrize(
    ("ago_s", "retry_in_s"),
    [
        (0.0, SETTLE_S),
        (CALL_LIMIT_S, 3.0),
        (SETTLE_S - 1.0, 1.0),
        (SETTLE_S, 0.5),
        (1_000.0, 0.5),
        (-5.0, 16.0),
    ],
)
def test_an_unknown_outcome_settles_before_anything_else(ago_s: float, retry_in_s: float) -> None:
    """Slack may still accept the message, so the search must wait until it no longer can."""
    assert _decide(ResultKind.UNKNOWN, ago_s=ago_s) == RetryDecision(retry_in_s, 1, unresolved=True)


@pytest.mark.parametrize("kind", [ResultKind.AWAY, ResultKind.OUTAGE, ResultKind.NOT_DONE])
@pytest.mark.parametrize(
    ("attempts", "least_s", "most_s"),
    [(0, 0.5, 1.0), (1, 1.0, 2.0), (2, 2.0, 4.0), (4, 8.0, 16.0), (5, 15.0, 30.0), (8, 15.0, 30.0)],
)
def test_the_wait_doubles_up_to_half_a_minute_and_is_spread(
    kind: ResultKind, attempts: int, least_s: float, most_s: float
) -> None:
    """A thousand cards that failed together do not come back together."""
    assert _decide(kind, attempts, random=0.0).retry_in_s == least_s
    assert _decide(kind, attempts, random=0.999_999).retry_in_s == pytest.approx(most_s, rel=1e-5)


def test_the_wait_stops_doubling_after_sixteen_attempts() -> None:
    """However long a policy lets it become."""
    policy = RetryPolicy(longest_backoff_s=1e9)
    for attempts, retry_in_s in ((15, 2**14), (16, 2**15), (17, 2**15), (10_000, 2**15)):
        decision = policy.decide(CallResult(ResultKind.OUTAGE, "error"), attempts, 0.0, 0.0)
        assert decision.retry_in_s == retry_in_s


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        (ResultKind.NOT_DONE, REFUSED_ATTEMPTS),
        (ResultKind.MESSAGE_GONE, REFUSED_ATTEMPTS),
        (ResultKind.AWAY, OUTAGE_ATTEMPTS),
        (ResultKind.OUTAGE, OUTAGE_ATTEMPTS),
        (ResultKind.UNKNOWN, OUTAGE_ATTEMPTS),
    ],
)
def test_the_last_attempt_holds_the_delivery(kind: ResultKind, limit: int) -> None:
    """After that it waits until an operator requeues it."""
    assert not _decide(kind, limit - 2).held
    assert _decide(kind, limit - 1).held
    assert _decide(kind, limit + 100).held


def test_an_outage_of_slack_is_outlasted_for_a_day() -> None:
    """At half a minute to a minute an attempt."""
    assert OUTAGE_ATTEMPTS * LONGEST_BACKOFF_S / 2 >= 12 * 3600
    assert OUTAGE_ATTEMPTS * LONGEST_BACKOFF_S * 0.75 >= 18 * 3600


def test_a_reply_waits_for_its_card_and_it_costs_no_attempt() -> None:
    """The card is posted again first."""
    assert _decide(ResultKind.PARENT_GONE, 3) == RetryDecision(CARD_WAIT_S, 3)


@pytest.mark.parametrize(
    "kind",
    [
        ResultKind.CHANNEL_WRONG,
        ResultKind.PERMISSION_MISSING,
        ResultKind.PAYLOAD_WRONG,
        ResultKind.THREAD_CLOSED,
        ResultKind.PERSON_UNREACHABLE,
    ],
)
def test_what_only_a_person_can_fix_is_held_at_once(kind: ResultKind) -> None:
    """Trying again would change nothing."""
    assert _decide(kind) == RetryDecision(0.0, 1, held=True)


def test_a_deleted_card_is_posted_again_at_once() -> None:
    """A member deleted it; the review still needs it."""
    assert _decide(ResultKind.MESSAGE_GONE) == RetryDecision(0.0, 1, repost=True)


def test_success_has_no_retry_decision() -> None:
    """Asking for one is a bug in the caller."""
    with pytest.raises(ValueError, match=r"^a call that succeeded needs no retry decision$"):
        _decide(ResultKind.DONE)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([kind for kind in ResultKind if kind is not ResultKind.DONE]),
    st.integers(0, 10**9),
    st.floats(-60, 1e9),
    _random,
    st.floats(1, 21_600),
)
def test_every_decision_can_be_carried_out(
    kind: ResultKind, attempts: int, ago_s: float, random: float, wish_s: float
) -> None:
    """However long the outage lasts: a retry within hours, and attempts that never go down."""
    decision = RetryPolicy().decide(CallResult(kind, "error", wish_s), attempts, ago_s, random)
    assert 0.0 <= decision.retry_in_s <= max(21_600.0, SETTLE_S + 60.0)
    assert decision.attempts in (attempts, attempts + 1)
    assert decision.unresolved is (kind is ResultKind.UNKNOWN)
    assert decision.repost is (kind is ResultKind.MESSAGE_GONE)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2_000), st.floats(0, 60), _random)
def test_after_an_unknown_outcome_nothing_happens_before_it_has_settled(
    attempts: int, ago_s: float, random: float
) -> None:
    """Counted from the start of the call, with the longest time that a call may take and a margin."""
    decision = _decide(ResultKind.UNKNOWN, attempts, ago_s=ago_s, random=random)
    assert ago_s + decision.retry_in_s >= SETTLE_S - 1e-9


@settings(max_examples=200, deadline=None)
@given(st.floats(0, START_LIMIT_S))
def test_an_expired_lease_leaves_a_settled_attempt(began_after_lease_s: float) -> None:
    """A call begins within the start limit and has settled before its lease ends."""
    assert began_after_lease_s + SETTLE_S <= LEASE_S


def test_a_call_is_over_before_it_counts_as_settled() -> None:
    """With at least two seconds for what Slack accepts late."""
    assert SETTLE_S >= CALL_LIMIT_S + 2.0
    assert FIRST_BACKOFF_S <= LONGEST_BACKOFF_S
