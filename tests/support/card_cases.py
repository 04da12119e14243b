"""Cards of every state, and the longest of each: for what is rendered, its limits, and what it looks like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.reviews.audit.entry import BOT, OVERDUE, RALIO, AuditEntry
from bot.reviews.checks import Check, Checks
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.review import (
    Action,
    Disagreement,
    EarlierDecision,
    Review,
    SessionState,
    Status,
)
from bot.slack.api.client import Message
from bot.slack.messages.card import card
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import EarlierReviews
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    DECIDED,
    ESCALATED,
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    MINUTE,
    MOST,
    NAMED,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RELATED_PARTY,
    RULES,
    SNOOZED,
    VERIFIED,
)

PORTAL = "https://portal.example.com/sessions/{session_id}?subject={subject_id}&tab=kyc"


def _said(minutes: int, state: SessionState, before: Status | None, after: Status) -> AuditEntry:
    action = Action.RECEIVE if state is SessionState.REVIEW else Action.CLOSE
    detail = {"event_id": f"event-{minutes}", "session_state": state.value}
    return AuditEntry(OPENED_AT + minutes * MINUTE, RALIO, action, before, after, minutes + 1, detail=detail)


def _did(
    minutes: int, person: str, action: Action, before: Status, after: Status, **detail: str
) -> AuditEntry:
    return AuditEntry(OPENED_AT + minutes * MINUTE, person, action, before, after, minutes + 1, detail=detail)


RECEIVED = _said(0, SessionState.REVIEW, None, Status.OPEN)
CLAIM = _did(1, "UANNA", Action.CLAIM, Status.OPEN, Status.CLAIMED)
PROPOSAL = _did(2, "UANNA", Action.PROPOSE, Status.CLAIMED, Status.PROPOSED, outcome="reject")
CONFIRMATION = _did(3, "UBORIS", Action.CONFIRM, Status.PROPOSED, Status.DECIDED)
VERDICT = _said(4, SessionState.VERIFIED, Status.DECIDED, Status.CLOSED)

CHECKS = Checks.of(
    [
        Check("document-verification", "validated"),
        Check("face-matching", "refused", ("LOW_CONFIDENCE", "KYC.FACE.NO_MATCH")),
        Check("liveness", ""),
    ]
)
THIRTY = Checks.of(
    [
        *(Check(f"validated-{n}", "validated") for n in range(25)),
        *(Check(f"refused-{n}", "refused", tuple(f"CODE_{c}" for c in range(25))) for n in range(5)),
    ]
)
LONG = Checks((Check("&" * 80, "<" * 80, (">" * 80,) * 10),) * 20, 7)
CLOSED = OPEN._replace(status=Status.CLOSED, session_state=SessionState.REJECTED)
CLOSED_OVER_A_PROPOSAL = PROPOSED._replace(
    status=Status.CLOSED,
    session_state=SessionState.VERIFIED,
    claimed_by=None,
    disagreement=Disagreement.CONTRADICTS_PROPOSAL,
)
RECORDED = CLOSED._replace(
    outcome="approve",
    note="Ok.",
    decided_by="UANNA",
    decided_at=OPENED_AT + 5 * MINUTE,
    recorded_afterwards=True,
    disagreement=Disagreement.CONTRADICTS,
)
EARLIER = EarlierDecision("approve", None, None, "UANNA", OPENED_AT, "UBORIS", OPENED_AT)
WITHDRAWAL = AuditEntry(
    OPENED_AT + 3 * MINUTE,
    BOT,
    Action.WITHDRAW,
    Status.PROPOSED,
    Status.CLAIMED,
    5,
    detail={"because": "checks_changed"},
)


@dataclass(frozen=True)
class Case:
    """A review with its newest changes, oldest first."""

    review: Review
    history: Sequence[AuditEntry] = ()
    portal_url_template: str = ""
    rules: Policy = RULES
    now: int = 0
    earlier: EarlierReviews | None = None

    def message(self) -> Message:
        """The case's card."""
        return card(
            self.review,
            self.history,
            self.rules,
            self.portal_url_template,
            self.now,
            self.earlier,
            "https://team.example.com/",
        )


def earlier(count: int, last: Review, message_ts: str | None = "1773765688.000001") -> EarlierReviews:
    """So many earlier reviews, and the last of them with its card."""
    return EarlierReviews(count, ListedReview(last, "CUSER00001", message_ts))


REJECTED_BEFORE = VERIFIED._replace(
    session_state=SessionState.REJECTED, session_event_at=1_762_200_000_000, id=7
)

LONG_ENTRY = _did(
    1, LONGEST_ID, Action.REASSIGN, Status.CLAIMED, Status.CLAIMED, to="S" + LONGEST_ID[1:], words="&" * 1_000
)
OVERDUE_AT = OPENED_AT + 60 * MINUTE
SNOOZE = AuditEntry(
    OPENED_AT + 2 * MINUTE,
    "UANNA",
    Action.SNOOZE,
    Status.CLAIMED,
    Status.CLAIMED,
    3,
    detail={"until": "2026-03-19T16:41:28+00:00", "reason": "proof_of_address", "words": "Sent a form."},
)
CASES = {
    "open": Case(OPEN, [RECEIVED]),
    "open_mentioning_the_reviewers": Case(OPEN, [RECEIVED], rules=replace(NAMED, mentions_reviewers=True)),
    "sent_by_send_test": Case(OPEN._replace(session_id=f"send-test-{OPEN.session_id}"), [RECEIVED]),
    "due": Case(OPEN._replace(due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT - 1),
    "open_overdue": Case(
        OPEN._replace(checks=CHECKS, due_at=OVERDUE_AT),
        [RECEIVED, AuditEntry(OVERDUE_AT, BOT, OVERDUE, Status.OPEN, Status.OPEN, 2)],
        now=OVERDUE_AT,
    ),
    "proposed_due": Case(
        PROPOSED._replace(checks=CHECKS, due_at=OVERDUE_AT),
        [RECEIVED, CLAIM, PROPOSAL],
        rules=NAMED,
        now=OVERDUE_AT - 1,
    ),
    "proposed_overdue": Case(
        PROPOSED._replace(checks=CHECKS, due_at=OVERDUE_AT),
        [RECEIVED, CLAIM, PROPOSAL],
        rules=NAMED,
        now=OVERDUE_AT,
    ),
    "overdue": Case(
        CLAIMED._replace(due_at=OVERDUE_AT),
        [RECEIVED, CLAIM, AuditEntry(OVERDUE_AT, BOT, OVERDUE, Status.CLAIMED, Status.CLAIMED, 3)],
        now=OVERDUE_AT,
    ),
    "closed_contradicting": Case(
        VERIFIED._replace(disagreement=Disagreement.CONTRADICTS),
        [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION, VERDICT],
    ),
    "closed_undecided": Case(
        OPEN._replace(
            status=Status.CLOSED,
            session_state=SessionState.REJECTED,
            disagreement=Disagreement.UNDECIDED,
        ),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "claimed": Case(CLAIMED, [RECEIVED, CLAIM]),
    "decided_verdict_expected": Case(DECIDED._replace(due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT - 1),
    "decided_verdict_missing": Case(DECIDED._replace(due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT),
    "snoozed": Case(SNOOZED._replace(due_at=OVERDUE_AT), [RECEIVED, CLAIM, SNOOZE], now=OVERDUE_AT - 1),
    "escalated": Case(
        ESCALATED,
        [RECEIVED, CLAIM, _did(2, "UANNA", Action.ESCALATE, Status.CLAIMED, Status.CLAIMED)],
        rules=NAMED,
    ),
    "proposed": Case(PROPOSED, [RECEIVED, CLAIM, PROPOSAL]),
    "proposed_where_people_are_named": Case(PROPOSED, [RECEIVED, CLAIM, PROPOSAL], rules=NAMED),
    "decided": Case(
        DECIDED,
        [
            RECEIVED,
            CLAIM,
            _did(2, "UANNA", Action.RESOLVE, Status.CLAIMED, Status.DECIDED, outcome="approve"),
        ],
    ),
    "decided_by_what_is_no_longer_configured": Case(
        CONFIRMED, [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION], rules=Policy()
    ),
    "decided_by_two": Case(CONFIRMED, [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION]),
    "closed_verified": Case(VERIFIED, [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION, VERDICT]),
    "closed_rejected": Case(
        OPEN._replace(status=Status.CLOSED, session_state=SessionState.REJECTED),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_expired": Case(
        OPEN._replace(status=Status.CLOSED, session_state=SessionState.EXPIRED),
        [RECEIVED, _said(4, SessionState.EXPIRED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_before_it_was_in_review": Case(
        OPEN._replace(status=Status.CLOSED, session_state=SessionState.VERIFIED, opened_at=None),
        [_said(0, SessionState.VERIFIED, None, Status.CLOSED)],
    ),
    "received_again_and_reopened": Case(
        OPEN,
        [
            _said(1, SessionState.REVIEW, Status.OPEN, Status.OPEN),
            _said(2, SessionState.EXPIRED, Status.OPEN, Status.CLOSED),
            _said(3, SessionState.REVIEW, Status.CLOSED, Status.OPEN),
        ],
    ),
    "released_sent_back_reopened": Case(
        OPEN,
        [
            _did(1, "ULEA", Action.RELEASE, Status.CLAIMED, Status.OPEN),
            _did(2, "UBORIS", Action.SEND_BACK, Status.PROPOSED, Status.CLAIMED, words="Look\nagain."),
            _did(3, "UANNA", Action.REOPEN, Status.DECIDED, Status.OPEN, words="*New* <facts>"),
        ],
    ),
    "handed_over": Case(
        CLAIMED._replace(claimed_by="ULEA"),
        [
            CLAIM,
            _did(2, "UANNA", Action.REASSIGN, Status.CLAIMED, Status.CLAIMED, to="UBORIS"),
            _did(3, "ULEA", Action.TAKE_OVER, Status.CLAIMED, Status.CLAIMED, words="Boris is away."),
        ],
    ),
    "long_history": Case(
        OPEN, [_said(minutes, SessionState.REVIEW, Status.OPEN, Status.OPEN) for minutes in range(9)]
    ),
    "without_history": Case(OPEN),
    "earlier_reviews": Case(OPEN, [RECEIVED], earlier=earlier(2, REJECTED_BEFORE)),
    "related_party": Case(RELATED_PARTY, [RECEIVED]),
    "unknown_subject": Case(OPEN._replace(subject_id=None), [RECEIVED]),
    "unknown_related_party": Case(RELATED_PARTY._replace(subject_id=None), [RECEIVED]),
    "checks": Case(OPEN._replace(checks=CHECKS), [RECEIVED]),
    "unreadable_parts": Case(OPEN._replace(checks=CHECKS, unreadable=True), [RECEIVED]),
    "too_many_checks": Case(
        OPEN._replace(
            checks=Checks.of((Check(f"check-{n}", "refused", ("C" * 40,) * 3) for n in range(20)), 7),
        )
    ),
    "too_long_checks": Case(OPEN._replace(checks=LONG)),
    "thirty_checks": Case(OPEN._replace(checks=THIRTY), [RECEIVED]),
    "verdict_checks": Case(
        CLOSED._replace(
            checks=CHECKS,
            verdict_checks=Checks((Check("document", "refused", ("FORGED",)),)),
            disagreement=Disagreement.UNDECIDED,
        ),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "proposal_withdrawn": Case(
        CLAIMED._replace(checks=CHECKS),
        [PROPOSAL, _said(3, SessionState.REVIEW, Status.PROPOSED, Status.PROPOSED), WITHDRAWAL],
    ),
    "closed_over_a_proposal": Case(
        CLOSED_OVER_A_PROPOSAL,
        [RECEIVED, CLAIM, PROPOSAL, _said(4, SessionState.VERIFIED, Status.PROPOSED, Status.CLOSED)],
    ),
    "closed_over_a_proposal_that_agrees": Case(
        PROPOSED._replace(
            status=Status.CLOSED,
            session_state=SessionState.REJECTED,
            claimed_by=None,
            disagreement=Disagreement.UNCONFIRMED,
        ),
        [RECEIVED, CLAIM, PROPOSAL, _said(4, SessionState.REJECTED, Status.PROPOSED, Status.CLOSED)],
    ),
    "closed_recorded_afterwards": Case(
        RECORDED,
        [
            RECEIVED,
            _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED),
            _did(
                5,
                "UANNA",
                Action.RECORD_DECISION,
                Status.CLOSED,
                Status.CLOSED,
                outcome="approve",
                note="Ok.",
            ),
        ],
    ),
    "noted": Case(
        CLAIMED,
        [CLAIM, _did(2, "UBORIS", Action.ADD_NOTE, Status.CLAIMED, Status.CLAIMED, note="*Seen* <before>")],
    ),
    "closed_after_a_reopening": Case(
        CLOSED._replace(earlier_decision=EARLIER, disagreement=Disagreement.CONTRADICTS_EARLIER),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "portal_link": Case(OPEN, [RECEIVED], PORTAL),
    "portal_link_needs_an_unknown_subject": Case(OPEN._replace(subject_id=None), [RECEIVED], PORTAL),
    "portal_link_without_subject": Case(
        OPEN._replace(subject_id=None), [RECEIVED], "https://portal.example.com/sessions/{session_id}"
    ),
    "hostile_texts": Case(
        PROPOSED._replace(
            subject_id=HOSTILE,
            outcome=HOSTILE,
            reason=HOSTILE,
            note=HOSTILE,
            decided_by=HOSTILE,
            checks=Checks((Check(HOSTILE, HOSTILE, (HOSTILE,)),)),
            verdict_checks=Checks((Check(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE),)),
        ),
        [
            _did(1, HOSTILE, Action.REASSIGN, Status.CLAIMED, Status.CLAIMED, to=HOSTILE, words=HOSTILE),
            _did(2, HOSTILE, Action.PROPOSE, Status.CLAIMED, Status.PROPOSED, outcome=HOSTILE),
        ],
        PORTAL,
        Policy(Roster(reviewers=frozenset({HOSTILE}))),
    ),
}
LIMITS = {
    "proposed": Case(
        LONGEST._replace(checks=LONG),
        [LONG_ENTRY] * 5,
        PORTAL,
        MOST,
    ),
    "claimed": Case(LONGEST._replace(status=Status.CLAIMED), [LONG_ENTRY] * 5, PORTAL, MOST),
    "decided": Case(
        LONGEST._replace(status=Status.DECIDED, confirmed_by=LONGEST_ID), [LONG_ENTRY] * 5, PORTAL, MOST
    ),
    "closed": Case(
        LONGEST._replace(
            status=Status.CLOSED,
            session_state=SessionState.VERIFIED,
            confirmed_by=LONGEST_ID,
            checks=LONG,
            verdict_checks=LONG,
        ),
        [LONG_ENTRY] * 5,
        PORTAL,
        MOST,
    ),
    "closed_after_a_reopening": Case(
        CLOSED._replace(
            session_id=LONGEST.session_id,
            earlier_decision=EarlierDecision("&" * 30, "<" * 30, "&" * 1_000, LONGEST_ID),
        ),
        [LONG_ENTRY] * 5,
        PORTAL,
        MOST,
    ),
}
