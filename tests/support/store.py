"""The store as its tests use it: reviews received, actions carried out, deliveries leased, no Slack."""

from typing import Any

from bot.handlers import ralio_event
from bot.handlers.person_action import ActionResult, Submission, carry_out
from bot.reviews.action_request import Authority
from bot.reviews.permissions import Roster
from bot.reviews.policy import Decision, Policy
from bot.reviews.review import Action, EntityType, SessionEvent, SessionState
from bot.store.engine.transaction import Reading
from bot.store.store import Store
from bot.store.tables import leases
from bot.store.tables.leases import Leased, LeaseRequest
from tests.support.actions import action_request, open_roster

RULES = {
    "user": Policy(open_roster("ULEA"), four_eyes=frozenset({"reject"})),
    "related-party": Policy(Roster(reviewers=frozenset({"UBORIS"}))),
}
"""Everybody may review users, Boris alone related parties; rejections of users need a second person."""

USER, PARTY = EntityType.USER, EntityType.RELATED_PARTY


async def receive(store: Store, session: str, at: int, entity_type: EntityType = USER) -> None:
    """Ralio sends a session to review at this time."""
    event = SessionEvent(
        f"event-{session}-{at}",
        at,
        session,
        SessionState.REVIEW,
        entity_type=entity_type,
        subject_id="subject",
        type="kyc_session_manual_review",
        received_at=at,
    )
    await store.write_batched(ralio_event.receive, event)


async def verdict(
    store: Store,
    session: str,
    at: int,
    state: SessionState = SessionState.VERIFIED,
    entity_type: EntityType = USER,
) -> None:
    """Ralio reports its verdict on a session at this time."""
    event = SessionEvent(
        f"verdict-{session}-{at}",
        at,
        session,
        state,
        entity_type=entity_type,
        subject_id="subject",
        type="kyc_session_verified",
        received_at=at,
    )
    await store.write_batched(ralio_event.receive, event)


def asked(session: str | None, person: str, action: Action, at: int = 2_000, **given: Any) -> Submission:
    """A person asks for an action, with everything that an action can need; `given` replaces fields of the request."""
    fields = {"decision": Decision("approve"), "comment": "Because."} | given
    return action_request(action, person, session, at, **fields), Authority(policies=RULES)


async def act(
    store: Store, session: str, person: str, action: Action, at: int = 2_000, **given: Any
) -> ActionResult:
    """Carry out an action that is granted."""
    result = await store.write_batched(carry_out, asked(session, person, action, at, **given))
    assert result.refused is None
    return result


async def propose(store: Store, session: str, person: str, at: int = 2_000) -> None:
    """Claim a user's review and propose its rejection."""
    await act(store, session, person, Action.CLAIM, at)
    await act(store, session, person, Action.RESOLVE, at, decision=Decision("reject"))


async def lease(store: Store, lane: str, now: int, token: str = "a") -> list[Leased]:
    """Take all that is due in a lane, for a second."""
    return await store.write(leases.lease, LeaseRequest(lane, "C1", 100, token, now, now + 1_000))


async def rows(store: Store, query: str) -> list[dict[str, Any]]:
    """Ask the database of either kind."""

    async def ask(reading: Reading) -> list[dict[str, Any]]:
        cursor = await reading.connection.execute(query)
        return [dict(row) for row in await cursor.fetchall()]

    return await store.read(ask)
