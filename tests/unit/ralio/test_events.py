"""Ralio's events: what each documented payload means. The payloads are in tests/fixtures/ralio."""

from pathlib import Path

import pytest

from bot.ralio.events import IgnoredEvent, parse
from bot.reviews.checks import Check
from bot.reviews.review import (
    EntityType,
    SessionEvent,
    SessionState,
)

PAYLOADS = Path(__file__).parents[2] / "fixtures" / "ralio"

SESSION = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"
USER = "0f3c8f0a-7a55-4f0b-8a43-2f6f0c7a9b21"
RELATED_PARTY = "c2a1e6b4-93d7-4c8e-a5f0-1b7d2e4f6a83"

REVIEW = SessionEvent(
    event_id="9d8b7c6a-5e4f-4a3b-8c2d-1e0f9a8b7c6d",
    occurred_at=1_773_765_688_447,  # 2026-03-17T16:41:28.447Z
    session_id=SESSION,
    state=SessionState.REVIEW,
    entity_type=EntityType.USER,
    subject_id=USER,
    type="kyc_session_manual_review",
    received_at=9_000,
)
OLDER_REVIEW = REVIEW._replace(entity_type=None)
RELATED_PARTY_REVIEW = REVIEW._replace(entity_type=EntityType.RELATED_PARTY, subject_id=RELATED_PARTY)

TEXTUAL_CHECKS = (
    Check("document-verification", "validated"),
    Check("face-matching", "refused", ("LOW_CONFIDENCE", "liveness")),
)
NUMERIC_CHECKS = (
    Check("document", "validated"),
    Check("manual_review", "refused", ("KYC.DOC.DETERIORATED",), "DOC"),
    Check("liveness", "3"),
)

REVIEWS = {
    "review_newer_envelope": REVIEW,
    "review_older_envelope": OLDER_REVIEW,
    "review_dotted_name": REVIEW,
    "review_related_party": RELATED_PARTY_REVIEW,
    "review_related_party_of_business_user": RELATED_PARTY_REVIEW,
    "review_textual_checks": OLDER_REVIEW._replace(checks=TEXTUAL_CHECKS),
    "review_seven_fractional_digits_and_offset": REVIEW,
    "review_time_without_offset": REVIEW,
    "review_null_fields": OLDER_REVIEW._replace(subject_id=None),
    "review_blank_subject": REVIEW._replace(subject_id=None),
    "review_without_user_id": REVIEW._replace(subject_id=None),
    "review_without_entity_type": OLDER_REVIEW,
    "review_entity_type_spelled_otherwise": RELATED_PARTY_REVIEW,
    "review_integer_user_id": REVIEW._replace(subject_id="1234"),
    "review_personal_data_in_unknown_fields": REVIEW._replace(
        checks=(Check("document-verification", "refused", ("EXPIRED_DOCUMENT",)),)
    ),
}
VERDICTS = {
    "verified_older_envelope": OLDER_REVIEW._replace(
        state=SessionState.VERIFIED, checks=(Check("document-verification", "validated"),)
    ),
    "verified_dotted_name": REVIEW._replace(state=SessionState.VERIFIED),
    "failed_numeric_checks": REVIEW._replace(
        state=SessionState.REJECTED, occurred_at=1_773_766_177_314, checks=NUMERIC_CHECKS
    ),
    "failed_related_party": RELATED_PARTY_REVIEW._replace(state=SessionState.REJECTED),
    "expired_newer_envelope": REVIEW._replace(state=SessionState.EXPIRED),
}
EVENT_NAMES = {
    SessionState.REVIEW: "kyc_session_manual_review",
    SessionState.VERIFIED: "kyc_session_verified",
    SessionState.REJECTED: "kyc_session_failed",
    SessionState.EXPIRED: "kyc_session_expired",
}
OTHERS = {
    "other_kyc_state_updated": "kyc_state_updated",
    "other_related_party_kyc_session_created": "related_party_kyc_session_created",
    "other_account_activated_dotted": "account_activated",
    "other_payin_completed": "payin_completed",
    "other_without_any_more_fields": "something_never_seen",
}


def _payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


@pytest.mark.parametrize(("name", "event"), [*REVIEWS.items(), *VERDICTS.items()])
def test_an_event_about_a_session_is_understood(name: str, event: SessionEvent) -> None:
    """Exactly this, and nothing else, is kept of the payload."""
    assert parse(_payload(name), 9_000) == event._replace(type=EVENT_NAMES[event.state])


@pytest.mark.parametrize(("name", "type_"), OTHERS.items())
def test_of_any_other_event_only_the_name_is_kept(name: str, type_: str) -> None:
    """Its shape is not looked at, so that it cannot be wrong."""
    assert parse(_payload(name), 9_000) == IgnoredEvent(type_)


def test_every_payload_has_its_test() -> None:
    """A payload that nobody reads would prove nothing."""
    assert {path.stem for path in PAYLOADS.iterdir()} == {*REVIEWS, *VERDICTS, *OTHERS}


@pytest.mark.parametrize("word", ["Jane", "jane", "Roe", "X1234567", "1980", "passport"])
def test_personal_data_does_not_survive(word: str) -> None:
    """Neither names nor numbers nor messages reach the database, the card or the log."""
    payload = _payload("review_personal_data_in_unknown_fields")
    assert word.lower() in payload.decode().lower()
    assert word not in repr(parse(payload, 9_000))
