"""Checking the chain from an entry that was verified before, and entries about the record itself."""

import json

import pytest

from bot.reviews.audit.chain import ChainCheck, Finding, Head
from bot.reviews.audit.entry import BEGIN_CHAIN, PURGE, Keys
from tests.support.sealed_entries import Row, check_row, first_finding, head_of, resealed, sealed_rows

PLAIN, KEYED, BOTH = Keys(), Keys(["key"]), Keys(["key", "old"])
OLD = Keys(["old"])


@pytest.mark.parametrize("keys", [PLAIN, KEYED], ids=["plain", "keyed"])
def test_a_check_goes_on_where_the_last_one_ended(keys: Keys) -> None:
    """It counts only what it checked itself."""
    before = sealed_rows(keys, "receive", "claim")
    begin = head_of(before)
    rows = sealed_rows(keys, "release", after=begin)
    check = ChainCheck(keys, [head_of(rows)], begin=begin)
    assert (check.end, check.expected) == (begin, 3)
    assert first_finding(check, rows) is None
    assert check.last() is None
    assert (check.end, check.entries, check.met) == (head_of(rows), 1, {head_of(rows)})


def test_a_check_that_goes_on_knows_since_when_there_is_a_key() -> None:
    """From then on no entry is sealed without one."""
    begin = head_of(sealed_rows(KEYED, "receive", "claim"))
    forged = sealed_rows(PLAIN, "release", after=begin)
    problem = "it is sealed without a key, although entry 2 is made with one: forged"
    assert first_finding(ChainCheck(KEYED, begin=begin), forged) == Finding(3, problem)


def test_a_check_can_go_on_behind_entries_without_a_key() -> None:
    """The key may come later."""
    begin = head_of(sealed_rows(PLAIN, "receive"))
    rows = sealed_rows(PLAIN, "claim", after=begin)
    rows += sealed_rows(KEYED, "change_key", after=head_of(rows))
    check = ChainCheck(KEYED, begin=begin)
    assert first_finding(check, rows) is None
    assert (check.entries, check.unkeyed) == (2, 1)


def test_a_check_that_goes_on_knows_the_keys_that_were_rotated_out() -> None:
    """They are as retired as if it had seen their rotation."""
    begin = head_of(sealed_rows(KEYED, "receive"))
    forged = sealed_rows(OLD, "change_key", after=begin)
    problem = f"it is sealed with a key ({OLD.maker}) that was already retired: forged"
    assert first_finding(ChainCheck(BOTH, begin=begin, retired=[OLD.maker]), forged) == Finding(2, problem)
    assert first_finding(ChainCheck(BOTH, begin=begin), forged) is None


def test_a_first_entry_without_a_seal_was_inserted_by_hand() -> None:
    """Or the database is older than the chain."""
    (row,) = sealed_rows(PLAIN, "receive")
    problem = "it has no seal: it was inserted by hand, or the bot hasn't been started since its update"
    assert check_row(ChainCheck(PLAIN), row | {"seal": ""}) == Finding(1, problem)


def test_an_entry_is_filed_under_its_review() -> None:
    """The review's row id isn't sealed; the session id is."""
    (row,) = sealed_rows(KEYED, "receive")
    assert check_row(ChainCheck(KEYED), row | {"review_id": 7}) is None


def test_an_entry_whose_review_was_removed() -> None:
    """Without its review it has no session."""
    (row,) = sealed_rows(KEYED, "receive")
    finding = check_row(ChainCheck(KEYED), row | {"review_id": 7, "session_id": None})
    assert finding == Finding(1, "its review, number 7, is missing: removed")


def _purge(before: object, previous: Head) -> Row:
    (row,) = sealed_rows(KEYED, PURGE, after=previous)
    return resealed(row, KEYED, previous.seal, session_id=None, detail=json.dumps({"before": before}))


def test_the_latest_purge_says_up_to_when_reviews_were_removed() -> None:
    """Whatever order the purges came in."""
    check, end = ChainCheck(KEYED), Head(0, "")
    assert check.purged_before == 0
    for before, purged_before in (("2000", 2_000), ("9" * 18, 10**18 - 1), ("3000", 10**18 - 1)):
        row = _purge(before, end)
        assert check_row(check, row) is None
        assert check.purged_before == purged_before
        end = head_of([row])


@pytest.mark.parametrize("before", [None, 2_000, "", "-1", "1.5", "soon", "\N{SUPERSCRIPT TWO}", "9" * 19])
def test_a_purge_whose_time_is_no_number_says_nothing(before: object) -> None:
    """A time has at most 18 digits."""
    check = ChainCheck(KEYED)
    assert check_row(check, _purge(before, Head(0, ""))) is None
    assert check.purged_before == 0


def test_only_a_purge_says_what_was_removed() -> None:
    """The detail of another entry means something else."""
    (row,) = sealed_rows(KEYED, "receive")
    check = ChainCheck(KEYED)
    assert check_row(check, resealed(row, KEYED, "", detail='{"before": "2000"}')) is None
    assert check.purged_before == 0


@pytest.mark.parametrize("action", [BEGIN_CHAIN, PURGE])
def test_an_entry_about_the_record_that_is_filed_under_a_review(action: str) -> None:
    """A seal that fits proves nothing where seals are plain hashes."""
    (row,) = sealed_rows(KEYED, action)
    forged = row | {"review_id": 7}
    problem = "it concerns the record itself but is filed under a review: forged"
    assert check_row(ChainCheck(KEYED), forged) == Finding(1, problem)


def test_a_changed_entry_about_the_record_is_a_changed_entry() -> None:
    """What it says isn't looked at any more."""
    (row,) = sealed_rows(KEYED, PURGE)
    problem = "it is not the entry that was written here: it was changed, replaced or moved"
    assert check_row(ChainCheck(KEYED), row | {"actor": "UBEN", "review_id": 7}) == Finding(1, problem)
