"""What a person types behind `/reviews`."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.action_request import Actor
from bot.slack.requests.slash_commands import Asked, CardLink, Misspelt, Probe, Word, read_command

FORM = {
    "token": "made-up-token",
    "team_id": "T1DC2JH3J",
    "team_domain": "testteamnow",
    "channel_id": "G8PSS9T3V",
    "channel_name": "foobar",
    "user_id": "U2CERLKJA",
    "user_name": "roadrunner",
    "command": "/reviews",
    "text": "",
    "api_app_id": "A02",
    "is_enterprise_install": "false",
    "response_url": "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96r",
    "trigger_id": "398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
}
"""Every documented field (https://docs.slack.dev/interactivity/implementing-slash-commands)."""

ANNA = Actor("U2CERLKJA", workspace_id="T1DC2JH3J", app_id="A02")
SESSION = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"


def _read(text: str) -> Asked | Misspelt | Probe | None:
    return read_command(urlencode(FORM | {"text": text}).encode())


@pytest.mark.parametrize("word", Word)
def test_every_word_is_understood(word: Word) -> None:
    """In any case, with blanks around it."""
    for text in (
        *(word.value, f"  {word.upper()} ", word.capitalize(), f"\u3000{word}\u200b"),
        *(f"\ufeff{word}.", f"\u201c{word}\u201d", f"'{word}'.", f"<{word}>", f"`{word}`!"),
    ):
        assert _read(text) == Asked(ANNA, word)


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_asks_for_what_one_has(text: str) -> None:
    """The commonest question needs no word."""
    assert _read(text) == Asked(ANNA, Word.MINE)


@pytest.mark.parametrize("session", [SESSION, "s-1", "KYC.2026:7", "1", "s" * 127 + "1"])
def test_a_session_is_asked_about_by_its_id(session: str) -> None:
    """Also as it is copied off a card, with the ticks of fixed width."""
    for text in (session, f"`{session}`", f" {session} "):
        assert _read(text) == Asked(ANNA, session)


@pytest.mark.parametrize(
    "text",
    [SESSION.upper(), SESSION.replace("-", ""), f"urn:uuid:{SESSION}", f"{{{SESSION}}}", f"`{{{SESSION}}} `"],
)
def test_a_session_is_asked_about_in_every_spelling_of_its_id(text: str) -> None:
    """As another tool shows it."""
    assert _read(text) == Asked(ANNA, SESSION)


@pytest.mark.parametrize(
    "label", ["", "Session ", "session: ", "Session ID: ", "Subject ", "id: ", "Review "]
)
@pytest.mark.parametrize(
    "around", ["{}", "\u201c{}\u201d", "\u2018{}\u2019.", "\ufeff{}\u200b", "<{}>", "({}),", "{} ."]
)
def test_a_pasted_id_is_understood(label: str, around: str) -> None:
    """With its label, and with what an editor or a ticket puts around it."""
    assert _read(around.format(f"{label}{SESSION.upper()}")) == Asked(ANNA, SESSION)
    assert _read(around.format(f"{label}`user-1`")) == Asked(ANNA, "user-1")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", "42"),
        ("#42", "#42"),
        ("#42.", "#42"),
        ("Review #42", "#42"),
        ("review 42", "42"),
        ("related-party review #42", "#42"),
        ("No. 42", "42"),
        ("Overdue \u00b7 User review #42 \u00b7 Face doesn\u2019t match the document", "#42"),
    ],
)
def test_a_review_is_asked_about_by_its_number(text: str, number: str) -> None:
    """As people say it, or as the title of its card is copied."""
    assert _read(text) == Asked(ANNA, number)


CARD_LINK = "https://team.slack.com/archives/C0123/p1773765688000001"


@pytest.mark.parametrize(
    "text",
    [
        CARD_LINK,
        f"<{CARD_LINK}>",
        f"<{CARD_LINK}|the card>",
        f"\u201c{CARD_LINK}\u201d.",
        f"look at {CARD_LINK}",
        "https://team.slack.com/archives/C0123/p1773765699000009?thread_ts=1773765688.000001&cid=C0123",
    ],
)
def test_a_review_is_asked_about_by_the_link_to_its_card(text: str) -> None:
    """Or to a reply in its thread."""
    assert _read(text) == Asked(ANNA, CardLink("C0123", "1773765688.000001"))


@pytest.mark.parametrize("id_", ["review-7", "user-1", "session_1"])
def test_a_label_within_an_id_belongs_to_it(id_: str) -> None:
    """Subjects can be named like this."""
    assert _read(id_) == Asked(ANNA, id_)


@pytest.mark.parametrize(
    "text",
    ["mien", "open mine", "stat", "<!channel>", "#41 #42", "-1", "s" * 128 + "1", "ünknown1", "!", "review"],
)
def test_anything_else_is_a_mistake(text: str) -> None:
    """It is said back, so that the person sees it."""
    assert _read(text) == Misspelt(ANNA, text)


def test_an_organisation_tells_its_own_id() -> None:
    """The fields are there only where there is an organisation of workspaces."""
    read = read_command(urlencode(FORM | {"enterprise_id": "E1", "enterprise_name": "Org"}).encode())
    assert isinstance(read, Asked)
    assert read.actor.enterprise_id == "E1"


def test_slacks_check_of_the_address_asks_for_nothing() -> None:
    """`ssl_check` comes without a person."""
    assert read_command(b"token=made-up-token&ssl_check=1") == Probe()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"text=mine",
        b"user_id=",
        b"user_id=%3C%21channel%3E&text=mine",
        b"user_id=u1&text=mine",
        b"\xff",
        b"&".join(b"a=1" for _ in range(60)) + b"&user_id=U2CERLKJA",
    ],
)
def test_without_a_person_nothing_is_asked(body: bytes) -> None:
    """Slack always names who typed it."""
    assert read_command(body) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=50))
def test_nothing_raises(body: bytes, text: str) -> None:
    """Whatever is signed, an answer comes."""
    read_command(body)
    assert _read(text) is not None
