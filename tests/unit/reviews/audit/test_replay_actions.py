"""What each action's entry says about the review, field by field."""

import json

import pytest

from tests.support.stored_entries import DECIDED, DECIDED_BEFORE, Entry, replay_of, stored_entry

NO_CLAIM = {"claimed_by": None, "claimed_at": None}
NO_DECISION = {
    **dict.fromkeys(("outcome", "reason", "note", "decided_by", "decided_at")),
    "unconfirmed": False,
    "recorded_afterwards": False,
}
NOT_CONFIRMED = {"confirmed_by": None, "confirmed_at": None}
NOT_ESCALATED = {"escalated_by": None, "escalated_at": None}
NO_SNOOZE = {"snoozed_until": None, "snooze_reason": None}
NO_HOLD = {"hold_reason": None, "placed_by": None, "placed_at": None}


PROPOSED = stored_entry("propose", **DECIDED)
UNTIL_8 = "1970-01-01T00:00:08+00:00"
SNOOZED = stored_entry("snooze", 1_000, until=UNTIL_8, reason="documents")


@pytest.mark.parametrize(
    ("entries", "recorded"),
    [
        ([stored_entry("claim")], {"claimed_by": "UANA", "claimed_at": 1_000}),
        (
            [stored_entry("claim"), stored_entry("take_over", 2_000, "UBEN")],
            {"claimed_by": "UBEN", "claimed_at": 2_000},
        ),
        ([stored_entry("reassign", 2_000, to="UBEN")], {"claimed_by": "UBEN", "claimed_at": 2_000}),
        ([stored_entry("claim"), stored_entry("release")], NO_CLAIM),
        ([stored_entry("escalate")], {"escalated_by": "UANA", "escalated_at": 1_000}),
        (
            [stored_entry("resolve", **DECIDED)],
            {**NO_DECISION, **DECIDED, "decided_by": "UANA", "decided_at": 1_000},
        ),
        (
            [stored_entry("resolve", outcome="approve")],
            {**NO_DECISION, "outcome": "approve", "decided_by": "UANA", "decided_at": 1_000},
        ),
        (
            [PROPOSED],
            {**NO_DECISION, **DECIDED, "decided_by": "UANA", "decided_at": 1_000, "unconfirmed": True},
        ),
        (
            [stored_entry("record_decision", **DECIDED)],
            {
                **NO_DECISION,
                **DECIDED,
                "decided_by": "UANA",
                "decided_at": 1_000,
                "recorded_afterwards": True,
            },
        ),
        (
            [PROPOSED, stored_entry("confirm", 2_000, "UBEN", **DECIDED)],
            {
                **NO_DECISION,
                **DECIDED,
                "decided_by": "UANA",
                "decided_at": 1_000,
                "confirmed_by": "UBEN",
                "confirmed_at": 2_000,
            },
        ),
        ([PROPOSED, stored_entry("send_back", 2_000, "UBEN")], NO_DECISION),
        ([PROPOSED, stored_entry("withdraw", 2_000, **DECIDED)], NO_DECISION),
        ([stored_entry("add_note", note="Called back.")], {}),
        (
            [stored_entry("hold", actor="olga", reason="lawsuit")],
            {"hold_reason": "lawsuit", "placed_by": "olga", "placed_at": 1_000},
        ),
        ([stored_entry("hold", actor="olga", reason="lawsuit"), stored_entry("lift_hold")], NO_HOLD),
        ([stored_entry("fetch_checks", checks="[1]")], {"fetched_checks": "[1]"}),
    ],
    ids=lambda value: "-".join(each["action"] for each in value) if isinstance(value, list) else "",
)
def test_an_action_changes_these_fields(entries: list[Entry], recorded: dict[str, object]) -> None:
    """And no others."""
    assert replay_of(*entries).values == {**NO_HOLD, "status": "claimed"} | recorded


def test_checks_that_an_older_version_fetched_are_unknown() -> None:
    """Their entry doesn't hold them."""
    assert (
        "fetched_checks"
        not in replay_of(stored_entry("fetch_checks", checks="[1]"), stored_entry("fetch_checks")).values
    )


def test_a_decision_on_a_closed_review_leaves_the_disagreement_open() -> None:
    """The record doesn't say whether it agrees with the verdict."""
    closing = stored_entry("close", to_status="closed", occurred_at="1", disagreement="undecided")
    recorded = stored_entry("record_decision", to_status="closed", outcome="approve")
    assert replay_of(closing).values["disagreement"] == "undecided"
    assert "disagreement" not in replay_of(closing, recorded).values
    assert "disagreement" not in replay_of(recorded).values
    assert (
        replay_of(closing, stored_entry("resolve", outcome="approve")).values["disagreement"] == "undecided"
    )


@pytest.mark.parametrize(
    ("entries", "snoozed_until", "reason", "pauses"),
    [
        ([SNOOZED], 8_000, "documents", "[[1000, 8000]]"),
        (
            [SNOOZED, stored_entry("snooze", 2_000, until="1970-01-01T00:00:09.500+00:00")],
            *(9_500, None, "[[1000, 9500]]"),
        ),
        ([SNOOZED, stored_entry("resume", 3_000)], None, None, "[[1000, 3000]]"),
        ([SNOOZED, stored_entry("resume", 1_000)], None, None, "[]"),
        ([SNOOZED, stored_entry("resume", 1_001)], None, None, "[[1000, 1001]]"),
        (
            [SNOOZED, stored_entry("resume", 3_000), stored_entry("snooze", 4_000, until=UNTIL_8)],
            *(8_000, None, "[[1000, 3000], [4000, 8000]]"),
        ),
        (
            [
                *[SNOOZED, stored_entry("resume", 3_000), stored_entry("snooze", 4_000, until=UNTIL_8)],
                *[
                    stored_entry("snooze", 5_000, until="1970-01-01T00:00:09+00:00"),
                    stored_entry("resume", 6_000),
                ],
            ],
            *(None, None, "[[1000, 3000], [4000, 6000]]"),
        ),
        (
            [
                SNOOZED,
                stored_entry("resume", 3_000),
                stored_entry("snooze", 4_000, until=UNTIL_8),
                stored_entry("resume", 4_000),
            ],
            *(None, None, "[[1000, 3000]]"),
        ),
        ([stored_entry("snooze", 9_000, until=UNTIL_8)], 8_000, None, "[[9000, 9000]]"),
    ],
)
def test_a_snooze_is_a_pause(
    entries: list[Entry], snoozed_until: int | None, reason: str | None, pauses: str
) -> None:
    """It begins with the first snooze and ends when work continues; a pause without length is none."""
    values = replay_of(*entries).values
    assert (values["snoozed_until"], values["snooze_reason"]) == (snoozed_until, reason)
    assert values["pauses"] == pauses
    assert json.dumps(replay_of(*entries).pauses) == pauses


@pytest.mark.parametrize(
    "entry",
    [
        stored_entry("snooze", until="tomorrow", reason="documents"),
        stored_entry("snooze", reason="documents"),
        stored_entry("snooze", "now", until=UNTIL_8),
    ],
)
def test_a_snooze_whose_times_cannot_be_read_says_nothing(entry: Entry) -> None:
    """In a database that was changed, an entry holds anything."""
    assert replay_of(entry).values == {**NO_HOLD, "status": "claimed"}


@pytest.mark.parametrize(("entries", "pauses"), [([], []), ([SNOOZED], [(1_000, 8_000)])])
def test_a_snooze_ends_at_an_unreadable_time_all_the_same(
    entries: list[Entry], pauses: list[tuple[int, int]]
) -> None:
    """Only the end of its pause isn't known."""
    replay = replay_of(*entries, stored_entry("resume", "now"))
    assert replay.values == {**NO_HOLD, "status": "claimed"} | NO_SNOOZE | (
        {"pauses": "[[1000, 8000]]"} if entries else {}
    )
    assert replay.pauses == pauses


RESOLVED = stored_entry("resolve", **DECIDED)
REOPENED = stored_entry("reopen", 5_000, to_status="open", policy="0a")


def test_a_reopened_review_begins_again_and_keeps_the_earlier_decision() -> None:
    """Nothing of the work on it is left."""
    worked_on = [
        stored_entry("claim"),
        stored_entry("escalate"),
        SNOOZED,
        stored_entry("resume", 3_000),
        RESOLVED,
    ]
    assert replay_of(*worked_on, REOPENED).values == {
        **NO_HOLD,
        **NO_CLAIM,
        **NO_DECISION,
        **NOT_CONFIRMED,
        **NOT_ESCALATED,
        **NO_SNOOZE,
        "pauses": "[]",
        "status": "open",
        "opened_at": 5_000,
        "earlier_decision": DECIDED_BEFORE,
    }


@pytest.mark.parametrize(
    ("entries", "earlier"),
    [
        ([REOPENED], None),
        ([RESOLVED, REOPENED], DECIDED_BEFORE),
        ([RESOLVED, REOPENED, REOPENED], DECIDED_BEFORE),
        ([PROPOSED, REOPENED], DECIDED_BEFORE | {"unconfirmed": True}),
        (
            [PROPOSED, stored_entry("confirm", 2_000, "UBEN"), REOPENED],
            DECIDED_BEFORE | {"confirmed_by": "UBEN", "confirmed_at": 2_000},
        ),
        (
            [PROPOSED, stored_entry("confirm", 2_000, "UBEN"), REOPENED, RESOLVED, REOPENED],
            DECIDED_BEFORE | {"was_confirmed": True},
        ),
        (
            [PROPOSED, stored_entry("confirm", 2_000, "UBEN"), REOPENED, *[RESOLVED, REOPENED] * 2],
            DECIDED_BEFORE | {"was_confirmed": True},
        ),
        ([RESOLVED, REOPENED, RESOLVED, REOPENED], DECIDED_BEFORE),
    ],
)
def test_the_earlier_decision_is_the_last_one(entries: list[Entry], earlier: object) -> None:
    """It also says whether two people had decided before."""
    assert replay_of(*entries).values["earlier_decision"] == earlier


def test_a_refused_action_changes_nothing() -> None:
    """It only counts as an entry."""
    replay = replay_of(stored_entry("claim", policy="0a") | {"refused": "held_by_other", "version": 9})
    assert (replay.values, replay.entries) == (NO_HOLD, 1)
    assert (replay.version, replay.policies) == (0, set())


def test_entries_without_a_status_or_a_version_leave_both_as_they_were() -> None:
    """Those about a legal hold have neither."""
    replay = replay_of(stored_entry("claim"), stored_entry("hold") | {"to_status": None, "version": None})
    assert (replay.values["status"], replay.version, replay.entries) == ("claimed", 2, 2)


def test_the_policies_of_decisions_are_kept() -> None:
    """Each once; what is no digest isn't one."""
    entries = [stored_entry("resolve", outcome="approve", policy=policy) for policy in ("0a", "0b", "0a", 7)]
    assert replay_of(*entries).policies == {"0a", "0b"}
