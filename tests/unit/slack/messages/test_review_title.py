"""What a review is about and where it stands, in one line each."""

from dataclasses import replace

import pytest

from bot.reviews.checks import Check, Checks
from bot.reviews.deadlines import Deadlines
from bot.reviews.review import Disagreement, Review, SessionState, Status
from bot.slack.messages.mrkdwn import plain_moment
from bot.slack.messages.review_title import TITLE_LENGTH, mark, next_step, status_line, title
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    DECIDED,
    ESCALATED,
    MINUTE,
    NAMED,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RELATED_PARTY,
    RULES,
    SNOOZED,
    VERIFIED,
)

DUE = OPENED_AT + 60 * MINUTE
FACE = Checks((Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",)),))
REJECTED = VERIFIED._replace(session_state=SessionState.REJECTED)


@pytest.mark.parametrize(
    ("review", "text"),
    [
        (OPEN, "User review #42"),
        (OPEN._replace(id=None), "User review"),
        (OPEN._replace(checks=FACE), "User review #42 · Face doesn't match the document"),
        (RELATED_PARTY, "Related party review #42"),
        (
            OPEN._replace(checks=FACE, due_at=DUE),
            "Overdue · User review #42 · Face doesn't match the document",
        ),
        (OPEN._replace(due_at=DUE + 1), "User review #42"),
        (SNOOZED._replace(due_at=DUE), "User review #42"),
        (DECIDED._replace(due_at=DUE), "Verdict overdue · User review #42"),
    ],
)
def test_a_title_leads_with_what_matters(review: Review, text: str) -> None:
    """That it is overdue, which review it is, and what failed."""
    assert title(review, DUE) == text


def test_a_title_fits_into_a_header() -> None:
    """However long a check's code is."""
    long = Checks((Check("a" * 80, "refused", ("KYC.DOC." + "B" * 72,)),) * 20)
    assert len(title(OPEN._replace(checks=long, due_at=DUE, id=10**17), DUE)) <= TITLE_LENGTH


@pytest.mark.parametrize(
    ("review", "line"),
    [
        (OPEN, "*Unclaimed* · waiting since 2026-03-17 16:41 UTC"),
        (
            OPEN._replace(due_at=DUE + 1),
            "*Unclaimed* · waiting since 2026-03-17 16:41 UTC · decide by 2026-03-17 17:41 UTC",
        ),
        (
            OPEN._replace(due_at=DUE),
            "*Unclaimed* · waiting since 2026-03-17 16:41 UTC · ⏰ *overdue* since 2026-03-17 17:41 UTC",
        ),
        (
            CLAIMED._replace(due_at=DUE + 1),
            "*Claimed* by <@UANNA> since 2026-03-17 16:42 UTC · decide by 2026-03-17 17:41 UTC",
        ),
        (
            PROPOSED._replace(due_at=DUE + 1),
            (
                "*Awaiting confirmation* · <@UANNA> proposed *Reject* (Document expired) · "
                "confirm by 2026-03-17 17:41 UTC"
            ),
        ),
        (
            DECIDED._replace(due_at=DUE + 1),
            "*Decided* · <@UANNA> decided *Approve* · verdict expected by 2026-03-17 17:41 UTC",
        ),
        (
            DECIDED._replace(due_at=DUE),
            ("*Decided* · <@UANNA> decided *Approve* · ⏰ *verdict overdue* since 2026-03-17 17:41 UTC"),
        ),
        (
            VERIFIED._replace(disagreement=Disagreement.CONTRADICTS),
            (
                "*Closed* · Ralio verified this session; <@UANNA> had decided *Reject* (Document expired), "
                "confirmed by <@UBORIS> · ⚠️ Ralio decided otherwise"
            ),
        ),
    ],
)
def test_a_status_line_has_the_state_and_its_times(review: Review, line: str) -> None:
    """In words; what is overdue also has a mark."""
    assert status_line(review, RULES, DUE, at=plain_moment) == line


def test_an_unclaimed_review_says_by_when_to_claim_it() -> None:
    """If the queue has a deadline for that."""
    rules = replace(RULES, deadlines=Deadlines(claim_within_ms=60 * MINUTE))
    line = status_line(OPEN._replace(due_at=DUE), rules, DUE - 1, at=plain_moment)
    assert line.endswith("· claim by 2026-03-17 17:41 UTC")


def test_an_escalation_is_announced_once_it_reached_slack() -> None:
    """Until then it is under way."""
    assert status_line(ESCALATED, RULES, 0).endswith(" · escalated to the leads by <@UANNA>")
    assert status_line(ESCALATED, RULES, 0, leads_notified=False).endswith(
        " · <@UANNA> is escalating it to the leads"
    )


@pytest.mark.parametrize(
    ("review", "step"),
    [
        (OPEN, ""),
        (CLAIMED, ""),
        (PROPOSED, "confirmation by a second person: <!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>"),
        (CONFIRMED, "reject this session in Ralio's portal; waiting for Ralio's verdict"),
        (DECIDED, "approve this session in Ralio's portal; waiting for Ralio's verdict"),
        (
            DECIDED._replace(outcome="more_information"),
            "enter the decision for this session in Ralio's portal; waiting for Ralio's verdict",
        ),
        (VERIFIED, ""),
        (
            OPEN._replace(status=Status.CLOSED, session_state=SessionState.REJECTED),
            "record what was decided in Ralio's portal",
        ),
        (OPEN._replace(status=Status.CLOSED, session_state=SessionState.EXPIRED), ""),
    ],
)
def test_the_next_step_is_in_words(review: Review, step: str) -> None:
    """Where the status line doesn't say it already."""
    assert next_step(review, NAMED) == step


@pytest.mark.parametrize(
    ("review", "line", "step"),
    [
        (
            PROPOSED,
            "*Awaiting confirmation* · <@UANNA> proposed *Reject* (Document expired)",
            "confirmation by a second person (due 2026-03-17 17:41 UTC): <!subteam^SREVIEWERS>, <@UBORIS>, <@ULEA>",
        ),
        (
            DECIDED,
            "*Decided* · <@UANNA> decided *Approve*",
            "approve this session in Ralio's portal; waiting for Ralio's verdict (due 2026-03-17 17:41 UTC)",
        ),
    ],
)
def test_a_next_step_has_the_deadline_where_both_are_shown(review: Review, line: str, step: str) -> None:
    """The status line then only says that it is overdue."""
    due = review._replace(due_at=DUE)
    late = "⏰ *Verdict overdue* · " if review is DECIDED else "⏰ *Overdue* · "
    for now, mark_ in ((DUE - 1, ""), (DUE, late)):
        assert status_line(due, NAMED, now, at=plain_moment, has_next_step=True) == f"{mark_}{line}"
        assert next_step(due, NAMED, at=plain_moment) == step


def test_marks_need_no_legend() -> None:
    """A rejection is never green and doesn't look like a failed check; what is overdue or disagrees stands out."""
    rejected = CONFIRMED._replace(outcome="reject")
    assert {mark(review, 0) for review in (PROPOSED, rejected, REJECTED)}.isdisjoint({"✅", "🟢", "❌"})
    assert (mark(REJECTED, 0), mark(VERIFIED, 0)) == ("⛔", "✅")
    for review in (OPEN, CLAIMED, PROPOSED, DECIDED):
        assert mark(review._replace(due_at=DUE), DUE) == "⏰" != mark(review, DUE)
    assert mark(VERIFIED._replace(disagreement=Disagreement.CONTRADICTS), 0) == "⚠️"
