"""Responses to `/reviews`."""

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.action_request import Refused
from bot.reviews.notifications import ActionRefused
from bot.reviews.policy import Policy
from bot.reviews.review import Action, EntityType, Status
from bot.slack.messages import slash_response as answers
from bot.slack.messages.review_rows import Reader
from bot.store.tables.reviews import ListedReview
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import ListName, QueueCounts, ReviewList, TeamMember
from tests.support.examples import (
    CLAIMED,
    CONFIRMED,
    HOSTILE,
    LONGEST,
    LONGEST_ID,
    MINUTE,
    MOST,
    OPEN,
    OPENED_AT,
    PROPOSED,
    RULES,
    VERIFIED,
    formatted_texts,
    is_harmless,
)

URL = "https://team.example.com/"
CARD = "https://team.example.com/archives/CUSER00001/p1773765688000001"
SINCE = "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
LATER = "<!date^1773769288^{date_short_pretty} at {time}|2026-03-17 17:41 UTC>"
NOW = OPENED_AT + 30 * MINUTE
DUE = OPENED_AT + 60 * MINUTE
READER = Reader("UANNA", {"user": RULES, "related-party": RULES}, URL, NOW, ("user", "related-party"))
LEAD = replace(READER, person="ULEA", led=("user",))


def _listed(review: Any, session: str = "s-1") -> ListedReview:
    return ListedReview(review._replace(session_id=session), "CUSER00001", "1773765688.000001")


def _buttons(answer: answers.Answer) -> list[tuple[str, str]]:
    elements = [
        element
        for block in answer["blocks"]
        for element in [*(block.get("elements") or []), block.get("accessory")]
        if element is not None
    ]
    return [(element["text"]["text"], element["value"]) for element in elements]


def _lists(**found: ReviewList) -> answers.Answer:
    return answers.lists({ListName(name): each for name, each in found.items()}, READER)


MINE = {
    "mine": ReviewList([_listed(CLAIMED._replace(due_at=DUE), "s-3")], 1),
    "to_confirm": ReviewList([_listed(PROPOSED._replace(claimed_by="UB", decided_by="UB"), "s-4")], 1),
}


def test_mine_lists_claims_and_pending_confirmations() -> None:
    """Each with a link to its card, its deadline and the next step as a button."""
    answer = _lists(**MINE)
    assert answer["text"].splitlines() == [
        "*Yours* (1)",
        f"• <{CARD}|User review #42> · Decide by {LATER}",
        "*Awaiting your confirmation* (1)",
        f"• <{CARD}|User review #42> · <@UB> proposed *Reject* (Document expired)",
    ]
    assert _buttons(answer) == [("Resolve", "s-3"), ("Confirm", "s-4@1")]
    nothing = _lists(mine=ReviewList(), to_confirm=ReviewList())
    assert nothing["text"] == "You have no claimed reviews.\nNothing awaiting your confirmation."


def test_open_lists_the_oldest_and_counts_the_others() -> None:
    """Claim is beside each; the number of the others is right."""
    rows = [_listed(OPEN._replace(due_at=DUE)), ListedReview(OPEN, None, None)]
    answer = _lists(unclaimed=ReviewList(rows, 25))
    assert answer["text"].splitlines() == [
        "*Unclaimed* (25)",
        f"• <{CARD}|User review #42> · Decide by {LATER}",
        f"• *User review #42* · Waiting since {SINCE}",
        "and 23 more, on the app's Home tab",
    ]
    assert _buttons(answer) == [("Claim", "s-1@1"), ("Claim", f"{OPEN.session_id}@1")]
    assert _lists(unclaimed=ReviewList())["text"] == "No unclaimed reviews."


def test_overdue_says_who_has_what_since_when_it_was_due() -> None:
    """In every state."""
    late = OPENED_AT + MINUTE
    rows = [
        _listed(OPEN._replace(due_at=late)),
        _listed(CLAIMED._replace(claimed_by="UB", due_at=late), "s-2"),
    ]
    answer = _lists(overdue=ReviewList(rows, 2))
    was_due = "⏰ was due <!date^1773765748^{date_short_pretty} at {time}|2026-03-17 16:42 UTC>"
    assert answer["text"].splitlines() == [
        "*Overdue* (2)",
        f"• <{CARD}|Overdue · User review #42> · Unclaimed · {was_due}",
        f"• <{CARD}|Overdue · User review #42> · Claimed by <@UB> · {was_due}",
    ]
    assert _buttons(answer) == [("Claim", "s-1@1")]
    assert _lists(overdue=ReviewList())["text"] == "Nothing is overdue."


def test_a_lead_sees_the_team_and_reassigns_from_there() -> None:
    """Who has how much, then what needs a look; lists without anything are left out."""
    found = {
        ListName.ESCALATED: ReviewList(),
        ListName.IN_PROGRESS: ReviewList([_listed(CLAIMED._replace(due_at=DUE))], 1),
    }
    answer = answers.team([TeamMember("UANNA", 1, 0, 2, 1)], found, LEAD)
    assert answer["text"].splitlines() == [
        "*Team*",
        "<@UANNA>: 1 claimed, 2 awaiting confirmation, *1 overdue*",
        "*Claimed by others* (1)",
        f"• <{CARD}|User review #42> · Claimed by <@UANNA> · decide by {LATER}",
    ]
    assert _buttons(answer) == [("Reassign", "s-1")]
    assert answers.team([], {}, LEAD)["text"] == "*Team*\nNo one has claimed anything."
    assert answers.leads_only(("ULEA",))["text"] == "Only leads can see the team. Ask one of: <@ULEA>."
    assert answers.leads_only(())["text"] == "Only leads can see the team."


def test_stats_count_every_queue_of_the_person() -> None:
    """Even a queue without any work."""
    counts = {"user": QueueCounts({Status.OPEN: 2, Status.PROPOSED: 1}, OPENED_AT)}
    assert answers.stats(counts, ["user", "related-party"])["text"].splitlines() == [
        f"*User*: 2 unclaimed, the oldest since {SINCE}; 0 claimed, 1 awaiting confirmation",
        "*Related party*: 0 unclaimed; 0 claimed, 0 awaiting confirmation",
    ]


def test_a_review_is_shown_with_its_state_its_ids_and_buttons() -> None:
    """As on its card."""
    answer = answers.one(_listed(OPEN._replace(due_at=DUE)), READER)
    assert answer["text"].splitlines() == [
        f"<{CARD}|User review #42>",
        f"*Unclaimed* · waiting since {SINCE} · decide by {LATER}",
        f"Session `s-1` · User `{OPEN.subject_id}`",
    ]
    assert _buttons(answer) == [("Claim", "s-1@1")]
    mine = answers.one(_listed(CLAIMED), READER)
    assert [label for label, _ in _buttons(mine)] == ["Resolve", "Release"]
    assert _buttons(answers.one(_listed(VERIFIED), READER)) == []
    assert (
        "unknown (not in Ralio's event)"
        in answers.one(_listed(OPEN._replace(subject_id=None)), READER)["text"]
    )


def test_a_note_is_shown_as_it_was_typed_and_read_out() -> None:
    """As plain text in the block; the fallback has it too."""
    answer = answers.one(_listed(CONFIRMED._replace(note="*no* <!channel>\nmarkup")), READER)
    assert answer["blocks"][-1]["text"] == {
        "type": "plain_text",
        "text": "*no* <!channel>\nmarkup",
        "emoji": False,
    }
    assert answer["text"].endswith("\n*no* &lt;!channel&gt; markup")


def test_the_other_responses_are_one_sentence() -> None:
    """Short and plain."""
    claimed = answers.claimed(_listed(CLAIMED._replace(due_at=DUE)), READER)
    assert claimed["text"] == f"You claimed this review:\n<{CARD}|User review #42> · Decide by {LATER}"
    assert answers.unknown_review("s-9")["text"] == "No review found for `s-9`."
    none_left = ActionRefused(Refused.NONE_LEFT, Action.CLAIM)
    assert answers.refused(none_left)["text"] == "There's nothing left for you to claim."


def test_a_mistyped_word_is_repeated_with_the_help() -> None:
    """On one line, shortened, as text only."""
    text = answers.misspelt("mien `<!channel>`\n" + "x" * 500)["text"]
    first, *help_ = text.splitlines()
    assert first.startswith("I don't know `mien '&lt;!channel&gt;' xxx")
    assert first.endswith("…`. Try:")
    assert help_ == answers.HELP.splitlines()


LONG = ListedReview(LONGEST, "C" + "X" * 40, "1" * 30)
LONG_READER = replace(LEAD, policies={"user": MOST, "related-party": MOST})


def _many(status: Status) -> ReviewList:
    """As many as there can be, each with its own session."""
    rows = [
        replace(
            LONG,
            review=LONGEST._replace(
                status=status, session_id=f"{status}{place:03}{LONGEST.session_id}"[:128], due_at=NOW
            ),
        )
        for place in range(answers.LIST_LENGTH)
    ]
    return ReviewList(rows, 5_000_000)


HOSTILE_REVIEW = ListedReview(
    PROPOSED._replace(subject_id=HOSTILE, outcome=HOSTILE, reason=HOSTILE, note=HOSTILE, decided_by=HOSTILE),
    "C1",
    "1.0",
)
ANSWERS = {
    "help": answers.answer(answers.HELP),
    "mine": answers.lists(
        {ListName.MINE: _many(Status.CLAIMED), ListName.TO_CONFIRM: _many(Status.PROPOSED)}, LONG_READER
    ),
    "unclaimed": answers.lists({ListName.UNCLAIMED: _many(Status.OPEN)}, LONG_READER),
    "team": answers.team(
        [TeamMember(LONGEST_ID, 5_000_000, 5_000_000, 5_000_000, 5_000_000)] * 500,
        {
            ListName.ESCALATED: _many(Status.CLAIMED),
            ListName.IN_PROGRESS: _many(Status.PROPOSED),
            ListName.DISAGREEMENTS: _many(Status.CLOSED),
            ListName.VERDICT_MISSING: _many(Status.DECIDED),
        },
        LONG_READER,
    ),
    "leads only": answers.leads_only(tuple(f"U{number:040}" for number in range(500))),
    "stats": answers.stats({"user": QueueCounts({Status.OPEN: 5_000_000})}, ["user", "related-party"]),
    "claimed": answers.claimed(LONG, LONG_READER),
    "unknown": answers.unknown_review("s" * 128),
    "unknown link": answers.unknown_link(),
    "misspelt": answers.misspelt("&" * 3_000),
    "hostile": answers.one(HOSTILE_REVIEW, replace(READER, policies={"user": Policy()})),
    "of a subject": answers.of_subject(
        "&" * 128,
        {type_: SubjectReviews([replace(LONG, review=LONGEST)] * 10, more=True) for type_ in EntityType},
        LONG_READER,
    ),
    **{
        f"one {status}": answers.one(
            replace(LONG, review=LONGEST._replace(status=status, confirmed_by=LONGEST_ID)), LONG_READER
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
    """It has only whole rows."""
    texts = [block["text"]["text"] for block in ANSWERS["mine"]["blocks"]]
    (first, second) = [place for place, text in enumerate(texts) if text.startswith("and ")]
    assert 0 < first - 1 < answers.LIST_LENGTH
    assert texts[first] == f"and {5_000_000 - (first - 1)} more, on the app's Home tab"
    assert texts[second] == f"and {5_000_000 - (second - first - 2)} more, on the app's Home tab"
