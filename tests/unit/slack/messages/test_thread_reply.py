"""Replies in the thread under a card."""

from dataclasses import replace
from typing import get_args

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.notification_topics import (
    ActionTopic,
)
from bot.reviews.notifications import (
    ActionAnnouncement,
    ChecksChanged,
    ClaimExpired,
    ConfirmationNeeded,
    HolderDeactivated,
    ProposalWithdrawn,
    SessionClosed,
    ThreadReply,
    VerdictDisagrees,
)
from bot.reviews.permissions import Roster
from bot.reviews.policy import Policy
from bot.reviews.reminders import (
    LeadsReminder,
    QueueReminder,
    VerdictMissingForLeads,
)
from bot.reviews.review import Disagreement, SessionState, Status
from bot.slack.messages.metadata import metadata
from bot.slack.messages.thread_reply import thread_reply
from tests.support.examples import HOSTILE, LONGEST_ID, RULES, formatted_texts, is_harmless

SENTENCES = {
    ActionTopic.REASSIGNED: "<@UANNA>: <@UBORIS> reassigned this review to <@UANNA>",
    ActionTopic.TAKEN_OVER: "<@UANNA>: <@UBORIS> took this review over from you",
    ActionTopic.RELEASED: "<@UANNA>: <@UBORIS> released your claim on this review",
    ActionTopic.ESCALATED: "<@UANNA>: <@UBORIS> is asking the leads for help with this review",
    ActionTopic.SENT_BACK: "<@UANNA>: <@UBORIS> sent your decision back",
    ActionTopic.REOPENED: "<@UANNA>: <@UBORIS> reopened this review after the decision",
    ActionTopic.WITHDRAWN: "<@UANNA>: <@UBORIS> withdrew the proposal and has the review again",
    ActionTopic.NOTE_ADDED: "<@UANNA>: <@UBORIS> added a note",
}

DUE_AT = 1_773_769_288_447
WAS_DUE = " (due <!date^1773769288^{date_short_pretty} at {time}|2026-03-17 17:41 UTC>)"
VERIFIED, REJECTED = SessionState.VERIFIED, SessionState.REJECTED
QUEUE_REMINDER = QueueReminder((), "session-1", Status.OPEN, None, DUE_AT)
LEADS_REMINDER = LeadsReminder(("SLEADS",), "session-1", Status.OPEN, None, DUE_AT)
CONFIRMATION_NEEDED = ConfirmationNeeded(
    ("SREVIEWERS", "ULEA"), "UANNA", DUE_AT, "reject", "document_expired"
)

VERDICT_MISSING = VerdictMissingForLeads(("SLEADS",), "session-1", Status.DECIDED, "UANNA", DUE_AT)

AUTOMATIC: list[tuple[ThreadReply, str]] = [
    (
        VERDICT_MISSING,
        (
            "<!subteam^SLEADS>: this review was decided by <@UANNA>, but Ralio still has the session in review: "
            "enter the decision in the portal."
        ),
    ),
    (
        SessionClosed(("UANNA",), VERIFIED),
        "<@UANNA>: Ralio verified this session: the review is closed.",
    ),
    (
        SessionClosed(("UANNA",), SessionState.EXPIRED),
        "<@UANNA>: this session expired: the review is closed.",
    ),
    (
        VerdictDisagrees(("ULEA",), VERIFIED, Disagreement.CONTRADICTS, "reject"),
        "<@ULEA>: Ralio verified this session; Reject had been decided here.",
    ),
    (
        VerdictDisagrees(
            ("ULEA",), VERIFIED, Disagreement.CONTRADICTS, "reject", "document_expired", "UANNA"
        ),
        "<@ULEA>: Ralio verified this session; <@UANNA> had decided Reject (Document expired).",
    ),
    (
        VerdictDisagrees(
            ("UANNA", "ULEA"),
            VERIFIED,
            Disagreement.CONTRADICTS_PROPOSAL,
            "reject",
            "suspicious",
            "UANNA",
            is_proposal=True,
        ),
        (
            "<@UANNA>, <@ULEA>: Ralio verified this session; <@UANNA> had proposed Reject (Suspicious activity)."
        ),
    ),
    (
        VerdictDisagrees(
            ("UANNA",), REJECTED, Disagreement.UNCONFIRMED, "reject", None, "UANNA", is_proposal=True
        ),
        "<@UANNA>: Ralio rejected this session; <@UANNA> had proposed Reject. No one had confirmed it.",
    ),
    (
        VerdictDisagrees(
            ("UANNA",),
            REJECTED,
            Disagreement.CONTRADICTS_EARLIER,
            "approve",
            None,
            "UANNA",
            was_reopened=True,
        ),
        "<@UANNA>: Ralio rejected this session; <@UANNA> had decided Approve before it was reopened.",
    ),
    (
        VerdictDisagrees((), VERIFIED, Disagreement.UNDECIDED, "approve", None, "UANNA", was_reopened=True),
        (
            "Ralio verified this session; <@UANNA> had decided Approve before it was reopened. "
            "No decision was recorded since then."
        ),
    ),
    (
        VerdictDisagrees((), REJECTED, Disagreement.UNDECIDED, None),
        "Ralio rejected this session. No decision was recorded here.",
    ),
    (
        VerdictDisagrees(
            ("ULEA",),
            REJECTED,
            Disagreement.CONTRADICTS,
            "approve",
            None,
            "UANNA",
            recorded_afterwards=True,
        ),
        "<@ULEA>: Ralio rejected this session; <@UANNA> recorded Approve afterwards.",
    ),
    (
        CONFIRMATION_NEEDED,
        (
            "<!subteam^SREVIEWERS>, <@ULEA>: <@UANNA> proposed Reject (Document expired). "
            "It needs confirmation by a second person."
        ),
    ),
    (
        replace(CONFIRMATION_NEEDED, to=(), reason=None),
        "<@UANNA> proposed Reject. A second person of this channel needs to confirm it.",
    ),
    (
        ChecksChanged(("UANNA",)),
        "<@UANNA>: the automatic checks of this review changed: check the card before you decide.",
    ),
    (
        ProposalWithdrawn(("UANNA", "SLEADS"), "UANNA"),
        (
            "<@UANNA>, <!subteam^SLEADS>: the automatic checks changed, so the proposal was withdrawn: "
            "<@UANNA> has the review again."
        ),
    ),
    (
        HolderDeactivated(("ULEA",), "session-1", "UANNA"),
        (
            "<@ULEA>: <@UANNA>'s account is deactivated, so the claim on this review was released. "
            "Anyone can claim it now."
        ),
    ),
    (QUEUE_REMINDER, f"This review is overdue{WAS_DUE} and still unclaimed."),
    (replace(QUEUE_REMINDER, due_at=None), "This review needs attention: still unclaimed."),
    (
        replace(QUEUE_REMINDER, status=Status.PROPOSED, holder="UANNA"),
        f"This review is overdue{WAS_DUE} and still awaiting confirmation.",
    ),
    (LEADS_REMINDER, f"<!subteam^SLEADS>: this review is overdue{WAS_DUE} and still unclaimed."),
    (
        replace(LEADS_REMINDER, to=(), status=Status.CLAIMED, holder="UANNA", due_at=None),
        "This review needs attention: claimed by <@UANNA>.",
    ),
    (
        ClaimExpired(("UANNA",), "session-1"),
        "<@UANNA>: your claim expired because there was no activity, so anyone can claim this review now.",
    ),
]
"""What Ralio or a timer did."""


def _by_a_person(
    topic: ActionTopic, to: tuple[str, ...] = ("UANNA",), comment: str | None = "Look again."
) -> ActionAnnouncement:
    return ActionAnnouncement(topic, "UBORIS", to, holder="UANNA", comment=comment)


def test_every_thread_reply_has_its_sentence() -> None:
    """None is forgotten, whether a person, Ralio or a timer caused it."""
    assert set(SENTENCES) == set(ActionTopic)
    kinds = {type(reply) for reply, _ in AUTOMATIC} | {ActionAnnouncement}
    assert kinds == set(get_args(ThreadReply))


@pytest.mark.parametrize(("reply", "text"), AUTOMATIC)
def test_what_ralio_or_a_timer_did_is_one_sentence(reply: ThreadReply, text: str) -> None:
    """It says what the case is, and since when the review is overdue."""
    message = thread_reply("thread:s:3", reply, "s-1", RULES)
    assert message.text == f"{text} (Session `s-1`)"
    sentence, about = message.blocks
    assert about["elements"] == [{"type": "mrkdwn", "text": "Session `s-1`"}]
    assert sentence["text"] == {"type": "mrkdwn", "text": text}


@pytest.mark.parametrize("topic", ActionTopic)
def test_a_reply_mentions_the_people_concerned_and_says_what_was_done(topic: ActionTopic) -> None:
    """The comment stands below it, as it was typed; the fallback has both."""
    message = thread_reply("thread:s:3", _by_a_person(topic), "s-1")
    sentence, comment, _ = message.blocks
    assert sentence["text"] == {"type": "mrkdwn", "text": f"{SENTENCES[topic]}:"}
    assert comment["text"] == {"type": "plain_text", "text": "Look again.", "emoji": False}
    assert message.text == f"{SENTENCES[topic]}: Look again. (Session `s-1`)"
    assert message.metadata == metadata("thread:s:3")


@pytest.mark.parametrize("topic", ActionTopic)
def test_a_reply_without_a_comment_is_a_sentence(topic: ActionTopic) -> None:
    """There is no colon where nothing follows."""
    message = thread_reply("thread:s:3", _by_a_person(topic, comment=None), "s-1")
    assert message.text == f"{SENTENCES[topic]}. (Session `s-1`)"
    assert len(message.blocks) == 2


def test_a_proposal_that_no_one_else_can_confirm_says_so() -> None:
    """The settings name only the proposer."""
    rules = Policy(Roster(reviewers=frozenset({"UANNA"})), RULES.outcomes)
    message = thread_reply("k", replace(CONFIRMATION_NEEDED, to=()), "s-1", rules)
    assert (
        "It needs confirmation by a second person, but no one else is named for this queue." in message.text
    )


def test_groups_are_mentioned_as_groups() -> None:
    """Slack then notifies the members of the user group."""
    message = thread_reply("k", _by_a_person(ActionTopic.SENT_BACK, to=("SLEADS", "ULEA")), "s-1")
    assert message.text.startswith("<!subteam^SLEADS>, <@ULEA>: ")


def _replies(id_: str, to: tuple[str, ...], comment: str | None) -> list[ThreadReply]:
    """Every kind of reply with these ids and this comment."""
    reminder = (to, id_, Status.CLAIMED, id_, DUE_AT)
    return [
        *(ActionAnnouncement(topic, id_, to, id_, comment) for topic in ActionTopic),
        SessionClosed(to, VERIFIED),
        VerdictDisagrees(to, VERIFIED, Disagreement.CONTRADICTS, id_),
        VerdictDisagrees(to, VERIFIED, Disagreement.UNCONFIRMED, id_, id_, id_, is_proposal=True),
        ChecksChanged(to),
        ProposalWithdrawn(to, id_),
        ConfirmationNeeded(to, id_, DUE_AT, id_, id_),
        ClaimExpired(to, id_),
        HolderDeactivated(to, id_, id_),
        QueueReminder(*reminder),
        LeadsReminder(*reminder),
        VerdictMissingForLeads(*reminder),
    ]


@pytest.mark.parametrize("comment", ["&" * 1_000, "<!channel> " * 90, "\n" * 1_000, "x", None])
@pytest.mark.parametrize("id_", [LONGEST_ID, "&" * 30])
def test_slack_accepts_every_reply(id_: str, comment: str | None) -> None:
    """Even the longest comment, in characters that grow when escaped, to five hundred leads."""
    leads = tuple(f"S{number:040}" for number in range(500))
    for reply in _replies(id_, leads, comment):
        message = thread_reply("k", reply, "s-1")
        assert block_problems(list(message.blocks)) == []
        assert len(message.text) < 4_000


def test_a_hostile_text_is_only_a_text() -> None:
    """It makes no mention and no link."""
    for reply in _replies(HOSTILE, (HOSTILE,), HOSTILE):
        message = thread_reply("k", reply, "s-1")
        texts = [message.text, *formatted_texts(list(message.blocks))]
        assert all(is_harmless(text) for text in texts)
