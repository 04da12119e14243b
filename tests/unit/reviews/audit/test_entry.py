"""The seal of an entry: what it is made over, and with which key."""

import hashlib
from typing import Any

import pytest

from bot.reviews.audit.chain import ChainCheck
from bot.reviews.audit.entry import (
    Keys,
    SealedEntry,
    by_operator,
    canonical,
    purge_digest,
    read_detail,
)

ROW: dict[str, Any] = {
    "id": 7,
    "session_id": "s1",
    "sequence": 2,
    "at": 1_700_000_000_000,
    "actor": "UANA",
    "action": "claim",
    "from_status": "open",
    "to_status": "claimed",
    "version": 2,
    "refused": None,
    "detail": '{"note": "ä"}',
    "previous_of_session": "sha256:b",
}


def test_the_canonical_form_is_what_the_documentation_says() -> None:
    """An auditor's own program must come to the same bytes."""
    assert canonical(ROW, "sha256:a", "sha256:b") == (
        b'["review-audit-1","sha256:a","sha256:b",7,"s1",2,1700000000000,"UANA","claim","open","claimed",2,null,'
        b'"{\\"note\\": \\"\\u00e4\\"}"]'
    )


def test_known_seals() -> None:
    """Computed with openssl: plain, and with a key whose name goes before the digest; both stay as stored seals are."""
    assert Keys().seal(b"x") == "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    keyed = "956d20d4:c38edc8815c8489f64738978f44008f8596345545f0baa68ef6fcf5c53e57189"
    assert Keys(["k"]).seal(b"x") == keyed


def test_the_digest_of_what_was_purged() -> None:
    """A line a range; computed with sha256sum. It stands in the record, so that it must never be another."""
    digest = hashlib.sha256()
    purge_digest(digest, 1, 20, "sha256:0a")
    purge_digest(digest, 35, 35, "sha256:0b")
    assert digest.hexdigest() == "20187fe8ad721e3283adc160d4d8ddafdfacddd302a3ef97ba2b3f9eca8cf251"


def test_only_known_keys_fit() -> None:
    """The first key seals, the others check; plain seals fit by themselves."""
    old, both = Keys(["old"]), Keys(["new", "old"])
    assert both.fits(b"x", old.seal(b"x"))
    assert both.fits(b"x", Keys().seal(b"x"))
    assert both.fits(b"x", both.seal(b"x"))
    assert not old.fits(b"x", both.seal(b"x"))
    assert not both.fits(b"y", old.seal(b"x"))
    assert not both.fits(b"x", "ä")


@pytest.mark.parametrize("name", [name for name in ROW if name != "previous_of_session"])
def test_every_column_is_sealed(name: str) -> None:
    """Also its type: a number that became a text is another entry."""
    keys = Keys(["k"])
    seal = keys.seal(canonical(ROW, "", ""))
    changed = {"id": 8}.get(name, f"{ROW[name]}" if isinstance(ROW[name], int) else "other")
    assert not keys.fits(canonical({**ROW, name: changed}, "", ""), seal)


def test_what_no_entry_can_hold_is_a_finding() -> None:
    """Raw bytes in a text column, where the database lets them in."""
    row = {**ROW, "id": 1, "actor": b"\xff", "seal": "sha256:0"}
    entry = SealedEntry(*[row.get(name) for name in SealedEntry._fields])
    finding = ChainCheck(Keys()).entry(entry, None)
    assert finding is not None
    assert finding.id == 1


def test_a_detail_is_read_as_it_was_written() -> None:
    """Names and words; a space behind them, which is sealed as well, means nothing."""
    assert read_detail('{"note": "\u00e4"}') == {"note": "ä"}
    assert read_detail('{"note": "\u00e4"} ') == {"note": "ä"}


@pytest.mark.parametrize("text", ["", "{", "7", "null", "[1]"])
def test_a_spoilt_detail_is_shown_as_it_is(text: str) -> None:
    """A case file is printed all the same."""
    assert read_detail(text) == {"unreadable": text}


def test_an_operators_entry_holds_the_operating_system_user() -> None:
    """If it is known; the rest of the detail stays."""
    assert by_operator({"reason": "lawsuit"}, "olga") == {"reason": "lawsuit", "os_user": "olga"}
    assert by_operator({"reason": "lawsuit"}, "") == {"reason": "lawsuit"}


FIRST, OTHER = Keys(["first"]), Keys(["other"])


@pytest.mark.parametrize(
    ("keys", "seal"),
    [
        (Keys(), ""),
        (FIRST, ""),
        (Keys(), Keys().seal(b"x")),
        (FIRST, FIRST.seal(b"x")),
        (Keys(["first", "other"]), OTHER.seal(b"x")),
    ],
)
def test_a_record_that_ends_with_a_known_key_can_be_continued(keys: Keys, seal: str) -> None:
    """So can an empty one."""
    assert keys.misfit(seal) is None


@pytest.mark.parametrize(
    ("keys", "seal", "problem"),
    [
        (
            FIRST,
            Keys().seal(b"x"),
            (
                "AUDIT_KEY: the record is not sealed with a key. If it never was, run 'python -m bot audit "
                "rotate-key --adopt'; if it was, someone recreated it without the key"
            ),
        ),
        (
            Keys(),
            FIRST.seal(b"x"),
            f"the record is sealed with the key {FIRST.maker}, but AUDIT_KEY is not set: set it to that key",
        ),
        (
            FIRST,
            OTHER.seal(b"x"),
            (
                f"AUDIT_KEY: the record is sealed with the key {OTHER.maker}, which is not among those given: "
                "check for a typo, and keep the old key behind a new one"
            ),
        ),
    ],
    ids=["a key was added", "the key was removed", "another key"],
)
def test_a_record_that_ends_with_another_key_cannot_be_continued(keys: Keys, seal: str, problem: str) -> None:
    """The operator reads why, and what to do."""
    assert keys.misfit(seal) == problem


def test_any_known_key_can_seal() -> None:
    """The record goes on with the key that it ends with until that is rotated."""
    both = Keys(["first", "other"])
    assert both.seal(b"x") == FIRST.seal(b"x")
    assert both.seal(b"x", OTHER.maker) == OTHER.seal(b"x")
