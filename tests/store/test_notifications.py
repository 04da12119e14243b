"""What people see besides the card: thread replies, ephemeral messages and their home tabs."""

import asyncio

import pytest

from bot.handlers.home_opened import enqueue_home
from bot.handlers.open_homes import OPEN_FOR_MS, refresh_open_homes
from bot.handlers.person_action import carry_out, check
from bot.reviews.action_request import Refused
from bot.reviews.notification_topics import (
    ActionTopic,
)
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionRefused,
)
from bot.reviews.review import Action
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import cards, deliveries, leases
from bot.store.tables.cards import CardPlace
from bot.store.tables.deliveries import HOMES, PRIVATE, Kind, posts
from bot.store.tables.leases import Leased, Shown
from tests.support.store import act, asked, lease, propose, receive, rows

PENDING = "SELECT kind, recipient FROM deliveries WHERE shown_version < wanted_version ORDER BY id"


async def _show(store: Store, delivery: Leased, ts: str, now: int) -> None:
    assert await store.write(leases.record_shown, Shown(delivery, "C1", ts, delivery.wanted_version, now))


async def _open_home(store: Store, person: str, now: int) -> None:
    await store.write(enqueue_home, (person, None, now))


async def _shown_home(store: Store, person: str, now: int) -> None:
    await _open_home(store, person, now)
    (home,) = await lease(store, HOMES, now)
    await _show(store, home, "", now)


async def test_an_action_that_concerns_others_is_one_thread_reply(store: Store) -> None:
    """It says who, to whom and why; once per version of the review, however often the button is pressed."""
    await receive(store, "s-1", 100)
    await propose(store, "s-1", "UANNA")
    back = asked("s-1", "UBORIS", Action.SEND_BACK)
    verdicts = await asyncio.gather(*(store.write_batched(carry_out, back) for _ in range(5)))
    assert sorted(str(verdict.refused) for verdict in verdicts) == ["None"] + ["already_done"] * 4
    by_key = {each.unique_key: each for each in await lease(store, posts("user"), 3_000)}
    message = by_key["thread:s-1:4"]
    assert message.kind is Kind.THREAD_REPLY
    assert message.notification == ActionAnnouncement(
        ActionTopic.SENT_BACK, "UBORIS", ("UANNA",), holder="UANNA", comment="Because."
    )


async def test_an_action_that_concerns_no_one_else_has_no_thread_reply(store: Store) -> None:
    """The card shows claims, decisions and confirmations; only the people who can confirm are notified."""
    await receive(store, "s-1", 100)
    await propose(store, "s-1", "UANNA")
    await act(store, "s-1", "UBORIS", Action.CONFIRM)
    leased = await lease(store, posts("user"), 3_000)
    assert [each.unique_key for each in leased if each.kind is not Kind.CARD] == [
        "thread:s-1:confirmation_needed:3"
    ]


async def test_a_thread_is_known_once_the_card_is_posted(store: Store) -> None:
    """Until then there is no place for a reply."""
    await receive(store, "s-1", 100)

    async def place() -> CardPlace | None:
        return await store.read(lambda reading: cards.card_place(reading, 1))

    assert await place() is None
    (card,) = await lease(store, posts("user"), 200)
    await _show(store, card, "1.5", 300)
    assert await place() == CardPlace("C1", "1.5")


async def test_a_home_tab_that_is_opened_ten_times_is_sent_once(store: Store) -> None:
    """Ten changes while it waits are one call, with the newest state."""
    for number in range(10):
        await _open_home(store, "UANNA", 100 + number)
    (home,) = await lease(store, HOMES, 200)
    assert (home.kind, home.recipient, home.wanted_version, home.wanted_at) == (Kind.HOME, "UANNA", 10, 100)
    await _show(store, home, "", 300)
    assert await lease(store, HOMES, 400) == []


async def test_a_change_while_a_home_tab_is_being_sent_queues_it_again(store: Store) -> None:
    """The call under way can show an older state."""
    await receive(store, "s-1", 50)
    await _open_home(store, "UANNA", 100)
    (home,) = await lease(store, HOMES, 200)
    await act(store, "s-1", "UANNA", Action.CLAIM, 250)
    await _show(store, home, "", 300)
    (again,) = await lease(store, HOMES, 400, "b")
    assert (again.id, again.wanted_version) == (home.id, 2)


async def test_the_home_tabs_of_the_people_concerned_are_sent_again(store: Store) -> None:
    """The actor and the previous holder get theirs; people who never opened a home tab have none."""
    await receive(store, "s-1", 50)
    for person in ("UANNA", "UBORIS", "UDAN"):
        await _shown_home(store, person, 100)
    await act(store, "s-1", "UANNA", Action.CLAIM, 200)
    (mine,) = await lease(store, HOMES, 300)
    assert mine.recipient == "UANNA"
    await _show(store, mine, "", 300)
    await act(store, "s-1", "UBORIS", Action.TAKE_OVER, 400)
    assert sorted(str(home.recipient) for home in await lease(store, HOMES, 500)) == ["UANNA", "UBORIS"]
    await act(store, "s-1", "ULEA", Action.RELEASE, 600)
    assert await rows(store, "SELECT id FROM deliveries WHERE recipient = 'ULEA'") == []


@pytest.mark.parametrize("is_granted", [True, False])
async def test_the_home_tab_shows_what_came_of_an_action_there(store: Store, *, is_granted: bool) -> None:
    """Granted or refused: it stands above the lists until the tab is opened again."""
    await receive(store, "s-1", 50)
    if not is_granted:
        await act(store, "s-1", "UBORIS", Action.CLAIM)
    await store.write_batched(carry_out, asked("s-1", "UANNA", Action.CLAIM, from_home=True))
    (home,) = await lease(store, HOMES, 3_000)
    if is_granted:
        assert home.notification == ActionGranted(Action.CLAIM, "s-1")
    else:
        assert isinstance(home.notification, ActionRefused)
        assert home.notification.session_id == "s-1"
        assert home.notification.reason is Refused.HELD_BY_OTHER
    await _open_home(store, "UANNA", 3_500)
    (opened,) = await lease(store, HOMES, 5_000, "b")
    assert opened.notification is None


async def test_the_outcome_on_a_home_tab_lasts_until_the_next_change(store: Store) -> None:
    """It is kept until it was shown; after that, "you have claimed it" can become false."""
    await receive(store, "s-1", 50)
    await store.write_batched(carry_out, asked("s-1", "UANNA", Action.CLAIM, from_home=True))
    await act(store, "s-1", "UBORIS", Action.ESCALATE)
    (home,) = await lease(store, HOMES, 3_000)
    assert home.notification == ActionGranted(Action.CLAIM, "s-1")
    await _show(store, home, "", 3_100)
    await act(store, "s-1", "UANNA", Action.RELEASE, 3_200)
    (later,) = await lease(store, HOMES, 3_300, "b")
    assert later.notification is None


async def test_an_outcome_that_was_shown_does_not_come_back_with_a_redraw(store: Store) -> None:
    """Someone else's change has the tab drawn again; before that happens, the claim on it is released."""
    await receive(store, "s-1", 50)
    await store.write_batched(carry_out, asked("s-1", "UANNA", Action.CLAIM, from_home=True))
    (home,) = await lease(store, HOMES, 3_000)
    await _show(store, home, "", 3_100)
    assert await store.write(refresh_open_homes, 3_150) == 1
    await act(store, "s-1", "UANNA", Action.RELEASE, 3_200)
    (later,) = await lease(store, HOMES, 3_300, "b")
    assert later.notification is None


async def test_a_refusal_in_a_channel_is_an_ephemeral_message_there(store: Store) -> None:
    """A refused modal queues no message, because the modal itself says why."""
    await receive(store, "s-1", 50)
    await act(store, "s-1", "UBORIS", Action.CLAIM)
    await store.write_batched(carry_out, asked("s-1", "UANNA", Action.CLAIM))
    assert await lease(store, PRIVATE, 3_000) == []
    await store.write_batched(carry_out, asked("s-1", "UANNA", Action.CLAIM, channel="C1"))
    (message,) = await lease(store, PRIVATE, 3_000)
    assert (message.kind, message.recipient) == (Kind.EPHEMERAL, "UANNA")
    assert isinstance(message.notification, ActionRefused)
    assert message.notification.reason is Refused.HELD_BY_OTHER


async def test_checking_whether_an_action_is_allowed_changes_nothing(store: Store) -> None:
    """It is checked before a modal opens; a refusal is recorded like any other."""
    await receive(store, "s-1", 50)
    await act(store, "s-1", "UANNA", Action.CLAIM)
    granted = await store.write(check, asked("s-1", "UANNA", Action.RESOLVE))
    refused = await store.write(check, asked("s-1", "UBORIS", Action.RESOLVE))
    unknown = await store.write(check, asked("s-9", "UBORIS", Action.RESOLVE))
    assert (granted.refused, refused.refused, unknown.refused) == (
        None,
        Refused.NOT_THE_HOLDER,
        Refused.UNKNOWN_REVIEW,
    )
    (review,) = await rows(store, "SELECT status, version FROM reviews")
    assert review == {"status": "claimed", "version": 2}
    entries = await rows(store, "SELECT refused FROM audit WHERE action = 'resolve' ORDER BY id")
    assert [entry["refused"] for entry in entries] == ["not_the_holder", "unknown_review"]


async def test_a_home_tab_in_use_is_sent_again_without_haste(store: Store) -> None:
    """For an hour after its last use; what came of the person's action stays above it."""
    outcome = ActionGranted(Action.CLAIM, "s-1")
    await store.write(_enqueue_home, ("UANNA", outcome))
    (home,) = await lease(store, HOMES, 1_000)
    await _show(store, home, "", 1_000)
    assert await store.write(refresh_open_homes, 2_000) == 1
    (again,) = await lease(store, HOMES, 2_000)
    assert (again.notification, again.urgency) == (outcome, 1)
    await _show(store, again, "", 2_000)
    assert await store.write(refresh_open_homes, 1_001 + OPEN_FOR_MS) == 0
    assert await store.read(lambda reading: deliveries.has_open_homes(reading, 1_000))
    assert not await store.read(lambda reading: deliveries.has_open_homes(reading, 1_001))


def _enqueue_home(transaction: Transaction, opened: tuple[str, ActionGranted]) -> None:
    deliveries.enqueue_home_tab(transaction, *opened, 1_000)
