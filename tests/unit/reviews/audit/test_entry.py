"""The seal of an entry: what it is made over, and with which key."""

import hashlib
from typing import Any

import pytest

from bot.reviews.audit.chain import ChainCheck, Head
from bot.reviews.audit.entry import Keys, SealedEntry, canonical, purge_digest, read_detail

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


@pytest.mark.parametrize("text", ["", "12", "12:ab", "x:sha256:ab", "12sha256:ab", "²:sha256:ab"])
def test_a_head_that_is_none(text: str) -> None:
    """The message shows what one looks like."""
    with pytest.raises(
        ValueError, match=r"^a head looks like 1234:sha256:0a1b\.\.\., as 'audit verify' prints it$"
    ):
        Head.read(text)


def test_a_head_is_read_as_it_is_printed() -> None:
    """White space around it comes from copying."""
    head = Head(12, "sha256:ab")
    assert Head.read(f" {head}\n") == head


def test_a_detail_is_read_as_it_was_written() -> None:
    """Names and words."""
    assert read_detail('{"note": "\u00e4"}') == {"note": "ä"}


@pytest.mark.parametrize("text", ["", "{", "7", "null", "[1]"])
def test_a_spoilt_detail_is_shown_as_it_is(text: str) -> None:
    """A case file is printed all the same."""
    assert read_detail(text) == {"unreadable": text}
