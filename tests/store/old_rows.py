"""What a database holds after some weeks of work: rows for every table, under the schema that they first fit.

Columns that are left out are null. Times are milliseconds; `NOW` is the moment of the upgrade.
"""

from collections.abc import Mapping, Sequence
from typing import Any

NOW = 1_800_000_000_000
HOUR = 3_600_000

Row = Mapping[str, Any]


def _event(number: int, **more: Any) -> Row:
    return {"event_id": f"e-{number}", "type": "kyc_session_manual_review", "received_at": NOW - HOUR} | more


def _review(number: int, status: str, **more: Any) -> Row:
    return {
        "session_id": f"s-{number}",
        "entity_type": "user",
        "subject_id": f"u-{number}",
        "queue": "user",
        "checks": '[["IDENTITY", "REFUSED", ["DOCUMENT_EXPIRED"]]]',
        "session_state": "REVIEW",
        "session_event_at": NOW - HOUR,
        "session_event_id": f"e-{number}",
        "status": status,
        "opened_at": NOW - HOUR,
        "version": 1,
    } | more


def _audit(review_id: int | None, sequence: int, action: str, **more: Any) -> Row:
    return {
        "review_id": review_id,
        "sequence": sequence,
        "at": NOW - HOUR,
        "actor": "ralio",
        "action": action,
        "version": sequence,
        "detail": '{"event_id": "e-1"}',
    } | more


def _delivery(kind: str, lane: str, **more: Any) -> Row:
    return {
        "kind": kind,
        "lane": lane,
        "urgency": 1,
        "arguments": "{}",
        "wanted_version": 1,
        "shown_version": 0,
        "wanted_at": NOW - HOUR,
        "due_at": NOW - HOUR,
        "attempts": 0,
    } | more


PENDING, LEASED, HELD = 2, 3, 4
"""The reviews whose new cards wait, were begun by a process that is gone, and are held."""

ROWS: Mapping[int, Mapping[str, Sequence[Row]]] = {
    1: {
        "events": [
            _event(1, session_id="s-1", occurred_at=NOW - HOUR),
            _event(2, session_id="s-2", occurred_at=NOW - HOUR),
            _event(3, type="unknown", error="the body is not JSON", body=b"\x00\xff rubbish"),
        ],
        "reviews": [
            _review(1, "claimed", claimed_by="UANA000001", claimed_at=NOW - 1, version=2),
            _review(PENDING, "open"),
            _review(LEASED, "open", subject_id=None),
            _review(HELD, "open", due_at=NOW + HOUR),
            _review(5, "closed", session_state="VERIFIED", opened_at=None),
            _review(
                6,
                "decided",
                outcome="approve",
                reason="ok",
                note="Zoë & <Bob>",
                decided_by="UANA000001",
                decided_at=NOW - 2,
                confirmed_by="UBEN000001",
                confirmed_at=NOW - 1,
            ),
        ],
        "audit": [
            _audit(1, 1, "receive", to_status="open"),
            _audit(1, 2, "claim", actor="UANA000001", from_status="open", to_status="claimed"),
            _audit(1, 3, "claim", actor="UBEN000001", from_status="claimed", refused="held_by_other"),
            _audit(2, 1, "receive", to_status="open"),
            _audit(None, 1, "claim", actor="UBEN000001", refused="unknown_review"),
        ],
        "deliveries": [
            _delivery(
                "card",
                "update",
                review_id=1,
                channel="C1",
                message_ts="1800000000.000100",
                wanted_version=2,
                shown_version=2,
            ),
            _delivery("card", "post:user", review_id=PENDING),
            _delivery(
                "card",
                "post:user",
                review_id=LEASED,
                channel="C1",
                lease_token="gone",
                unresolved_since=NOW - HOUR - 14_000,
            ),
            _delivery(
                "card",
                "post:user",
                review_id=HELD,
                channel="C1",
                attempts=1,
                last_error="is_archived",
                held_at=NOW - HOUR,
            ),
            _delivery("private_note", "private", urgency=0, channel="C1", recipient="UBEN000001"),
            _delivery("operations_notice", "post:operations", unique_key="held:C1:is_archived:2026-11-24T14"),
        ],
    },
    2: {
        "reviews": [
            _review(
                7,
                "claimed",
                claimed_by="UANA000001",
                claimed_at=NOW - 1,
                escalated_by="UANA000001",
                escalated_at=NOW - 1,
            ),
            _review(
                8,
                "proposed",
                claimed_by="UANA000001",
                claimed_at=NOW - 2,
                outcome="reject",
                decided_by="UANA000001",
                decided_at=NOW - 1,
            ),
        ],
        "deliveries": [_delivery("a_kind_of_later", "private", unique_key="later:1", recipient="UANA000001")],
    },
    3: {
        "audit_purged": [{"last": 1_001, "first": 1_000, "last_seal": "sha256:0a", "purge": 1_002}],
        "holds": [
            {"review_id": 6, "reason": "a complaint", "placed_by": "operator", "placed_at": NOW - HOUR}
        ],
    },
    4: {
        "lookups": [
            {"review_id": 1, "kind": "verdict", "opened_at": NOW - HOUR, "due_at": NOW, "attempts": 1}
        ]
    },
    5: {
        "timers": [
            {"review_id": 1, "kind": "remind", "since": NOW - HOUR, "due_at": NOW + HOUR, "fired_at": NOW - 1}
        ]
    },
    8: {
        "answered_requests": [
            {
                "answered_at": NOW - 1,
                "request_key": "0a" * 16,
                "answer": '{"action": "claim", "session_id": "s-1"}',
            }
        ]
    },
    9: {
        "deliveries": [
            _delivery("decision_webhook", "decisions", review_id=6, unique_key=f"decision:s-6:1:{NOW - HOUR}")
        ]
    },
    17: {
        "repeated_refusals": [
            {
                "newest_at": NOW - 1,
                "first_at": NOW - 2,
                "refusal_key": "0b" * 16,
                "review_id": 1,
                "repeats": 3,
                "entry": '{"actor": "UGINA", "action": "claim", "refused": "guest"}',
            }
        ]
    },
    22: {"reminders": [{"due_at": NOW, "last_at": NOW - HOUR, "queue": "user", "audience": "reviewers"}]},
    16: {"audit_texts": [{"kept_at": NOW - HOUR, "digest": "0a" * 32, "text": "{}"}]},
}


def rows_until(version: int) -> list[tuple[str, Row]]:
    """What fits the schema of this number, each row with its table, in an order that references allow."""
    return [
        (table, row)
        for since in sorted(ROWS)
        if since <= version
        for table, rows in ROWS[since].items()
        for row in rows
    ]
