"""Everything that follows from a change is written in one place."""

from collections.abc import Sequence

from bot.handlers.save_change import Saved, save_change, save_changes, save_rescheduled
from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import BOT, REMIND, AuditEntry
from bot.reviews.change import Change, Refusal, Rescheduled, Stale
from bot.reviews.decide import decide, refuse
from bot.reviews.reminders import (
    HolderReminder,
)
from bot.reviews.review import Action, Review, Status
from bot.reviews.timer_release import remind
from bot.store.engine.transaction import Transaction
from bot.store.store import Store
from bot.store.tables import leases, reviews
from bot.store.tables.deliveries import DIRECT
from bot.store.tables.leases import Shown
from tests.support.actions import action_request, authority
from tests.support.store import lease, receive, rows

AUDIT = "SELECT action, from_status, to_status, refused, review_id FROM audit ORDER BY id"


def _load(transaction: Transaction, session: str) -> Review:
    return reviews.load(transaction, [session])[session]


def _save(transaction: Transaction, changes: Sequence[tuple[Review | None, Saved]]) -> dict[str, Review]:
    return save_changes(transaction, changes)


def _claim(review: Review, person: str = "UANNA", at: int = 2_000) -> Change | Refusal:
    return decide(review, action_request(Action.CLAIM, person, review.session_id, at), authority())


async def test_two_changes_of_a_review_in_a_batch_are_one_row_and_two_entries(store: Store) -> None:
    """The second starts where the first ended; a refusal between them keeps its place in the audit."""
    await receive(store, "s-1", 100)
    review = await store.write(_load, "s-1")
    claimed = _claim(review)
    assert isinstance(claimed, Change)
    refused = _claim(claimed.after, "UBORIS")
    released = decide(claimed.after, action_request(Action.RELEASE, "UANNA", "s-1", 2_000), authority())
    assert isinstance(released, Change)
    saved = await store.write(_save, [(review, claimed), (claimed.after, refused), (claimed.after, released)])
    assert saved == {"s-1": released.after}
    assert await store.write(_load, "s-1") == released.after
    entries = await rows(store, AUDIT)
    assert [(entry["action"], entry["refused"]) for entry in entries] == [
        ("receive", None),
        ("claim", None),
        ("claim", Refused.HELD_BY_OTHER),
        ("release", None),
    ]
    (card,) = await rows(store, "SELECT wanted_version, urgency FROM deliveries WHERE kind = 'card'")
    assert card == {"wanted_version": 3, "urgency": 0}


async def test_a_refusal_about_an_unknown_session_is_only_audited(store: Store) -> None:
    """There is no review that the entry could belong to."""
    refusal = refuse(action_request(Action.CLAIM, "UANNA", "s-9"), Refused.UNKNOWN_REVIEW, None)
    assert await store.write(_save, [(None, refusal)]) == {}
    (entry,) = await rows(store, AUDIT)
    assert (entry["refused"], entry["review_id"]) == ("unknown_review", None)
    assert await rows(store, "SELECT id FROM deliveries") == []


async def test_a_stale_event_leaves_the_review_and_its_card_alone(store: Store) -> None:
    """It has an audit entry all the same."""
    await receive(store, "s-1", 100)
    review = await store.write(_load, "s-1")
    before = await rows(store, "SELECT * FROM deliveries")
    entry = AuditEntry(300, "ralio", "receive", Status.OPEN, Status.OPEN, 1, refused="stale")

    def save(transaction: Transaction, stale: Stale) -> Review | None:
        return save_change(transaction, review, stale)

    assert await store.write(save, Stale(entry)) == review
    assert [each["refused"] for each in await rows(store, AUDIT)] == [None, "stale"]
    assert await rows(store, "SELECT * FROM deliveries") == before


async def test_one_reminder_of_each_kind_is_pending_until_slack_has_it(store: Store) -> None:
    """Then the next one can follow; the card is not sent again."""
    await receive(store, "s-1", 100)
    review = await store.write(_load, "s-1")
    state = (review.session_id, review.status, "UANNA", None)
    changes: list[tuple[Review | None, Saved]] = [
        (review, remind(review, HolderReminder(("UANNA",), *state), now)) for now in (200, 300)
    ]
    assert await store.write(_save, changes) == {}
    messages = await rows(
        store, "SELECT kind, unique_key, recipient FROM deliveries WHERE kind <> 'card' ORDER BY id"
    )
    assert [(each["kind"], each["unique_key"], each["recipient"]) for each in messages] == [
        ("direct_message", "direct:s-1:remind_holder:200", "UANNA"),
    ]
    (sent,) = await lease(store, DIRECT, 400)
    assert await store.write(leases.record_shown, Shown(sent, "D1", "1.5", 1, 400))
    again = remind(review, HolderReminder(("UANNA",), *state), 500)
    assert await store.write(_save, [(review, again)]) == {}
    keys = await rows(store, "SELECT unique_key FROM deliveries WHERE kind = 'direct_message' ORDER BY id")
    assert [row["unique_key"] for row in keys] == [
        "direct:s-1:remind_holder:200",
        "direct:s-1:remind_holder:500",
    ]
    (card,) = await rows(store, "SELECT wanted_version FROM deliveries WHERE kind = 'card'")
    assert card["wanted_version"] == 1
    actions = [(row["actor"], row["action"]) for row in await rows(store, "SELECT actor, action FROM audit")]
    assert actions[1:] == [(BOT, REMIND)] * 3


async def test_a_new_due_time_is_shown_without_an_audit_entry(store: Store) -> None:
    """The settings changed, and nobody did anything to the review."""
    await receive(store, "s-1", 100)
    review = await store.write(_load, "s-1")
    after = review._replace(due_at=5_000, version=review.version + 1)

    def save(transaction: Transaction, change: Rescheduled) -> None:
        save_rescheduled(transaction, review, change, 200)

    await store.write(save, Rescheduled(after))
    assert await store.write(_load, "s-1") == after
    assert len(await rows(store, AUDIT)) == 1
    (card,) = await rows(store, "SELECT wanted_version, urgency FROM deliveries WHERE kind = 'card'")
    assert card == {"wanted_version": 2, "urgency": 1}
