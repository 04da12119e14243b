"""The same request delivered twice: it counts once, and gets the first answer."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from bot.handlers.claim_next import claim_next
from bot.handlers.person_action import ActionResult, Submission, carry_out, check
from bot.reviews.action_request import Refused
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.store.engine.transaction import Transaction
from bot.store.store import Store, open_store
from bot.store.tables import answered_requests
from bot.store.tables.answered_requests import FORGOTTEN_AT_ONCE, KEPT_MS
from tests.support.postgres import PostgresServer
from tests.support.store import act, asked, receive, rows

ENTRIES = "SELECT actor, action, refused FROM audit WHERE actor <> 'ralio' ORDER BY id"


def _press(person: str, action: Action, request_id: str = "press:1", **given: Any) -> Submission:
    return asked("s-1", person, action, request_id=request_id, **given)


async def _carry_out(store: Store, submission: Submission) -> ActionResult:
    return await store.write_batched(carry_out, submission)


def _answer(result: ActionResult) -> tuple[object, object]:
    return result.refused, result.outcome


async def test_a_repetition_gets_the_first_answer(store: Store) -> None:
    """Granted or refused, and whatever became of the review since."""
    await receive(store, "s-1", 100)
    claim, refused = _press("UANNA", Action.CLAIM), _press("UBORIS", Action.CLAIM, channel="C1")
    first, held = await _carry_out(store, claim), await _carry_out(store, refused)
    await act(store, "s-1", "UANNA", Action.RELEASE)
    before = await rows(store, ENTRIES)
    again = [await _carry_out(store, each) for each in (claim, refused, claim)]
    assert [_answer(each) for each in again] == [_answer(first), _answer(held), _answer(first)]
    assert all(each.is_repetition and each.wait_ended is None for each in again)
    assert await rows(store, ENTRIES) == before
    assert len(await rows(store, "SELECT id FROM deliveries WHERE kind = 'private_note'")) == 1


async def test_a_late_copy_of_a_release_frees_no_newer_claim(store: Store) -> None:
    """The effect of the first copy was undone; the second does not repeat it."""
    await receive(store, "s-1", 100)
    await act(store, "s-1", "UANNA", Action.CLAIM)
    release = _press("UANNA", Action.RELEASE)
    await _carry_out(store, release)
    await act(store, "s-1", "UANNA", Action.CLAIM)
    assert (await _carry_out(store, release)).is_repetition
    assert await rows(store, "SELECT status, claimed_by FROM reviews") == [
        {"status": "claimed", "claimed_by": "UANNA"}
    ]


@pytest.mark.parametrize("change", ["person", "action", "id", "none"])
async def test_another_request_is_carried_out(store: Store, change: str) -> None:
    """It differs by the person, the action or the id; one without an id is never a repetition."""
    await receive(store, "s-1", 100)
    await _carry_out(store, _press("UANNA", Action.CLAIM, "" if change == "none" else "press:1"))
    other = {
        "person": _press("ULEA", Action.CLAIM),
        "action": _press("UANNA", Action.ESCALATE),
        "id": _press("UANNA", Action.CLAIM, "press:2"),
        "none": _press("UANNA", Action.CLAIM, ""),
    }[change]
    assert not (await _carry_out(store, other)).is_repetition
    assert len(await rows(store, ENTRIES)) == 2


async def test_two_copies_in_one_batch_count_once(store: Store) -> None:
    """Both get the same answer."""
    await receive(store, "s-1", 100)
    results = await asyncio.gather(*(_carry_out(store, _press("UANNA", Action.CLAIM)) for _ in range(5)))
    assert sorted(result.is_repetition for result in results) == [False, True, True, True, True]
    assert len({_answer(result) for result in results}) == 1
    assert len(await rows(store, ENTRIES)) == 1


async def test_a_double_click_in_one_batch_reads_kindly(store: Store) -> None:
    """The second click knows of the first one's change although it is not saved yet."""
    await receive(store, "s-1", 100)
    await act(store, "s-1", "UANNA", Action.CLAIM)
    clicks = [_press("UANNA", Action.RELEASE, f"press:{number}") for number in range(2)]
    results = await asyncio.gather(*(_carry_out(store, click) for click in clicks))
    assert [result.refused for result in results] == [None, Refused.ALREADY_DONE]
    assert (
        await _carry_out(store, _press("UANNA", Action.RELEASE, "press:3"))
    ).refused is Refused.ALREADY_DONE


async def test_claim_next_delivered_twice_claims_one(store: Store) -> None:
    """Also when none is left: the answer stays the first one."""
    for number in range(2):
        await receive(store, f"s-{number}", 100 + number)
    next_, later = (asked(None, "UANNA", Action.CLAIM, request_id=f"next:{number}") for number in range(2))
    results = [await store.write(claim_next, next_) for _ in range(3)]
    assert {result.review.session_id for result in results if result.review} == {"s-0"}
    await store.write(claim_next, later)
    none_left = asked(None, "UANNA", Action.CLAIM, request_id="next:2")
    assert (await store.write(claim_next, none_left)).refused is Refused.NONE_LEFT
    await act(store, "s-0", "UANNA", Action.RELEASE)
    assert (await store.write(claim_next, none_left)).refused is Refused.NONE_LEFT


async def test_a_press_that_opens_a_modal_is_answered_once_too(store: Store) -> None:
    """The copy opens no second modal; the form that is submitted then is another request."""
    await receive(store, "s-1", 100)
    await act(store, "s-1", "UANNA", Action.CLAIM)
    press = _press("UANNA", Action.RESOLVE)
    assert [(await store.write(check, press)).is_repetition for _ in range(2)] == [False, True]
    form = _press("UANNA", Action.RESOLVE, "form:1", decision=Decision("approve"))
    assert [(await _carry_out(store, form)).is_repetition for _ in range(2)] == [False, True]


async def test_answers_are_forgotten_after_ten_minutes(store: Store) -> None:
    """With the next request, a hundred at a time, so that the table stays small."""
    await receive(store, "s-1", 100)
    count = FORGOTTEN_AT_ONCE + 50
    for number in range(count):
        await _carry_out(store, _press("UANNA", Action.CLAIM, f"press:{number}"))
    counted = "SELECT count(*) AS n FROM answered_requests"
    late, _ = later = _press("UANNA", Action.CLAIM, "press:late")
    edge = (replace(late, requested_at=late.requested_at + KEPT_MS), later[1])
    await _carry_out(store, edge)
    assert await rows(store, counted) == [{"n": count + 1}]
    for number, left in ((1, 52), (2, 3), (3, 4)):
        request = replace(
            late, requested_at=late.requested_at + KEPT_MS + 1, request_id=f"press:late-{number}"
        )
        await _carry_out(store, (request, later[1]))
        assert await rows(store, counted) == [{"n": left}]


async def test_another_instances_answer_makes_the_transaction_run_again(store: Store) -> None:
    """It was committed between looking for the answer and remembering one."""
    await receive(store, "s-1", 100)
    press, tries = _press("UANNA", Action.CLAIM), []

    def meanwhile(transaction: Transaction, submission: Submission) -> ActionResult:
        tries.append(answered_requests.recall(transaction, [submission[0]]))
        (result,) = carry_out(transaction, [submission])
        if len(tries) == 1:
            answered_requests.remember(transaction, [(submission[0], result.outcome)])
        return result

    assert (await store.write(meanwhile, press)).refused is None
    assert tries == [{}, {}]
    assert len(await rows(store, ENTRIES)) == 1


@pytest.mark.parametrize("command", ["claim", "claim_next"])
async def test_two_copies_at_two_instances_count_once(postgres: PostgresServer, command: str) -> None:
    """Each instance gets some of the copies of ten presses at the same time."""
    presses = 10
    with postgres.database() as url:
        async with AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(open_store(url, 1, lambda: None)) for _ in range(2)]
            for number in range(3 * presses):
                await receive(stores[0], f"s-{number}", 100 + number)
            copies = [(number, store) for number in range(presses) for store in (*stores, *stores)]

            async def deliver(number: int, store: Store) -> tuple[int, object]:
                session = f"s-{number}" if command == "claim" else None
                press = asked(session, "UANNA", Action.CLAIM, request_id=f"press:{number}")
                if command == "claim":
                    result = await store.write_batched(carry_out, press)
                else:
                    result = await store.write(claim_next, press)
                assert result.refused is None
                return number, result.outcome

            answers = await asyncio.gather(*(deliver(number, store) for number, store in copies))
            assert len(set(answers)) == presses
            claimed = await rows(stores[0], "SELECT id FROM reviews WHERE status = 'claimed'")
            entries = await rows(stores[0], ENTRIES)
    assert len(claimed) == len(entries) == presses
