"""Notifications as they are stored: rows of the first version stay readable, and it can read new ones."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.reviews.action_request import Refused
from bot.reviews.audit_reports import AuditBroken, HeadNoted
from bot.reviews.decision_update import DecisionHeld, DecisionUpdate, UpdateType
from bot.reviews.delivery_problems import CardMoved, DeliveryHeld, EditWindowClosed, PersonUnreachable
from bot.reviews.event_problems import EventQuarantined, VerdictDropped
from bot.reviews.notification_topics import (
    ActionTopic,
)
from bot.reviews.notifications import (
    ActionAnnouncement,
    ActionGranted,
    ActionOutcome,
    ActionRefused,
    ChecksChanged,
    ClaimExpired,
    ConfirmationNeeded,
    DailyDigest,
    HolderDeactivated,
    Notification,
    OpsAlert,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.queue_figures import QueueFigures
from bot.reviews.refused_webhook import RefusedWebhook, WebhookRefused
from bot.reviews.reminders import (
    DirectMessage,
    HolderReminder,
    LeadsReminder,
    OverdueClaims,
    OverdueInQueue,
    QueueReminder,
    ReminderEnded,
    SnoozeEnded,
    SnoozeInterrupted,
    StillOnItQuestion,
    VerdictMissing,
    VerdictMissingForLeads,
)
from bot.reviews.review import Action, Disagreement, EntityType, SessionState, Status
from bot.slack.api.client import Message
from bot.slack.messages.direct_message import direct_message
from bot.slack.messages.ephemeral import action_outcome, card_moved
from bot.slack.messages.home_tab import home_tab
from bot.slack.messages.ops_alert import ops_alert
from bot.slack.messages.review_rows import Reader
from bot.slack.messages.thread_reply import thread_reply
from bot.store.tables.notification_codec import Unreadable, decode, encode
from bot.store.tables.worklist import Worklist
from tests.support.examples import OPENED_AT

Row = dict[str, Any]
STORED: list[Row] = json.loads((Path(__file__).parent / "stored_notifications.json").read_text("utf-8"))
"""One row or more of every kind, as the first version that had it wrote and rendered it."""

REMINDER = (("UANNA",), "session-1", Status.CLAIMED, "UANNA", OPENED_AT)
CLOSED = DecisionUpdate(
    type=UpdateType.CLOSED,
    at=OPENED_AT,
    version=5,
    session_id="session-1",
    entity_type=EntityType.RELATED_PARTY,
    subject_id="subject",
    queue="related-party",
    outcome="reject",
    reason="other",
    decided_by="UANNA",
    decided_at=OPENED_AT,
    confirmed_by="UBORIS",
    confirmed_at=OPENED_AT,
    verdict=SessionState.VERIFIED,
    agrees=False,
)
EVERY_KIND: list[Notification] = [
    *(ActionAnnouncement(topic, "UBORIS", ("UANNA", "SLEADS"), "UANNA", "Wäit.") for topic in ActionTopic),
    ActionAnnouncement(ActionTopic.RELEASED, "UBORIS", ("UANNA",), None),
    SessionClosed(("UANNA",), SessionState.EXPIRED),
    VerdictDisagrees(("ULEA",), SessionState.REJECTED, Disagreement.CONTRADICTS, "approve"),
    VerdictDisagrees((), SessionState.REJECTED, Disagreement.UNDECIDED, None),
    VerdictDisagrees(
        ("UANNA",),
        SessionState.VERIFIED,
        Disagreement.CONTRADICTS_PROPOSAL,
        "reject",
        "suspicious",
        "UANNA",
        is_proposal=True,
        was_reopened=True,
    ),
    ChecksChanged(("UANNA",)),
    ReminderEnded(("UANNA",), "session-1", Action.REASSIGN, "ULEA", "UBORIS", SessionState.REVIEW),
    ReminderEnded(("UANNA",), "session-1", Action.CLOSE, "ralio", None, SessionState.EXPIRED),
    VerdictDisagrees((), SessionState.VERIFIED, Disagreement.CONTRADICTS, "reject", recorded_afterwards=True),
    ProposalWithdrawn(("UANNA", "SLEADS"), "UANNA"),
    ConfirmationNeeded(("UBORIS", "SLEADS"), "UANNA", OPENED_AT, "reject", "suspicious"),
    ConfirmationNeeded((), "UANNA", OPENED_AT, "approve"),
    ClaimExpired(("UANNA",), "session-1"),
    QueueReminder((), "session-1", Status.OPEN, None, None),
    LeadsReminder(*REMINDER),
    HolderReminder(*REMINDER),
    StillOnItQuestion(*REMINDER),
    SnoozeEnded(*REMINDER),
    VerdictMissing(*REMINDER),
    VerdictMissingForLeads(*REMINDER),
    SnoozeInterrupted(*REMINDER),
    OverdueInQueue("related-party", ("reviewers", "leads")),
    OverdueClaims("user", "UANNA"),
    ActionGranted(Action.RELEASE, "session-1"),
    ActionRefused(Refused.NONE_LEFT, Action.CLAIM),
    ActionRefused(Refused.NOT_A_REVIEWER, None),
    ActionRefused(
        Refused.CANNOT_GIVE_TO,
        Action.REASSIGN,
        session_id="session-1",
        queue="user",
        status=Status.CLAIMED,
        holder="UANNA",
        claimed_at=OPENED_AT,
        proposer="UBORIS",
        escalated_by="UDAN",
        target="UNEW",
        reviewers=("UANNA", "UBORIS"),
        leads=("ULEA",),
    ),
    EventQuarantined("the body is not JSON"),
    EventQuarantined("the body is not JSON", 42),
    DeliveryHeld("C1", "is_archived"),
    DeliveryHeld(None, "no_channel_configured"),
    VerdictDropped("session-1", SessionState.VERIFIED),
    HeadNoted("9:0a1b2c3d:0b", "2026-11-29", follows=False),
    AuditBroken(4, "it is missing: removed"),
    EditWindowClosed("C1"),
    EditWindowClosed(None),
    PersonUnreachable("UANNA", "user_disabled"),
    CardMoved("session-1", "C2", "1773765688.000100"),
    HolderDeactivated(("ULEA",), "session-1", "UANNA"),
    *(WebhookRefused(topic, "/wrong") for topic in RefusedWebhook),
    DailyDigest("related-party"),
    DailyDigest("user", QueueFigures(3, 2, 1, 4)),
    DecisionHeld("http_410"),
    replace(
        CLOSED, type=UpdateType.REOPENED, subject_id=None, outcome=None, decided_by=None, decided_at=None
    ),
    replace(CLOSED, confirmed_by=None, confirmed_at=None, verdict=None, agrees=None),
    replace(CLOSED, shares_note=True),
    replace(CLOSED, shares_note=True, note="Wäit."),
    CLOSED,
]

LATER_KINDS = {
    ReminderEnded,
    HeadNoted,
    AuditBroken,
    OverdueInQueue,
    OverdueClaims,
    VerdictMissing,
    VerdictMissingForLeads,
    SnoozeEnded,
    SnoozeInterrupted,
    DecisionHeld,
    DecisionUpdate,
    ChecksChanged,
    ProposalWithdrawn,
    ConfirmationNeeded,
}
LATER_TOPICS = {ActionTopic.WITHDRAWN, ActionTopic.NOTE_ADDED}
"""What the first version did not know."""


def _rendered(row: Row, notification: Notification | None) -> Message:
    key = row["unique_key"]
    match row["kind"]:
        case "thread_note":
            assert isinstance(notification, ThreadReply)
            return thread_reply(key, notification, "s-1")
        case "direct_message":
            assert isinstance(notification, DirectMessage)
            return direct_message(key, notification, "https://team.example.com/archives/C1/p1")
        case "operations_notice":
            assert isinstance(notification, OpsAlert)
            return ops_alert(key, notification)
        case _ if isinstance(notification, CardMoved):
            return card_moved(notification, "")
        case _:
            assert isinstance(notification, ActionOutcome)
            return action_outcome(notification)


MESSAGES = [row for row in STORED if row["kind"] not in ("home", "digest")]
HOME_TABS = [row for row in STORED if row["kind"] == "home"]


@pytest.mark.parametrize("row", MESSAGES)
def test_a_stored_message_of_the_first_version_still_reads_well(row: Row) -> None:
    """An upgrade loses no message that waits; it is sent in the words of this version."""
    notification = decode(row["arguments"])
    assert not isinstance(notification, Unreadable)
    message = _rendered(row, notification)
    assert message.text == row["rendered"]["text"]
    assert list(message.blocks) == row["rendered"]["blocks"]
    assert message.metadata == row["rendered"]["metadata"]


@pytest.mark.parametrize("row", HOME_TABS)
def test_a_stored_home_tab_of_the_first_version_still_reads_well(row: Row) -> None:
    """Claimed, refused, and opened without any action."""
    outcome = decode(row["arguments"])
    assert outcome is None or isinstance(outcome, ActionOutcome)
    reader = Reader("UANNA", {}, "https://team.example.com/", OPENED_AT, ("user",))
    view = home_tab(Worklist(counts={}), reader, outcome)
    assert view == row["rendered"]


def test_a_stored_digest_of_the_first_version_names_its_queue() -> None:
    """Its numbers are read when it is sent."""
    (row,) = [row for row in STORED if row["kind"] == "digest"]
    assert decode(row["arguments"]) == DailyDigest("user")


def test_the_stored_rows_are_of_every_kind_of_notification() -> None:
    """A kind without a row would prove nothing."""
    kinds = {type(decode(row["arguments"])) for row in STORED}
    assert kinds == {*get_args(Notification), type(None)} - LATER_KINDS
    topics = {json.loads(row["arguments"]).get("topic") for row in STORED}
    assert topics >= {topic.value for topic in set(ActionTopic) - LATER_TOPICS}


@pytest.mark.parametrize("notification", [None, *EVERY_KIND])
def test_what_is_stored_comes_back_as_it_was(notification: Notification | None) -> None:
    """Nothing is lost on the way."""
    assert decode(encode(notification)) == notification


def test_every_kind_of_notification_is_stored() -> None:
    """None is forgotten."""
    assert {type(each) for each in EVERY_KIND} == set(get_args(Notification))


NEEDED_BY_KIND = {
    "thread_note": {"topic", "by", "to", "words"},
    "direct_message": {"topic", "session_id", "status", "holder", "due_at"},
    "private_note": {"action", "session_id"},
    "home": {"action", "session_id"},
    "operations_notice": {"what", "error"},
    "digest": {"queue"},
}


@pytest.mark.parametrize("row", [row for row in STORED if row["arguments"] != "{}"])
def test_the_first_version_finds_every_key_that_it_reads(row: Row) -> None:
    """After a rollback, what this version queued is delivered."""
    notification = decode(row["arguments"])
    assert not isinstance(notification, Unreadable)
    before, now = json.loads(row["arguments"]), json.loads(encode(notification))
    unused = {"opened_at", "queue", "disagreement", "outcome", "session_state", "status", "holder", "due_at"}
    unused |= {"session_id", "since", "maker", "escalated_by", "to", "may", "leads"}
    assert NEEDED_BY_KIND[row["kind"]] <= now.keys()
    assert before.keys() - now.keys() <= unused - NEEDED_BY_KIND[row["kind"]]
    assert {key: now[key] for key in now.keys() & before.keys()} == {
        key: before[key] for key in now.keys() & before.keys()
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "not an object"),
        ('"topic"', "not an object"),
        ('{"kind": "new"}', "unknown kind"),
        ('{"topic": "danced", "to": [], "by": null, "words": null}', "topic"),
        ('{"topic": ["closed"]}', "topic"),
        ('{"topic": "closed", "to": [], "session_state": "LOST"}', "session_state"),
        ('{"topic": "closed", "to": "UANNA", "session_state": "VERIFIED"}', "to"),
        ('{"topic": "closed", "to": [1], "session_state": "VERIFIED"}', "to"),
        ('{"topic": "sent_back", "to": []}', "by"),
        (
            '{"topic": "remind_queue", "to": [], "session_id": "s", "status": "open", "due_at": "soon"}',
            "due_at",
        ),
        ('{"why": "new_reason", "action": "claim"}', "why"),
        ('{"why": "none_left", "action": "dance"}', "action"),
        ('{"action": "claim", "session_id": null}', "session_id"),
        ('{"what": "on_fire", "error": "x"}', "what"),
        ('{"what": "held:C1:x"}', "error"),
        ('{"queue": null}', "queue"),
        ('{"overdue_in": "user", "audiences": "leads"}', "audiences"),
        ('{"decision": "review.lost"}', "decision"),
        ('{"decision": "review.closed", "at": "now"}', "at"),
        ('{"decision": "review.closed", "at": 1, "version": null}', "version"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, problem: str) -> None:
    """It raises nothing: one bad row must not stop the others."""
    assert decode(text) == Unreadable(problem)
