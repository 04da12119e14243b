"""A person's action in the database: granted or refused, once, with the answer that the person gets."""

import asyncio
from typing import Any

import pytest

from bot.handlers.person_action import ActionResult, carry_out, check
from bot.reviews.action_request import Refused
from bot.reviews.notifications import ActionGranted, ActionRefused
from bot.reviews.review import Action, Status
from bot.reviews.waiting_times import WaitKind
from bot.store.store import Store
from tests.support.store import asked, receive, rows

MESSAGES = "SELECT kind, channel, recipient FROM deliveries WHERE kind <> 'card' ORDER BY id"


async def _ask(store: Store, person: str, action: Action, **given: Any) -> ActionResult:
    return await store.write_batched(carry_out, asked("s-1", person, action, **given))


async def test_of_many_claims_at_once_the_first_wins(store: Store) -> None:
    """The others are refused with the name of the holder."""
    await receive(store, "s-1", 100)
    results = await asyncio.gather(*(_ask(store, f"U{number}", Action.CLAIM) for number in range(20)))
    first, *others = results
    assert (first.refused, first.outcome) == (None, ActionGranted(Action.CLAIM, "s-1"))
    assert {result.refused for result in others} == {Refused.HELD_BY_OTHER}
    for result in others:
        assert isinstance(result.outcome, ActionRefused)
        assert result.outcome.holder == "U0"


async def test_a_claim_ends_the_wait_for_one(store: Store) -> None:
    """It is measured from when the review was opened."""
    await receive(store, "s-1", 100)
    wait = (await _ask(store, "UANNA", Action.CLAIM, at=700)).wait_ended
    assert wait is not None
    assert (wait.kind, wait.person, wait.start, wait.end) == (WaitKind.CLAIM, "UANNA", 100, 700)
    assert (await _ask(store, "UANNA", Action.ESCALATE)).wait_ended is None


async def test_an_unknown_session_is_refused(store: Store) -> None:
    """There is no review to show."""
    result = await _ask(store, "UANNA", Action.CLAIM)
    assert (result.refused, result.review) == (Refused.UNKNOWN_REVIEW, None)


@pytest.mark.parametrize(
    ("given", "is_granted", "message"),
    [
        ({"channel": "C1"}, True, None),
        ({"channel": "C1"}, False, ("private_note", "C1", "UANNA")),
        ({"channel": "D1"}, True, None),
        ({"channel": "C1", "from_list": True}, True, ("private_note", "C1", "UANNA")),
        ({"channel": "D1"}, False, ("private_note", "D1", "UANNA")),
        ({"from_home": True}, True, ("home", None, "UANNA")),
        ({"from_home": True}, False, ("home", None, "UANNA")),
        ({}, True, None),
        ({}, False, None),
    ],
)
async def test_the_person_is_answered_where_they_acted(
    store: Store, *, given: dict[str, Any], is_granted: bool, message: tuple[str, str | None, str] | None
) -> None:
    """In a channel the card shows what was granted; a direct message says so itself; so does a modal."""
    await receive(store, "s-1", 100)
    if not is_granted:
        await _ask(store, "UBORIS", Action.CLAIM)
    result = await _ask(store, "UANNA", Action.CLAIM, **given)
    assert (result.refused is None) == is_granted
    found = [(row["kind"], row["channel"], row["recipient"]) for row in await rows(store, MESSAGES)]
    assert found == ([message] if message else [])


async def test_a_check_saves_nothing_but_a_refusal(store: Store) -> None:
    """A modal opens before anything is decided."""
    await receive(store, "s-1", 100)
    claimed = await _ask(store, "UANNA", Action.CLAIM)
    granted = await store.write(check, asked("s-1", "UANNA", Action.RESOLVE))
    assert granted.review == claimed.review
    assert granted.outcome == ActionGranted(Action.RESOLVE, "s-1")
    refused = await store.write(check, asked("s-1", "UBORIS", Action.RESOLVE))
    assert refused.refused is Refused.NOT_THE_HOLDER
    entries = await rows(store, "SELECT action, refused FROM audit ORDER BY id")
    assert [(entry["action"], entry["refused"]) for entry in entries] == [
        ("receive", None),
        ("claim", None),
        ("resolve", "not_the_holder"),
    ]
    (review,) = await rows(store, "SELECT status FROM reviews")
    assert review["status"] == Status.CLAIMED
