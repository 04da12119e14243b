"""What is told in the thread under a card."""

from typing import Any

import pytest

from bot.demo.blocks.validation import block_problems
from bot.reviews.notifications import Topic
from bot.slack.messages.metadata import metadata
from bot.slack.messages.thread_reply import thread_note
from tests.support.examples import HOSTILE, LONGEST_ID, formatted_texts, is_harmless

FACTS: dict[str, Any] = {
    "topic": "sent_back",
    "by": "UBORIS",
    "to": ["UANNA"],
    "words": "Look again.",
    "holder": "UANNA",
}

SENTENCES = {
    Topic.REASSIGNED: "<@UANNA>: <@UBORIS> has reassigned this review to <@UANNA>",
    Topic.TAKEN_OVER: "<@UANNA>: <@UBORIS> has taken this review over from you",
    Topic.RELEASED: "<@UANNA>: <@UBORIS> has released this review, which you had claimed",
    Topic.ESCALATED: "<@UANNA>: <@UBORIS> asks the leads for help with this review",
    Topic.SENT_BACK: "<@UANNA>: <@UBORIS> has sent your decision back",
    Topic.REOPENED: "<@UANNA>: <@UBORIS> has reopened this review, which was decided",
}

DUE_AT = 1_773_769_288_447
WAS_DUE = "; it was due <!date^1773769288^{date_short_pretty} at {time}|2026-03-17 17:41 UTC>"
NOBODYS: dict[str, Any] = {
    "by": None,
    "to": [],
    "words": None,
    "session_state": "VERIFIED",
    "disagreement": "contradicts",
    "outcome": "reject",
    "status": "open",
    "holder": None,
    "due_at": DUE_AT,
}
"""What Ralio or the time did."""

TOLD_OF_NOBODY: list[tuple[Topic, dict[str, Any], str]] = [
    (
        Topic.CLOSED,
        {"to": ["UANNA"]},
        "<@UANNA>: Ralio says that the session is verified: the review is closed.",
    ),
    (
        Topic.DISAGREES,
        {"to": ["ULEA"]},
        "<@ULEA>: Ralio says that the session is verified, which contradicts what was decided here (`reject`).",
    ),
    (
        Topic.DISAGREES,
        {"disagreement": "undecided", "session_state": "REJECTED"},
        "Ralio says that the session is rejected, and nobody had decided it here.",
    ),
    (Topic.REMIND_QUEUE, {}, f"Nobody has claimed this review yet{WAS_DUE}."),
    (Topic.REMIND_QUEUE, {"due_at": None}, "Nobody has claimed this review yet."),
    (
        Topic.REMIND_QUEUE,
        {"status": "proposed", "holder": "UANNA"},
        f"This decision still waits for a second person{WAS_DUE}.",
    ),
    (
        Topic.REMIND_LEADS,
        {"to": ["SLEADS"]},
        f"<!subteam^SLEADS>: this review needs you, it is open{WAS_DUE}.",
    ),
    (
        Topic.REMIND_LEADS,
        {"status": "claimed", "holder": "UANNA", "due_at": None},
        "This review needs you, it is claimed by <@UANNA>.",
    ),
    (
        Topic.RELEASED_FOR_SILENCE,
        {"to": ["UANNA"]},
        "<@UANNA>: your claim was released, for nothing was heard of it; anybody may claim the review now.",
    ),
]
TOLD_DIRECTLY = {Topic.REMIND_HOLDER, Topic.STILL_ON_IT}


def test_every_topic_is_told_here_or_directly() -> None:
    """None is forgotten, by people or by nobody."""
    assert {*SENTENCES, *(topic for topic, *_ in TOLD_OF_NOBODY), *TOLD_DIRECTLY} == set(Topic)


@pytest.mark.parametrize(("topic", "facts", "text"), TOLD_OF_NOBODY)
def test_what_ralio_or_the_time_did_is_one_sentence(topic: Topic, facts: dict[str, Any], text: str) -> None:
    """It says what is the case, and since when it should not be."""
    note = thread_note("thread:s:3", NOBODYS | {"topic": topic.value} | facts)
    assert note.text == text
    (sentence,) = note.blocks
    assert sentence["text"] == {"type": "mrkdwn", "text": text}


@pytest.mark.parametrize("topic", sorted(TOLD_DIRECTLY))
def test_what_concerns_the_holder_alone_is_no_note(topic: Topic) -> None:
    """Nobody else has to read it; sent here it would be a mistake of ours."""
    with pytest.raises(ValueError, match=f"{topic} is told in a direct message"):
        thread_note("thread:s:3", NOBODYS | {"topic": topic.value})


@pytest.mark.parametrize("topic", SENTENCES)
def test_each_topic_mentions_whom_it_concerns_and_says_what_was_done(topic: Topic) -> None:
    """With the words below it, as they were typed; the fallback says both."""
    note = thread_note("thread:s:3", FACTS | {"topic": topic.value})
    sentence, words = note.blocks
    assert sentence["text"] == {"type": "mrkdwn", "text": f"{SENTENCES[topic]}:"}
    assert words["text"] == {"type": "plain_text", "text": "Look again.", "emoji": False}
    assert note.text == f"{SENTENCES[topic]}: Look again."
    assert note.metadata == metadata("thread:s:3")


@pytest.mark.parametrize("topic", SENTENCES)
def test_without_words_it_is_a_sentence(topic: Topic) -> None:
    """Nothing is announced that does not follow."""
    note = thread_note("thread:s:3", FACTS | {"topic": topic.value, "words": None})
    assert note.text == f"{SENTENCES[topic]}."
    assert len(note.blocks) == 1


def test_groups_are_mentioned_as_groups() -> None:
    """A user group's members are told by Slack."""
    assert thread_note("k", FACTS | {"to": ["SLEADS", "ULEA"]}).text.startswith(
        "<!subteam^SLEADS>, <@ULEA>: "
    )


@pytest.mark.parametrize("topic", sorted(set(Topic) - TOLD_DIRECTLY))
@pytest.mark.parametrize("words", ["&" * 1_000, "<!channel> " * 90, "\n" * 1_000, "x", None])
def test_slack_takes_every_note(topic: Topic, words: str | None) -> None:
    """Also the longest words, in characters that grow when they are escaped, and five hundred leads."""
    leads = [f"S{number:040}" for number in range(500)]
    facts = {"topic": topic, "by": LONGEST_ID, "to": leads, "words": words, "outcome": "&" * 30}
    note = thread_note("k", NOBODYS | {"status": "claimed", "holder": LONGEST_ID} | facts)
    assert block_problems(list(note.blocks)) == []
    assert len(note.text) < 4_000


@pytest.mark.parametrize("topic", sorted(set(Topic) - TOLD_DIRECTLY))
def test_a_hostile_text_is_only_a_text(topic: Topic) -> None:
    """No mention, no link, nobody is called who is not concerned."""
    hostile = dict.fromkeys(["by", "words", "outcome", "holder"], HOSTILE)
    note = thread_note("k", NOBODYS | hostile | {"topic": topic, "to": [HOSTILE], "status": "claimed"})
    texts = [note.text, *formatted_texts(list(note.blocks))]
    assert all(is_harmless(text) for text in texts)
