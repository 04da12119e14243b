"""How single things are written in Slack's mrkdwn, and that nothing from outside can be more than text."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.messages.mrkdwn import code, escaped, moment, people, person, plain_moment


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U012AB3CD>", "&lt;@U012AB3CD&gt;"),
        ("<https://example.com|click>", "&lt;https://example.com|click&gt;"),
        ("Roe & Co", "Roe &amp; Co"),
        ("&lt;", "&amp;lt;"),
        ("&amp;", "&amp;amp;"),
        ("", ""),
        ("plain", "plain"),
    ],
)
def test_text_is_shown_as_it_is(text: str, written: str) -> None:
    """Exactly the three characters that Slack names are escaped, the ampersand first."""
    assert escaped(text) == written


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("session-1", "`session-1`"),
        ("a`b", "`a'b`"),
        ("```", "`'''`"),
        ("<!here>", "`&lt;!here&gt;`"),
        ("*bold* _x_ ~y~", "`*bold* _x_ ~y~`"),
    ],
)
def test_a_word_in_fixed_width_cannot_leave_it(word: str, written: str) -> None:
    """A backtick would end it."""
    assert code(word) == written


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_no_text_makes_a_mention_or_a_link(text: str) -> None:
    """No angle bracket is left, and what Slack shows is the text itself."""
    written = escaped(text)
    assert not re.search("[<>]", written)
    assert written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_no_word_ends_its_fixed_width(word: str) -> None:
    """Only the two backticks around it are there."""
    assert code(word).count("`") == 2


def test_a_person_is_mentioned_by_id() -> None:
    """Slack shows the name that the reader knows."""
    assert person("U012AB3CD") == "<@U012AB3CD>"


def test_a_person_that_is_none_mentions_nobody() -> None:
    """An id cannot close the mention and begin another."""
    assert person("U1> <!channel") == "<@U1&gt; &lt;!channel>"


@pytest.mark.parametrize(
    ("ids", "written"),
    [
        ([], ""),
        (["U1"], "<@U1>"),
        (["U1", "U2"], "<@U1>, <@U2>"),
        (["U1", "U2", "U3"], "<@U1>, <@U2> and 1 more"),
        (["U1", "U2", "U3", "U4"], "<@U1>, <@U2> and 2 more"),
    ],
)
def test_many_people_are_shortened(ids: list[str], written: str) -> None:
    """A note stays a note in a workspace of thousands."""
    assert people(ids, limit=2) == written


def test_a_time_is_in_the_readers_time_zone() -> None:
    """Slack counts whole seconds, and the text behind the bar is for where it cannot tell."""
    assert moment(1_773_765_688_447) == (
        "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
    )


def test_a_plain_time_is_in_utc() -> None:
    """Notifications do not know Slack's own form."""
    assert plain_moment(1_773_765_688_447) == "2026-03-17 16:41 UTC"
