"""One person's scripted clicks keep nobody else waiting, and fill neither the record nor Slack's patience."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.handlers.person_action import carry_out, check
from bot.reviews.action_request import Authority
from bot.reviews.permissions import Membership
from bot.reviews.review import Action
from bot.store.store import Store, open_store
from bot.store.tables import leases, refusals
from bot.store.tables.deliveries import PRIVATE, posts
from bot.store.tables.leases import LeaseRequest
from tests.support.bot import running
from tests.support.people import TEAM, Person, new_review
from tests.support.slack import ANA, DAN, LocalSlack
from tests.support.store import RULES, act, asked, lease, receive, rows

START = 100_000
REFUSALS = "SELECT at, actor, action, refused, detail FROM audit WHERE refused IS NOT NULL ORDER BY id"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store without a bot."""
    async with open_store(database_url, START, lambda: None, queues=RULES) as opened:
        yield opened


async def _refuse(
    store: Store, person: str, at: int, action: Action = Action.CLAIM, session: str = "s-1"
) -> None:
    request, _ = asked(session, person, action, at, channel="C1")
    guest = Authority(Membership.GUEST, policies=RULES)
    await store.write_batched(carry_out, (request, guest))


@pytest.mark.leaves_undelivered("no bot runs that could send anything")
async def test_repeated_refusals_become_one_entry_with_a_count(store: Store) -> None:
    """The first is on record at once, the others when the minute is over; each person, action and reason by itself."""
    await receive(store, "s-1", START)
    for number in range(100):
        await _refuse(store, "UGUEST", START + number)
    await _refuse(store, "UOTHER", START + 50)
    await _refuse(store, "UGUEST", START + 60, Action.RELEASE)
    assert await store.write(refusals.record_counted, START + 59_000) == 0
    assert len(await rows(store, REFUSALS)) == 3
    assert await store.write(refusals.record_counted, START + 61_000) == 3
    *_, summary = found = await rows(store, REFUSALS)
    assert len(found) == 4
    assert (summary["actor"], summary["action"], summary["refused"]) == ("UGUEST", "claim", "guest")
    assert summary["at"] == START + 99
    assert json.loads(summary["detail"]) == {"repeats": "99", "first_at": str(START)}
    assert await rows(store, "SELECT * FROM repeated_refusals") == []


@pytest.mark.leaves_undelivered("no bot runs that could send anything")
async def test_a_refusal_after_the_minute_is_recorded_at_once(store: Store) -> None:
    """What was counted before it is recorded before it."""
    await receive(store, "s-1", START)
    for at in (0, 1, 2, 60_000, 60_001):
        await _refuse(store, "UGUEST", START + at)
    found = [
        (row["at"] - START, json.loads(row["detail"]).get("repeats")) for row in await rows(store, REFUSALS)
    ]
    assert found == [(0, None), (2, "2"), (60_000, None)]


@pytest.mark.leaves_undelivered("no bot runs that could send anything")
async def test_refused_forms_and_unknown_sessions_are_counted_too(store: Store) -> None:
    """Every way to be refused counts; two sessions that do not exist are two."""
    await receive(store, "s-1", START)
    for number in range(10):
        request, _ = asked("s-1", "UGUEST", Action.RESOLVE, START + number)
        await store.write(check, (request, Authority(Membership.GUEST, policies=RULES)))
        for session in ("none-1", "none-2"):
            await _refuse(store, "UGUEST", START + number, session=session)
    assert len(await rows(store, REFUSALS)) == 3


@pytest.mark.leaves_undelivered("no bot runs that could send anything")
async def test_a_person_has_one_unsent_message_per_channel(store: Store) -> None:
    """The newest one, in the turn of the first; another person's message waits for no more than that."""
    await receive(store, "s-1", START)
    for number in range(50):
        await _refuse(store, "UGUEST", START + number, [Action.CLAIM, Action.RELEASE][number % 2])
    await _refuse(store, "UANNA", START + 60)
    first, second = await lease(store, PRIVATE, START + 100)
    assert (first.recipient, second.recipient) == ("UGUEST", "UANNA")
    assert getattr(first.notification, "action", None) is Action.RELEASE


@pytest.mark.leaves_undelivered("no bot runs that could send anything")
async def test_a_new_card_goes_before_replies_and_hand_overs_coalesce(store: Store) -> None:
    """A hundred hand-overs leave one unsent reply, to everyone whom they concern; the record has them all."""
    await receive(store, "s-1", START)
    await lease(store, posts("user"), START)
    await act(store, "s-1", "U0", Action.CLAIM, START)
    for number in range(1, 101):
        await act(store, "s-1", f"U{number % 3}", Action.TAKE_OVER, START + number)
    await act(store, "s-1", "ULEA", Action.RELEASE, START + 200)
    await receive(store, "s-2", START + 300)
    request = LeaseRequest(posts("user"), "C1", 1, "b", START + 400, START + 500)
    (card,) = await store.write(leases.lease, request)
    assert card.kind == "card"
    (reply,) = await lease(store, posts("user"), START + 400)
    assert reply.kind == "thread_note"
    assert set(getattr(reply.notification, "to", ())) == {"U0", "U1", "U2"}
    assert len(await rows(store, "SELECT id FROM audit WHERE action = 'take_over'")) == 100


async def test_crafted_forms_ask_slack_about_no_one_outside_the_queue(
    database_url: str, slack: LocalSlack
) -> None:
    """Neither by a stranger nor by a reviewer: who is no reviewer needs no lookup to be refused."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        state = {"action": "reassign", "session_id": session_id, "step": 1}
        for person in (ANA, DAN):
            for number in range(20):
                target = {"to": {"to": {"selected_user": f"UMADEUP{number:03}"}}}
                view = {"callback_id": "review_form", "private_metadata": json.dumps(state)}
                form = {"type": "view_submission", "view": view | {"state": {"values": target}}}
                await Person(bot, person).send_payload(form)
        asked_about = {call["arguments"]["user"] for call in await slack.calls("users.info")}
        assert not any(person.startswith("UMADEUP") for person in asked_about)
        await bot.settled()
