"""What the decision webhook sends: the library of Standard Webhooks verifies it, and the id is safe in a header."""

import json
import re
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from bot.delivery.decision_webhook.message import body_of, message_id, ping_body, signed_headers
from bot.reviews.decision_update import DecisionUpdate, UpdateType
from bot.reviews.review import EntityType
from tests.support.receiver import FORMER_SECRET, SECRET

UPDATE = DecisionUpdate(
    type=UpdateType.DECIDED,
    at=1_500,
    version=3,
    session_id="session-1",
    entity_type=EntityType.USER,
    subject_id=None,
    queue="user",
    outcome="approve",
    reason=None,
    decided_by="UANNA",
    decided_at=1_400,
    confirmed_by=None,
    confirmed_at=None,
    verdict=None,
    agrees=None,
    shares_note=True,
    note="Zoë ✓",
)


@pytest.mark.parametrize("secrets", [[SECRET], [SECRET, FORMER_SECRET], [FORMER_SECRET, SECRET]])
def test_the_library_verifies_every_signature(secrets: list[str]) -> None:
    """A receiver that knows one of the secrets accepts the message, whichever comes first."""
    body, now = body_of(UPDATE, "sha256:0a"), time.time_ns() // 1_000_000
    headers = signed_headers("msg_1", body, secrets, now)
    for secret in secrets:
        assert Webhook(secret).verify(body, headers)["data"]["note"] == "Zoë ✓"
    assert len(headers["webhook-signature"].split()) == len(secrets)


def test_the_library_refuses_another_body_id_or_secret() -> None:
    """All of it is signed."""
    body, now = ping_body(1), time.time_ns() // 1_000_000
    headers = signed_headers("msg_1", body, [SECRET], now)
    for secret, content, changed in (
        (FORMER_SECRET, body, {}),
        (SECRET, ping_body(2), {}),
        (SECRET, body, {"webhook-id": "msg_2"}),
        (SECRET, body, {"webhook-timestamp": str(now // 1000 - 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(content, headers | changed)


def test_the_body_has_iso_times_and_nulls() -> None:
    """What is empty is there, as null; the note only where it is shared."""
    content = json.loads(body_of(UPDATE, None))
    assert content["timestamp"] == "1970-01-01T00:00:01.500Z"
    assert content["data"]["decided_at"] == "1970-01-01T00:00:01.400Z"
    assert {name for name, value in content["data"].items() if value is None} == {
        *("subject_id", "reason", "confirmed_by", "confirmed_at", "verdict", "agrees", "audit_seal")
    }


@pytest.mark.parametrize("key", ["decision:s-1:3:1500", "decision:a.b\r\nx: y:1:1", "décision"])
def test_an_id_is_one_word_without_a_full_stop(key: str) -> None:
    """Whatever a session is called: a full stop separates what is signed, and a line break would end the header."""
    assert re.fullmatch(r"msg_[0-9a-f]{32}", message_id(key))
    assert message_id(key) == message_id(key)
