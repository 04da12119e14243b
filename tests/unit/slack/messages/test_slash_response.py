"""Responses to `/reviews`."""

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.action_request import Refused
from bot.reviews.notifications import ActionRefused
from bot.reviews.review import Action, SessionState, Status
from bot.slack.messages import slash_response as answers
from bot.store.tables.reviews import ListedReview
from bot.store.tables.worklist import PAGE, QueueCounts, Worklist
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    DECIDED,
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    MOST,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RELATED_PARTY,
    RULES,
    VERIFIED,
    formatted_texts,
    is_harmless,
)

URL = "https://team.example.com/"
CARD = "https://team.example.com/archives/CUSER00001/p1773765688000001"
SINCE = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"


def _listed(review: Any, session: str = "s-1") -> ListedReview:
    return ListedReview(replace(review, session_id=session), "CUSER00001", "1773765688.000001")


WORK = Worklist(
    counts={"user": QueueCounts({Status.OPEN: 25, Status.CLAIMED: 1}, OPENED_AT)},
    unclaimed=[
        _listed(OPEN),
        ListedReview(replace(RELATED_PARTY, session_id="s-2", opened_at=None), None, None),
    ],
    mine=[_listed(CLAIMED, "s-3")],
    to_confirm=[_listed(PROPOSED, "s-4")],
)
NOTHING = Worklist(counts={})


def test_mine_lists_claims_and_pending_confirmations() -> None:
    """Each with a link to its card."""
    assert answers.mine(WORK, URL)["text"].splitlines() == [
        "*You have claimed*",
        f"• #42 `s-3` (<{CARD}|see the card>) (user), in review since {SINCE}",
        "*Waiting for your confirmation*",
        f"• #42 `s-4` (<{CARD}|see the card>) (user), to be confirmed, in review since {SINCE}",
    ]
    assert answers.mine(NOTHING, URL)["text"] == "You have claimed nothing."


def test_open_lists_the_oldest_and_counts_the_others() -> None:
    """The list is short; the number is right."""
    assert answers.unclaimed(WORK, URL)["text"].splitlines() == [
        "*Unclaimed, the oldest first*",
        f"• #42 `s-1` (<{CARD}|see the card>) (user), in review since {SINCE}",
        "• #42 `s-2` (related party)",
        "and 23 more",
    ]
    assert answers.unclaimed(NOTHING, URL)["text"] == "Nothing is unclaimed."


def test_stats_count_every_queue_of_the_person() -> None:
    """Even a queue without any work."""
    counts = {"user": QueueCounts({Status.OPEN: 2, Status.PROPOSED: 1}, OPENED_AT)}
    assert answers.stats(counts, ["user", "related-party"])["text"].splitlines() == [
        f"*User*: 2 unclaimed, the oldest since {SINCE}; 0 claimed, 1 to be confirmed",
        "*Related party*: 0 unclaimed; 0 claimed, 0 to be confirmed",
    ]


STATES = [
    (OPEN, "open, nobody has claimed it yet"),
    (CLAIMED, "claimed by <@UANNA>"),
    (PROPOSED, "Reject (Document expired), proposed by <@UANNA>; a second person has to confirm it"),
    (DECIDED, "Approve, decided by <@UANNA>"),
    (CONFIRMED, "Reject (Document expired), decided by <@UANNA>, confirmed by <@UBORIS>"),
    (
        VERIFIED,
        "closed: Ralio verified this session; <@UANNA> had decided Reject (Document expired), confirmed by <@UBORIS>",
    ),
    (
        replace(OPEN, status=Status.CLOSED, session_state=SessionState.EXPIRED),
        "closed: this session expired",
    ),
]


@pytest.mark.parametrize(("review", "state"), STATES)
def test_a_session_is_shown_with_its_state(review: Any, state: str) -> None:
    """With its queue, its subject and since when it is in review."""
    lines = answers.one(_listed(review), RULES, URL)["text"].splitlines()
    assert lines[:4] == [
        f"User review #42 `s-1` (<{CARD}|see the card>)",
        f"Subject: `{OPEN.subject_id}`",
        f"State: {state}",
        f"In review since {SINCE}",
    ]


def test_a_note_is_shown_as_it_was_typed_and_read_out() -> None:
    """As plain text in the block; the fallback has it too."""
    answer = answers.one(_listed(replace(CONFIRMED, note="*no* <!channel>\nmarkup")), RULES, URL)
    assert answer["blocks"][-1]["text"] == {
        "type": "plain_text",
        "text": "*no* <!channel>\nmarkup",
        "emoji": False,
    }
    assert answer["text"].endswith("\n*no* &lt;!channel&gt; markup")


def test_what_is_unknown_is_left_out() -> None:
    """A session whose verdict came before its review, of a subject that Ralio did not name."""
    review = replace(VERIFIED, subject_id=None, opened_at=None, note=None, session_id="s-1")
    assert answers.one(ListedReview(review, None, None), RULES, URL)["text"].splitlines() == [
        "User review #42 `s-1`",
        "Subject: unknown",
        (
            "State: closed: Ralio verified this session; <@UANNA> had decided Reject (Document expired), "
            "confirmed by <@UBORIS>"
        ),
    ]


def test_the_other_responses_are_one_sentence() -> None:
    """Short and plain."""
    assert (
        answers.claimed(_listed(CLAIMED), URL)["text"]
        == f"You have claimed #42 `s-1` (<{CARD}|see the card>)."
    )
    assert answers.unknown_review("s-9")["text"] == "No review found for `s-9`."
    none_left = ActionRefused(Refused.NONE_LEFT, Action.CLAIM)
    assert answers.refused(none_left)["text"] == "There's nothing left for you to claim."


def test_a_mistyped_word_is_repeated_with_the_help() -> None:
    """On one line, shortened, as text only."""
    text = answers.misspelt("mien `<!channel>`\n" + "x" * 500)["text"]
    first, *help_ = text.splitlines()
    assert first.startswith("`mien '&lt;!channel&gt;' xxx")
    assert first.endswith("…` is neither a word that /reviews knows nor a session's id.")
    assert help_ == answers.HELP.splitlines()


LONG = ListedReview(LONGEST, "C" + "X" * 40, "1" * 30)
LONGEST_WORK = Worklist(
    {"user": QueueCounts({Status.OPEN: 5_000_000}, OPENED_AT)}, *([LONG] * PAGE for _ in range(4))
)
HOSTILE_REVIEW = ListedReview(
    replace(PROPOSED, subject_id=HOSTILE, outcome=HOSTILE, reason=HOSTILE, note=HOSTILE, decided_by=HOSTILE),
    "C1",
    "1.0",
)
ANSWERS = {
    "help": answers.answer(answers.HELP),
    "mine": answers.mine(LONGEST_WORK, URL),
    "unclaimed": answers.unclaimed(LONGEST_WORK, URL),
    "a hundred": answers.unclaimed(replace(LONGEST_WORK, unclaimed=[_listed(OPEN)] * 100), URL),
    "stats": answers.stats(LONGEST_WORK.counts, ["user", "related-party"]),
    "claimed": answers.claimed(LONG, URL),
    "unknown": answers.unknown_review("s" * 128),
    "misspelt": answers.misspelt("&" * 3_000),
    "hostile": answers.one(HOSTILE_REVIEW, RULES, URL),
    **{
        f"one {status}": answers.one(
            replace(LONG, review=replace(LONGEST, status=status, confirmed_by=LONGEST_ID)), MOST, URL
        )
        for status in Status
    },
}


@pytest.mark.parametrize("name", ANSWERS)
def test_slack_accepts_every_response(name: str) -> None:
    """At the limits and beyond: the longest ids, lists, labels and notes; only the person sees it."""
    answer = ANSWERS[name]
    assert answer["response_type"] == "ephemeral"
    assert block_problems(answer["blocks"]) == []
    assert 0 < len(answer["text"]) < 4_000
    assert all_text_length(answer["blocks"]) + len(answer["text"]) < 12_000
    assert all(is_harmless(text) for text in [answer["text"], *formatted_texts(answer["blocks"])])


def test_a_list_that_does_not_fit_ends_with_how_many_are_left() -> None:
    """It has only whole lines."""
    text = answers.unclaimed(LONGEST_WORK, URL)["blocks"][0]["text"]["text"]
    *lines, last = text.splitlines()[1:]
    assert last == f"and {5_000_000 - len(lines)} more"
    assert 0 < len(lines) < PAGE
    assert all(line.endswith("UTC>") for line in lines)
