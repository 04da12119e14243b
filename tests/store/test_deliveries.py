"""Leases: one holder at a time, fresh clicks first, and nobody records without the lease."""

import asyncio
from dataclasses import replace

from bot.handlers import ralio_event
from bot.handlers.person_action import carry_out
from bot.reviews.delivery_problems import DeliveryHeld
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.store import Store
from bot.store.tables import deliveries, leases
from bot.store.tables.deliveries import UPDATES, posts
from bot.store.tables.leases import GivenUp, Leased, LeaseRequest, NotShown, Renewal, Shown
from tests.support.actions import action_request, authority

USER_POSTS = posts("user")


async def _receive(store: Store, number: int, now: int = 1_000) -> None:
    event = SessionEvent(
        f"e{number}",
        number,
        f"s{number}",
        SessionState.REVIEW,
        entity_type=EntityType.USER,
        subject_id="u1",
        type="kyc_session_manual_review",
        received_at=now,
    )
    await store.write_batched(ralio_event.receive, event)


async def _claim(store: Store, number: int, now: int = 2_000) -> None:
    click = (action_request(Action.CLAIM, "U1", f"s{number}", now, channel="C1"), authority())
    verdict = await store.write_batched(carry_out, click)
    assert verdict.refused is None


async def _lease(store: Store, lane: str, now: int, limit: int = 10, token: str = "a") -> list[Leased]:
    request = LeaseRequest(lane, "C1" if lane == USER_POSTS else None, limit, token, now, now + 1_000)
    return await store.write(leases.lease, request)


def _shown(delivery: Leased, now: int, version: int | None = None) -> Shown:
    return Shown(delivery, "C1", "1.0", delivery.wanted_version if version is None else version, now)


def _later(delivery: Leased, now: int) -> NotShown:
    return NotShown(
        delivery,
        repost=False,
        due_at=now + 500,
        attempts=delivery.attempts + 1,
        unresolved_since=None,
        last_error="x",
        held_at=None,
        now=now,
    )


async def test_one_lease_at_a_time(store: Store) -> None:
    """Two delivery workers at once share the work and never a delivery."""
    for number in range(20):
        await _receive(store, number)
    found = await asyncio.gather(*(_lease(store, USER_POSTS, 1_000, 7, token) for token in "abc"))
    ids = [delivery.id for leased in found for delivery in leased]
    assert len(ids) == len(set(ids)) == 20


async def test_an_expired_lease_is_taken_over_and_shows_the_open_question(store: Store) -> None:
    """The next holder knows that a post may be out there."""
    await _receive(store, 1)
    (first,) = await _lease(store, USER_POSTS, 1_000)
    assert not first.is_unresolved
    assert await _lease(store, USER_POSTS, 1_500, token="b") == []
    (second,) = await _lease(store, USER_POSTS, 2_001, token="b")
    assert second.is_unresolved
    assert second.unresolved_since == 1_000


async def test_who_lost_the_lease_records_nothing(store: Store) -> None:
    """Whatever the stalled process believes."""
    await _receive(store, 1)
    (stalled,) = await _lease(store, USER_POSTS, 1_000)
    (holder,) = await _lease(store, USER_POSTS, 2_001, token="b")
    assert not await store.write(leases.record_shown, _shown(stalled, 2_002))
    assert not await store.write(leases.record_not_shown, _later(stalled, 2_002))
    assert not await store.write(leases.renew, Renewal(stalled, 2_002, 9_000))
    assert not await store.write(leases.give_up, GivenUp(stalled, "x"))
    assert await store.write(leases.record_shown, _shown(holder, 2_003))
    backlog = await store.read(deliveries.backlog)
    assert backlog.pending == 0


async def test_a_change_during_the_call_is_shown_next(store: Store) -> None:
    """Version 1 is being sent while version 2 comes: the card is due again at once, and urgent."""
    await _receive(store, 1)
    (sending,) = await _lease(store, USER_POSTS, 1_000)
    await _claim(store, 1)
    assert await _lease(store, USER_POSTS, 1_900, token="b") == []
    await store.write(leases.record_shown, _shown(sending, 1_900, version=1))
    (update,) = await _lease(store, UPDATES, 1_900, token="b")
    assert (update.wanted_version, update.message_ts, update.urgency) == (2, "1.0", deliveries.PERSON_WAITS)


async def test_ten_changes_are_one_delivery(store: Store) -> None:
    """The card is a projection of the newest state."""
    await _receive(store, 1)
    for _ in range(5):
        await _claim(store, 1)
        click = (action_request(Action.RELEASE, "U1", "s1", 2_000, channel="C1"), authority())
        await store.write_batched(carry_out, click)
    (delivery,) = await _lease(store, USER_POSTS, 3_000)
    assert delivery.wanted_version == 11


async def test_a_fresh_click_goes_before_the_backlog(store: Store) -> None:
    """Of many waiting cards the one that somebody just claimed is first."""
    for number in range(50):
        await _receive(store, number)
    await _claim(store, 42)
    first, second = await _lease(store, USER_POSTS, 3_000, limit=2)
    assert first.review_id == 43
    assert second.review_id == 1


async def test_a_backoff_is_kept_when_something_changes(store: Store) -> None:
    """A click does not shorten what Slack asked us to wait."""
    await _receive(store, 1)
    (delivery,) = await _lease(store, USER_POSTS, 1_000)
    await store.write(leases.record_not_shown, _later(delivery, 1_000))
    await _claim(store, 1, now=1_100)
    assert await store.read(lambda reading: leases.next_due(reading, [USER_POSTS])) == {USER_POSTS: 1_500}
    assert await _lease(store, USER_POSTS, 1_499) == []
    assert len(await _lease(store, USER_POSTS, 1_500)) == 1


async def test_what_is_held_waits_for_an_operator_and_is_told(store: Store) -> None:
    """Held deliveries are not leased; the operations channel gets one notice for many of a kind."""
    for number in range(3):
        await _receive(store, number)
    for delivery in await _lease(store, USER_POSTS, 1_000):
        step = replace(_later(delivery, 1_000), held_at=1_000, last_error="is_archived")
        await store.write(leases.record_not_shown, step)
    assert await _lease(store, USER_POSTS, 99_000) == []
    backlog = await store.read(deliveries.backlog)
    assert backlog.held == 3
    (notice,) = await _lease(store, deliveries.OPERATIONS, 99_000)
    assert notice.notification == DeliveryHeld("C1", "is_archived")


async def test_a_deleted_message_goes_back_to_the_lane_of_new_cards(store: Store) -> None:
    """It is posted anew, without a question about an earlier attempt."""
    await _receive(store, 1)
    (posted,) = await _lease(store, USER_POSTS, 1_000)
    await store.write(leases.record_shown, _shown(posted, 1_000))
    await _claim(store, 1)
    (update,) = await _lease(store, UPDATES, 2_000)
    step = replace(_later(update, 2_000), repost=True, due_at=2_000)
    await store.write(leases.record_not_shown, step)
    (anew,) = await _lease(store, USER_POSTS, 2_000, token="b")
    assert anew.message_ts is None
    assert not anew.is_unresolved
