"""Whether typed text looks like personal data."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.messages.personal_data import looks_like

WARNED = [
    ("ask joe.doe+kyc@mail.example.co.uk", "an email address"),
    ("<mailto:joe@example.com|joe>", "an email address"),
    ("IBAN DE89 3704 0044 0532 0130 00", "an account number (IBAN)"),
    ("gb29nwbk60161331926819", "an account number (IBAN)"),
    ("FR14-2004-1010-0505-0001-3M02-606", "an account number (IBAN)"),
    ("paid with 4111 1111 1111 1111", "a card or account number"),
    ("account 123456789012", "a card or account number"),
    ("passport C01X00T47 is expired", "a document number"),
    ("ID card L01X00T471.", "a document number"),
    ("call +49 30 901820", "a phone number"),
    ("call +1 (555) 010-9999", "a phone number"),
    (f"session {uuid.UUID(int=7)}: write to joe@example.com", "an email address"),
]


@pytest.mark.parametrize(("text", "kind"), WARNED)
def test_what_looks_like_personal_data_is_named(text: str, kind: str) -> None:
    """The warning says what it is about."""
    assert looks_like(text) == kind


NOT_WARNED = [
    "",
    "The passport ended in May 2026, the picture is blurred.",
    "Two of 3 pages are missing; see case #12345.",
    "Ends 2026-03-17 16:41:28, seen at 2026-03-17T16:41:28.447Z",
    "Limit is 1,000,000.00 EUR",
    "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10",
    "same as 0f3c8f0a-7a55-4f0b-ab43-2f6f0c7a9b21, ab12cd34-ef56-4789-ab12-cd34ef567890",
    "12345678-1234-4234-8234-123456789012",
    "5B0D6A3E-0C1F-4F0E-AB12-6A1F3C2B7E10",
    "<@U012AB3CD> knows",
    "KYC.FACE.NO_MATCH and LOW_CONFIDENCE",
    "@here is nobody",
    "a + b = 12",
]


@pytest.mark.parametrize("text", NOT_WARNED)
def test_what_reviewers_write_all_day_is_not_warned_about(text: str) -> None:
    """A warning that comes too often is not read."""
    assert looks_like(text) is None


def test_the_reviews_own_ids_are_not_personal_data() -> None:
    """Whatever they look like; any other personal data beside them is still noticed."""
    text = "C01X00T47 is the session, 123456789012 the subject"
    assert looks_like(text) == "a card or account number"
    assert looks_like(text, ("C01X00T47", "123456789012", None)) is None
    assert looks_like(f"{text}, L01X00T471 the card", ("C01X00T47", "123456789012")) == "a document number"


@settings(max_examples=500, deadline=None)
@given(st.uuids(), st.booleans())
def test_no_uuid_is_personal_data(session: uuid.UUID, is_upper: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """Ralio documents the ids of sessions and subjects as UUIDs, and people paste them."""
    text = str(session).upper() if is_upper else str(session)
    assert looks_like(f"see {text}.") is None


@settings(max_examples=100, deadline=1_000)
@given(st.text(st.sampled_from("aA1@.-+ "), min_size=900, max_size=1_000))
def test_no_text_takes_long(text: str) -> None:
    """A person waits for the modal."""
    looks_like(text)
