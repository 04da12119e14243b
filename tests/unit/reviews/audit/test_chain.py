"""Checking the chain: what an untouched record tells, and what is found in one that somebody had in their hands."""

import json
from collections.abc import Callable

import pytest

from bot.reviews.audit.chain import ChainCheck, Finding, Head, Tombstone
from bot.reviews.audit.entry import BEGIN_CHAIN, Keys, approval
from tests.support.sealed_entries import (
    Row,
    check_row,
    first_finding,
    head_of,
    resealed,
    sealed_entry,
    sealed_rows,
)

PLAIN, KEYED = Keys(), Keys(["key"])
CHANGED = "it is not the entry that was written here: it was changed, replaced or moved"
NOT_HELD = "that isn't in AUDIT_KEY: forged, or AUDIT_KEY lacks an older key"


@pytest.mark.parametrize(("keys", "unkeyed"), [(PLAIN, 3), (KEYED, 0)], ids=["plain", "keyed"])
def test_an_untouched_record_is_sound_to_its_end(keys: Keys, unkeyed: int) -> None:
    """Every entry is counted, and the next number is the one behind the last."""
    rows = sealed_rows(keys, "receive", "claim", "release")
    check = ChainCheck(keys, [head_of(rows[:2]), head_of(rows)])
    assert (check.expected, check.end) == (1, Head(0, ""))
    assert first_finding(check, rows) is None
    assert check.last() is None
    assert (check.expected, check.end, check.entries, check.unkeyed) == (4, head_of(rows), 3, unkeyed)
    assert (check.purged, check.sealed_afterwards) == (0, 0)
    assert check.met == {head_of(rows[:2]), head_of(rows)}


def test_a_record_that_got_its_key_later_is_sound() -> None:
    """What was written before is told apart by its number."""
    older = sealed_rows(PLAIN, "receive", "claim")
    check = ChainCheck(KEYED)
    assert (
        first_finding(check, older + sealed_rows(KEYED, "change_key", "release", after=head_of(older)))
        is None
    )
    assert check.last() is None
    assert (check.entries, check.unkeyed) == (4, 2)


OLD, BOTH = Keys(["old"]), Keys(["key", "old"])


def _rotation(former: Keys, previous: Head, **detail: object) -> Row:
    """The entry of a change of key from `former` to KEYED, sealed with the latter."""
    (row,) = sealed_rows(KEYED, "change_key", after=previous)
    approved = former.seal(approval(row["id"], KEYED.maker, previous.seal))
    sealed = {"key": KEYED.maker, "from": former.maker, "approved": approved} | detail
    return resealed(row, KEYED, previous.seal, detail=json.dumps(sealed))


def test_a_rotation_that_the_former_key_approved_is_sound() -> None:
    """From then on the record ends with the new key."""
    older = sealed_rows(OLD, "receive", "claim")
    check = ChainCheck(BOTH)
    assert first_finding(check, older) is None
    assert check.last() == Finding(
        2,
        f"the record ends with a former key ({OLD.maker}): run 'audit rotate-key'; if that was done, someone who "
        "has the former key recreated the end",
    )
    rotation = _rotation(OLD, head_of(older))
    assert first_finding(check, [rotation, *sealed_rows(KEYED, "release", after=head_of([rotation]))]) is None
    assert check.last() is None


def test_a_key_that_was_rotated_out_only_verifies() -> None:
    """What it seals afterwards is forged, whatever it says."""
    older = sealed_rows(OLD, "receive")
    rotation = _rotation(OLD, head_of(older))
    for action in ("release", "change_key"):
        check = ChainCheck(BOTH)
        forged = sealed_rows(OLD, action, after=head_of([rotation]))
        problem = f"it is sealed with a key ({OLD.maker}) that was already retired: forged"
        assert first_finding(check, [*older, rotation, *forged]) == Finding(3, problem)


def test_a_change_of_key_needs_an_entry_and_an_approval() -> None:
    """A key that someone just puts behind another one is no rotation."""
    older = sealed_rows(OLD, "receive")
    problem = f"it is sealed with a different key ({KEYED.maker}) than those before it, without a change of key: forged"
    forged = sealed_rows(KEYED, "release", after=head_of(older))
    assert first_finding(ChainCheck(BOTH), [*older, *forged]) == Finding(2, problem)


def test_only_the_former_key_can_approve_a_change_of_key() -> None:
    """The new key can't: a forger of the record's end has it. Nor does the approval of another change count."""
    older = sealed_rows(OLD, "receive")
    content = approval(2, KEYED.maker, older[0]["seal"])
    problem = f"the former key ({OLD.maker}) did not approve this key change: forged"
    for approved in (
        "no",
        7,
        None,
        KEYED.seal(content),
        PLAIN.seal(content),
        OLD.seal(b"x"),
        KEYED.seal(b"x"),
    ):
        rotation = _rotation(OLD, head_of(older), approved=approved)
        assert first_finding(ChainCheck(BOTH), [*older, rotation]) == Finding(2, problem)


def test_entries_older_than_the_chain_are_told_of() -> None:
    """The entry that begins the chain says how many there were."""
    check = ChainCheck(PLAIN)
    assert first_finding(check, sealed_rows(PLAIN, "receive", BEGIN_CHAIN)) is None
    assert check.sealed_afterwards == 1


@pytest.mark.parametrize("detail", ["{}", '{"older_entries": "7"}', "7", "{"])
def test_a_forged_beginning_of_the_chain_is_found(detail: str) -> None:
    """Without a key its seal can be made to fit, but not its place."""
    (row,) = sealed_rows(PLAIN, BEGIN_CHAIN)
    row = resealed(row, PLAIN, "", detail=detail)
    assert check_row(ChainCheck(PLAIN), row) == Finding(1, "it claims to begin the chain but doesn't: forged")


@pytest.mark.parametrize("seal", [b"sha256:00", 7, None])
def test_a_seal_that_is_no_text_is_found(seal: object) -> None:
    """SQLite stores any value in any column."""
    (row,) = sealed_rows(PLAIN, "receive")
    assert check_row(ChainCheck(PLAIN), row | {"seal": seal}) == Finding(1, "its seal is not text")


def _changed(row: Row) -> Row:
    return row | {"actor": "UBEN"}


def _as_the_first_of_its_session(row: Row) -> Row:
    return row | {"previous_of_session": None}


def _sealed_with(keys: Keys, previous: str) -> Callable[[Row], Row]:
    return lambda row: resealed(row, keys, previous)


STRANGER = Keys(["a stranger's"])
RECEIVED = sealed_rows(KEYED, "receive")[0]["seal"]


@pytest.mark.parametrize(
    ("touch", "problem"),
    [
        (_changed, CHANGED),
        (_as_the_first_of_its_session, CHANGED),
        (lambda row: row | {"seal": f"{KEYED.maker}:00"}, CHANGED),
        (lambda row: row | {"seal": f"{row['seal']}:00"}, CHANGED),
        (_sealed_with(KEYED, "another:seal"), CHANGED),
        (
            lambda row: row | {"seal": ""},
            "it has no seal: it was inserted by hand, or the bot hasn't been started since its update",
        ),
        (
            _sealed_with(PLAIN, RECEIVED),
            "it is sealed without a key, although entry 1 is made with one: forged",
        ),
        (
            _sealed_with(STRANGER, RECEIVED),
            f"it is sealed with a key ({STRANGER.maker}) {NOT_HELD}",
        ),
    ],
)
def test_the_first_entry_that_somebody_touched_is_found(touch: Callable[[Row], Row], problem: str) -> None:
    """It is named with what is wrong; what stands before it is sound, and the check ends there."""
    rows = sealed_rows(KEYED, "receive", "claim", "release")
    check = ChainCheck(KEYED)
    assert first_finding(check, [rows[0], touch(rows[1]), rows[2]]) == Finding(2, problem)
    assert (check.end, check.entries) == (head_of(rows[:1]), 1)


def test_without_the_key_a_keyed_record_cannot_be_checked() -> None:
    """That is no forgery: the answer says what to do."""
    problem = "it is sealed with a key: set AUDIT_KEY to check the chain"
    assert first_finding(ChainCheck(PLAIN), sealed_rows(KEYED, "receive")) == Finding(1, problem)


def test_an_entry_that_was_moved_is_known_again() -> None:
    """Under whatever number it stands now; no other entry is taken for it."""
    rows = sealed_rows(KEYED, "receive", "claim", "release")
    check = ChainCheck(KEYED)
    check_row(check, rows[0])
    assert check.fits_next(sealed_entry(rows[1] | {"id": 9}), rows[1]["previous_of_session"])
    assert not check.fits_next(sealed_entry(rows[2] | {"id": 2}), rows[2]["previous_of_session"])


def test_a_record_that_was_made_anew_does_not_lead_through_a_head() -> None:
    """Sound in itself, but not the one whose head was noted."""
    kept = Head(2, "sha256:0a")
    check = ChainCheck(PLAIN, [Head(1, sealed_rows(PLAIN, "receive")[0]["seal"]), kept])
    rows = sealed_rows(PLAIN, "receive", "claim", "release")
    problem = "it is not the entry of the head 2:sha256:0a: the record was recreated"
    assert first_finding(check, rows) == Finding(2, problem)
    assert check.met == {head_of(rows[:1])}


def test_an_end_that_was_cut_off() -> None:
    """Only a head tells; the first of what is missing is named, however many there were."""
    rows = sealed_rows(KEYED, "receive", "claim", "release")
    check = ChainCheck(KEYED, [head_of(rows[:2]), head_of(rows)])
    assert first_finding(check, rows[:2]) is None
    problem = "the end is cut off: the newest entry is 2, but the head says there were 3"
    assert check.last() == Finding(3, problem, "completeness")


def test_with_a_key_a_record_that_is_plain_to_its_end_is_a_finding() -> None:
    """Somebody may have made all of it anew; a record without any entry is only young."""
    check = ChainCheck(KEYED)
    assert check.last() is None
    assert first_finding(check, sealed_rows(PLAIN, "receive")) is None
    problem = "no entry is sealed with AUDIT_KEY: all were recreated without it, or the key was never adopted"
    assert check.last() == Finding(1, problem)


def test_the_chain_leads_over_what_was_purged() -> None:
    """The last purged entry's seal is enough for the next one, and a head among the purged is not missed."""
    rows = sealed_rows(KEYED, "receive", "claim", "release", "purge")
    check = ChainCheck(KEYED, [head_of(rows[:2]), head_of(rows[:3])])
    assert check_row(check, rows[0]) is None
    assert check.tombstone(Tombstone(2, 3, rows[2]["seal"], purge=4)) is None
    assert (check.purged, check.expected) == (2, 4)
    assert check_row(check, rows[3]) is None
    assert check.tombstone(Tombstone(5, 5, f"{KEYED.maker}:00", purge=6)) is None
    assert (check.purged, check.entries, check.met) == (3, 2, {head_of(rows[:3])})


def test_a_tombstone_that_does_not_hold_the_head_that_was_noted() -> None:
    """What was purged is not what was written there."""
    check = ChainCheck(KEYED, [Head(3, "abc:0a")])
    problem = "it is not the entry of the head 3:abc:0a: the record was recreated"
    assert check.tombstone(Tombstone(1, 3, "abc:0b", purge=4)) == Finding(3, problem)


def test_a_record_of_which_only_keyed_tombstones_are_left_is_made_with_the_key() -> None:
    """The last purged entry's seal names its maker."""
    check = ChainCheck(KEYED)
    assert check.tombstone(Tombstone(1, 3, f"{KEYED.maker}:0a", purge=4)) is None
    assert check.last() is None
