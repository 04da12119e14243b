"""The card, as golden files: one per case, compared whole. UPDATE_GOLDEN=1 writes them again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
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
from bot.slack.messages.card import FALLBACK_LENGTH, card, card_key
from bot.slack.messages.card_checks import CHECKS_LENGTH
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import LISTED, EarlierReviews
from tests.support import golden
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
    formatted_texts,
    is_harmless,
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
CLOSED = replace(OPEN, status=Status.CLOSED, session_state=SessionState.REJECTED)
CLOSED_OVER_A_PROPOSAL = replace(
    PROPOSED,
    status=Status.CLOSED,
    session_state=SessionState.VERIFIED,
    claimed_by=None,
    disagreement=Disagreement.CONTRADICTS_PROPOSAL,
)
RECORDED = replace(
    CLOSED,
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


def _earlier(count: int, last: Review, message_ts: str | None = "1773765688.000001") -> EarlierReviews:
    return EarlierReviews(count, ListedReview(last, "CUSER00001", message_ts))


REJECTED_BEFORE = replace(
    VERIFIED, session_state=SessionState.REJECTED, session_event_at=1_762_200_000_000, id=7
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
    "sent_by_send_test": Case(replace(OPEN, session_id=f"send-test-{OPEN.session_id}"), [RECEIVED]),
    "due": Case(replace(OPEN, due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT - 1),
    "overdue": Case(
        replace(CLAIMED, due_at=OVERDUE_AT),
        [RECEIVED, CLAIM, AuditEntry(OVERDUE_AT, BOT, OVERDUE, Status.CLAIMED, Status.CLAIMED, 3)],
        now=OVERDUE_AT,
    ),
    "closed_contradicting": Case(
        replace(VERIFIED, disagreement=Disagreement.CONTRADICTS),
        [RECEIVED, CLAIM, PROPOSAL, CONFIRMATION, VERDICT],
    ),
    "closed_undecided": Case(
        replace(
            OPEN,
            status=Status.CLOSED,
            session_state=SessionState.REJECTED,
            disagreement=Disagreement.UNDECIDED,
        ),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "claimed": Case(CLAIMED, [RECEIVED, CLAIM]),
    "decided_verdict_expected": Case(replace(DECIDED, due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT - 1),
    "decided_verdict_missing": Case(replace(DECIDED, due_at=OVERDUE_AT), [RECEIVED], now=OVERDUE_AT),
    "snoozed": Case(replace(SNOOZED, due_at=OVERDUE_AT), [RECEIVED, CLAIM, SNOOZE], now=OVERDUE_AT - 1),
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
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.REJECTED),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_expired": Case(
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.EXPIRED),
        [RECEIVED, _said(4, SessionState.EXPIRED, Status.OPEN, Status.CLOSED)],
    ),
    "closed_before_it_was_in_review": Case(
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.VERIFIED, opened_at=None),
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
        replace(CLAIMED, claimed_by="ULEA"),
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
    "earlier_reviews": Case(OPEN, [RECEIVED], earlier=_earlier(2, REJECTED_BEFORE)),
    "related_party": Case(RELATED_PARTY, [RECEIVED]),
    "unknown_subject": Case(replace(OPEN, subject_id=None), [RECEIVED]),
    "unknown_related_party": Case(replace(RELATED_PARTY, subject_id=None), [RECEIVED]),
    "checks": Case(replace(OPEN, checks=CHECKS), [RECEIVED]),
    "unreadable_parts": Case(replace(OPEN, checks=CHECKS, unreadable=True), [RECEIVED]),
    "too_many_checks": Case(
        replace(
            OPEN,
            checks=Checks.of((Check(f"check-{n}", "refused", ("C" * 40,) * 3) for n in range(20)), 7),
        )
    ),
    "too_long_checks": Case(replace(OPEN, checks=LONG)),
    "thirty_checks": Case(replace(OPEN, checks=THIRTY), [RECEIVED]),
    "verdict_checks": Case(
        replace(
            CLOSED,
            checks=CHECKS,
            verdict_checks=Checks((Check("document", "refused", ("FORGED",)),)),
            disagreement=Disagreement.UNDECIDED,
        ),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "proposal_withdrawn": Case(
        replace(CLAIMED, checks=CHECKS),
        [PROPOSAL, _said(3, SessionState.REVIEW, Status.PROPOSED, Status.PROPOSED), WITHDRAWAL],
    ),
    "closed_over_a_proposal": Case(
        CLOSED_OVER_A_PROPOSAL,
        [RECEIVED, CLAIM, PROPOSAL, _said(4, SessionState.VERIFIED, Status.PROPOSED, Status.CLOSED)],
    ),
    "closed_over_a_proposal_that_agrees": Case(
        replace(
            PROPOSED,
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
        replace(CLOSED, earlier_decision=EARLIER, disagreement=Disagreement.CONTRADICTS_EARLIER),
        [RECEIVED, _said(4, SessionState.REJECTED, Status.OPEN, Status.CLOSED)],
    ),
    "portal_link": Case(OPEN, [RECEIVED], PORTAL),
    "portal_link_needs_an_unknown_subject": Case(replace(OPEN, subject_id=None), [RECEIVED], PORTAL),
    "portal_link_without_subject": Case(
        replace(OPEN, subject_id=None), [RECEIVED], "https://portal.example.com/sessions/{session_id}"
    ),
    "hostile_texts": Case(
        replace(
            PROPOSED,
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
        replace(LONGEST, checks=LONG),
        [LONG_ENTRY] * 5,
        PORTAL,
        MOST,
    ),
    "claimed": Case(replace(LONGEST, status=Status.CLAIMED), [LONG_ENTRY] * 5, PORTAL, MOST),
    "decided": Case(
        replace(LONGEST, status=Status.DECIDED, confirmed_by=LONGEST_ID), [LONG_ENTRY] * 5, PORTAL, MOST
    ),
    "closed": Case(
        replace(
            LONGEST,
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
        replace(
            CLOSED,
            session_id=LONGEST.session_id,
            earlier_decision=EarlierDecision("&" * 30, "<" * 30, "&" * 1_000, LONGEST_ID),
        ),
        [LONG_ENTRY] * 5,
        PORTAL,
        MOST,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_card_is_exactly_as_on_file(name: str) -> None:
    """A change of the card changes the file, so the diff shows it."""
    assert golden.on_file(f"card_{name}", asdict(CASES[name].message()))


def test_every_file_has_its_case() -> None:
    """A file that nothing is compared with would prove nothing."""
    assert golden.names("card_") == {f"card_{name}" for name in CASES}


@pytest.mark.parametrize("case", [*CASES.values(), *LIMITS.values()], ids=[*CASES, *LIMITS])
def test_slack_accepts_every_card(case: Case) -> None:
    """It keeps all rules and limits for blocks, checked independently of slack_sdk, with text to spare."""
    message = case.message()
    blocks = list(message.blocks)
    assert block_problems(blocks) == []
    assert all_text_length(blocks) + len(message.text) < 12_000
    assert len(message.text) <= FALLBACK_LENGTH
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(blocks)])


def _elements(review: Review) -> list[tuple[str, str]]:
    rows = [block for block in card(review, [], RULES).blocks if block["type"] == "actions"]
    assert all(row["block_id"] == f"review:{review.session_id}" for row in rows)
    return [
        (element["text"]["text"], element["value"])
        if element["type"] == "button"
        else (element["action_id"], ", ".join(option["text"]["text"] for option in element["options"]))
        for row in rows
        for element in row["elements"]
    ]


SESSION = OPEN.session_id


@pytest.mark.parametrize(
    ("review", "elements"),
    [
        (OPEN, [("Claim", f"{SESSION}@{OPEN.revision}")]),
        (
            CLAIMED,
            [
                ("Resolve", SESSION),
                ("Release", f"{SESSION}@{CLAIMED.revision}"),
                ("review_more", "Reassign, Take over, Escalate, Snooze, Add note"),
            ],
        ),
        (
            SNOOZED,
            [
                ("Resolve", SESSION),
                ("Release", f"{SESSION}@{SNOOZED.revision}"),
                ("review_more", "Reassign, Take over, Escalate, Resume, Add note"),
            ],
        ),
        (
            PROPOSED,
            [
                ("Confirm", f"{SESSION}@{PROPOSED.revision}"),
                ("Send back", SESSION),
                ("review_more", "Withdraw, Add note"),
            ],
        ),
        (CONFIRMED, [("Reopen", SESSION), ("review_more", "Add note")]),
        (VERIFIED, []),
        (CLOSED, [("Record decision", SESSION)]),
        (CLOSED_OVER_A_PROPOSAL, [("Record decision", SESSION)]),
        (RECORDED, []),
        (replace(CLOSED, opened_at=None), []),
    ],
)
def test_buttons_carry_the_session(review: Review, elements: list[tuple[str, str]]) -> None:
    """A click says which action on which session; Claim, Release and Confirm also say what the person saw."""
    assert _elements(review) == elements


@pytest.mark.parametrize(
    ("review", "fallback"),
    [
        (OPEN, "open since 2026-03-17 16:41 UTC, nobody has claimed it yet."),
        (replace(OPEN, opened_at=None), "open, nobody has claimed it yet."),
        (CLAIMED, "claimed by <@UANNA>."),
        (
            SNOOZED,
            "claimed by <@UANNA>. Snoozed until 2026-03-19 16:41 UTC (Waiting for proof of address).",
        ),
        (ESCALATED, "claimed by <@UANNA>. Escalated to the leads by <@UANNA>."),
        (
            PROPOSED,
            (
                "Reject (Document expired), proposed by <@UANNA>. A second person has to confirm it: "
                "<!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>. Note: Typed by a person."
            ),
        ),
        (
            CONFIRMED,
            "Reject (Document expired), decided by <@UANNA>, confirmed by <@UBORIS>. Note: Typed by a person.",
        ),
        (DECIDED, "Approve, decided by <@UANNA>."),
        (
            VERIFIED,
            (
                "closed: Ralio verified this session; <@UANNA> had decided Reject (Document expired), "
                "confirmed by <@UBORIS>. Note: Typed by a person."
            ),
        ),
        (
            replace(OPEN, status=Status.CLOSED, session_state=SessionState.REJECTED),
            "closed: Ralio rejected this session.",
        ),
        (
            replace(OPEN, status=Status.CLOSED, session_state=SessionState.EXPIRED),
            "closed: this session expired.",
        ),
    ],
)
def test_the_fallback_says_it_all(review: Review, fallback: str) -> None:
    """What it is, which session and its state: notifications and screen readers use nothing else."""
    begin = "Manual review of a user · #42, session 5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10: "
    assert card(review, [], NAMED).text == begin + fallback


def test_the_fallback_names_the_queue() -> None:
    """A related party's review reads as one."""
    assert card(RELATED_PARTY, [], RULES).text.startswith("Manual review of a related party · #42, session ")


def test_confirm_asks_first_and_names_the_outcome() -> None:
    """Slack shows the dialog; the longest labels still fit into it."""
    for review, rules in ((PROPOSED, RULES), (LONGEST, MOST)):
        (actions,) = [block for block in card(review, [], rules).blocks if block["type"] == "actions"]
        dialogs = [element["confirm"] for element in actions["elements"] if "confirm" in element]
        assert [dialog["confirm"]["text"] for dialog in dialogs] == ["Confirm"]
        assert len(dialogs[0]["text"]["text"]) <= 300
    (dialog,) = [
        element["confirm"]
        for block in card(PROPOSED, [], RULES).blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "review_confirm"
    ]
    assert dialog["text"]["text"] == "*Reject* (Document expired), proposed by <@UANNA>."


def test_a_note_is_shown_as_it_was_typed() -> None:
    """Plain text cannot hide formatting, a mention or an emoji."""
    note = "*bold* <!channel> :smile:\n> & more"
    blocks = list(card(replace(PROPOSED, note=note), [], RULES).blocks)
    (section,) = [block for block in blocks if note in str(block.get("text", {}).get("text"))]
    assert section["text"] == {"type": "plain_text", "text": note, "emoji": False}


def test_the_proposer_is_not_among_the_people_who_can_confirm() -> None:
    """The card asks the others."""
    headline = card(PROPOSED, [], NAMED).blocks[1]["text"]["text"]
    assert headline.endswith("confirm it: <!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>.")


def test_a_card_is_found_by_its_session() -> None:
    """The key is the same in every status of the review."""
    keys = {card(review, [], RULES).metadata["event_payload"]["key"] for review in (OPEN, CLAIMED, VERIFIED)}
    assert keys == {card_key(OPEN)} == {f"card:{OPEN.session_id}"}


@pytest.mark.parametrize("name", ["too_many_checks", "too_long_checks"])
def test_checks_that_do_not_fit_are_counted(name: str) -> None:
    """Only whole lines, and no more than the section can hold."""
    texts = [block["text"]["text"] for block in CASES[name].message().blocks if "text" in block]
    (checks,) = [text for text in texts if text.startswith("*Automatic checks*")]
    *shown, last = checks.splitlines()[1:]
    assert shown
    assert last == f"• and {20 + 7 - len(shown)} more"
    assert len(checks) <= CHECKS_LENGTH + 20


LINK = "https://team.example.com/archives/CUSER00001/p1773765688000001"
NOVEMBER = "<!date^1762200000^{date_short_pretty}|2025-11-03>"
MARCH = f"<!date^{OPENED_AT // 1000}^{{date_short_pretty}}|2026-03-17>"


@pytest.mark.parametrize(
    ("earlier", "line"),
    [
        (_earlier(1, REJECTED_BEFORE), f"Earlier: 1 review, <{LINK}|rejected> {NOVEMBER}"),
        (_earlier(2, REJECTED_BEFORE), f"Earlier: 2 reviews, <{LINK}|last rejected> {NOVEMBER}"),
        (_earlier(2, REJECTED_BEFORE, None), f"Earlier: 2 reviews, last rejected {NOVEMBER}"),
        (_earlier(LISTED + 1, REJECTED_BEFORE, None), f"Earlier: 10+ reviews, last rejected {NOVEMBER}"),
        (_earlier(1, CONFIRMED, None), f"Earlier: 1 review, decided Reject {MARCH.replace('688', '868')}"),
        (_earlier(1, replace(DECIDED, outcome=HOSTILE), None), None),
        (_earlier(3, PROPOSED, None), f"Earlier: 3 reviews, last open since {MARCH}"),
    ],
)
def test_earlier_reviews_are_one_line(earlier: EarlierReviews, line: str | None) -> None:
    """How many, and Ralio's verdict on the last one or, without one, the decision or that it is still open."""
    message = Case(OPEN, earlier=earlier).message()
    texts = [text for text in formatted_texts(list(message.blocks)) if text.startswith("Earlier: ")]
    assert len(texts) == 1
    assert line is None or texts == [line]
    assert all(map(is_harmless, [message.text, *texts]))
    assert " Earlier: " in message.text
