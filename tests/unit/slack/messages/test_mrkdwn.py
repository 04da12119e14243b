"""Slack's mrkdwn for ids, people and times: everything from outside is only text."""

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
def test_text_cannot_leave_its_inline_code(word: str, written: str) -> None:
    """A backtick would end it."""
    assert code(word) == written


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_no_text_makes_a_mention_or_a_link(text: str) -> None:
    """No angle bracket is left, and Slack shows the text itself."""
    written = escaped(text)
    assert not re.search("[<>]", written)
    assert written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50))
def test_no_text_ends_its_inline_code(word: str) -> None:
    """The only backticks are the two around it."""
    assert code(word).count("`") == 2


def test_a_person_is_mentioned_by_id() -> None:
    """Slack shows the name that the reader knows."""
    assert person("U012AB3CD") == "<@U012AB3CD>"


def test_an_invalid_person_id_mentions_no_one() -> None:
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
    """Messages stay short in a workspace of thousands."""
    assert people(ids, limit=2) == written


def test_a_time_is_in_the_readers_time_zone() -> None:
    """Slack counts whole seconds; the text after the bar is for clients that do not know the time zone."""
    assert moment(1_773_765_688_447) == (
        "<!date^1773765688^{date_short_pretty} at {time}|2026-03-17 16:41 UTC>"
    )


def test_a_plain_time_is_in_utc() -> None:
    """Slack's date format does not work in notifications."""
    assert plain_moment(1_773_765_688_447) == "2026-03-17 16:41 UTC"
