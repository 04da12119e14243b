"""Ralio's checks in words."""

import pytest

from bot.reviews.checks import Check, Checks
from bot.slack.messages.check_words import WORDS_LENGTH, findings, leading_words, result
from tests.support.examples import HOSTILE


@pytest.mark.parametrize(
    ("type_", "code", "category", "words"),
    [
        # As on Ralio's pages.
        ("face-matching", "LOW_CONFIDENCE", None, "Face may not match the document"),
        ("face-match", "NO_MATCH", None, "Face doesn't match the document"),
        ("document-verification", "EXPIRED_DOCUMENT", None, "Document has expired"),
        ("manual_review", "KYC.DOC.DETERIORATED", "DOC", "Document is damaged or unreadable"),
        ("manual_review", "DETERIORATED", "DOC", "Document is damaged or unreadable"),
        ("face-matching", "KYC.FACE.NO_MATCH", "FACE", "Face doesn't match the document"),
        ("face-matching", "kyc.face.no_match", None, "Face doesn't match the document"),
        # A known category, an unknown one, and none.
        ("manual_review", "KYC.DOC.WRONG_SIDE", "DOC", "Document: wrong side"),
        ("document-verification", "BLURRED", None, "Document: blurred"),
        ("watchlist", "KYC.AML.POSSIBLE_MATCH", "AML", "AML: possible match"),
        ("watchlist", "POSSIBLE_MATCH", "AML", "AML: possible match"),
        ("poa", "KYC.PROOF_OF_ADDRESS.TOO_OLD", None, "Proof of address: too old"),
        ("geo_location", "IP-MISMATCH", None, "Geo location: ip mismatch"),
        ("check", "ODD.THING", None, "Odd thing"),
        # What may hold markup is not read as words; its code stands beside them.
        ("face-matching", HOSTILE, None, "Face match failed"),
        (HOSTILE, HOSTILE, HOSTILE, "Check failed"),
    ],
)
def test_a_code_is_read_as_words(type_: str, code: str, category: str | None, words: str) -> None:
    """Documented ones from a table, any other by its own words."""
    (finding,) = findings(Check(type_, "refused", (code,), category))
    assert (finding.words, finding.code) == (words, code)


def test_a_long_code_is_cut() -> None:
    """The code beside it is whole."""
    (finding,) = findings(Check("a" * 80, "refused", ("B" * 80,)))
    assert len(finding.words) == WORDS_LENGTH


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("refused", "Face match failed"),
        ("validated", "Face match passed"),
        ("", "Face match: no result"),
        ("in_progress", "Face match: in progress"),
        (HOSTILE, "Face match: unknown result"),
    ],
)
def test_a_result_says_failed_and_passed(state: str, words: str) -> None:
    """A check without codes is its result."""
    check = Check("face-matching", state)
    assert result(check) == words
    assert [finding.words for finding in findings(check)] == [words]


def test_a_title_begins_with_what_failed() -> None:
    """The first of the failed checks, and how many others failed; unknown and passed ones don't count."""
    face = Check("face-matching", "refused", ("NO_MATCH", "LOW_CONFIDENCE"))
    document = Check("document-verification", "refused", ("EXPIRED_DOCUMENT",))
    others = (Check("liveness", ""), Check("address", "validated"))
    assert leading_words(Checks.of((*others, face))) == "Face doesn't match the document"
    assert leading_words(Checks.of((face, document, *others))) == "Face doesn't match the document and 1 more"
    assert leading_words(Checks.of(others)) == leading_words(Checks()) == ""
