"""What is told in the thread under a card."""

from typing import Any

import pytest

from bot.reviews.announcements import Topic
from bot.simulator.blocks.validation import block_problems
from bot.slack.metadata import metadata
from bot.slack.thread_notes import thread_note
from tests.support.examples import HOSTILE, LONGEST_ID, formatted_texts, is_harmless

FACTS: dict[str, Any] = {"topic": "sent_back", "by": "UBORIS", "to": ["UANNA"], "words": "Look again."}

SENTENCES = {
    Topic.REASSIGNED: "<@UANNA>: <@UBORIS> has handed this review over",
    Topic.TAKEN_OVER: "<@UANNA>: <@UBORIS> has taken this review over from you",
    Topic.RELEASED: "<@UANNA>: <@UBORIS> has released this review, which you had claimed",
    Topic.ESCALATED: "<@UANNA>: <@UBORIS> asks the leads for help with this review",
    Topic.SENT_BACK: "<@UANNA>: <@UBORIS> has sent your decision back",
    Topic.REOPENED: "<@UANNA>: <@UBORIS> has reopened this review, which was decided",
}


@pytest.mark.parametrize("topic", Topic)
def test_each_topic_mentions_whom_it_concerns_and_says_what_was_done(topic: Topic) -> None:
    """With the words below it, as they were typed; the fallback says both."""
    note = thread_note("thread:s:3", FACTS | {"topic": topic.value})
    sentence, words = note.blocks
    assert sentence["text"] == {"type": "mrkdwn", "text": f"{SENTENCES[topic]}:"}
    assert words["text"] == {"type": "plain_text", "text": "Look again.", "emoji": False}
    assert note.text == f"{SENTENCES[topic]}: Look again."
    assert note.metadata == metadata("thread:s:3")


@pytest.mark.parametrize("topic", Topic)
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


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("words", ["&" * 1_000, "<!channel> " * 90, "\n" * 1_000, "x", None])
def test_slack_takes_every_note(topic: Topic, words: str | None) -> None:
    """Also the longest words, in characters that grow when they are escaped, and five hundred leads."""
    leads = [f"S{number:040}" for number in range(500)]
    note = thread_note("k", {"topic": topic, "by": LONGEST_ID, "to": leads, "words": words})
    assert block_problems(list(note.blocks)) == []
    assert len(note.text) < 4_000


def test_a_hostile_text_is_only_a_text() -> None:
    """No mention, no link, nobody is called who is not concerned."""
    note = thread_note("k", {"topic": "sent_back", "by": HOSTILE, "to": [HOSTILE], "words": HOSTILE})
    texts = [note.text, *formatted_texts(list(note.blocks))]
    assert all(is_harmless(text) for text in texts)
