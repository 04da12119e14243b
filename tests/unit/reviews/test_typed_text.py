"""What is kept of a note or a comment."""
# ruff: noqa: RUF001 - letters of other scripts are what is tested

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.reviews.typed_text import cleaned

NEWLINES = ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NONCHARACTERS = "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff"
TEXTS = {
    "Persian": "می\u200cخواهم",
    "Persian with a number": "۳۰\u200cساله",
    "Hindi": "क्\u200dष",
    "Malayalam, with a joiner at the end of a word": "അവന്\u200d വന്നു",
    "Mongolian": "ᠨᠠᠢᠮᠠ\u180eᠠ",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "rainbow flag": "🏳\ufe0f\u200d🌈",
    "skin tone and sign": "👩🏽\u200d⚕\ufe0f",
    "shaking head": "🙂\u200d↔\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "keycap in a sequence": "1\ufe0f\u20e3\u200d🔥",
    "capital letters at both ends": "XML is not TEX",
    "Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "an emoji that Python does not know": "\U0001faea\u200d\U0001fac8",
    "a person beside an emoji that Python does not know": "👩\u200d\U0001fac8",
    "a letter that Python does not know": "a\u200c\u0378",
    "combining marks": "e\u0301 n\u0303 \u05e9\u05c1",
    "ideographic variant": "葛\U000e0100城",
    "private use": "\uf8ff",
    "a code point that is not assigned": "\U0003fff0 \u0378",
    "Arabic number sign": "\u0600١٢",
}


def test_space_separators_keep_words_apart() -> None:
    """A name typed with a no-break space is still two words."""
    spaces = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Zs"]
    assert len(spaces) >= 17
    for space in (*spaces, "\t"):
        assert cleaned(f"{space}Ana{space}Lima{space}") == "Ana Lima", hex(ord(space))


@pytest.mark.parametrize("newline", [*NEWLINES, "\n"])
def test_line_separators_are_line_breaks(newline: str) -> None:
    """Whatever program the text was copied from."""
    assert cleaned(f"one{newline}two{newline}") == "one\ntwo"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_scripts_and_emoji_stay_as_they_were_typed(text: str) -> None:
    """They read differently without their joiners, selectors and marks."""
    assert cleaned(text) == text


@pytest.mark.parametrize(
    "character",
    [
        *"\x00\x07\x1b\x1c\x1f\x7f\x80\x9f",
        *BIDI,
        *"\u200b\ufeff\u2060\u00ad",
        *"\ud800\udfff",
        *NONCHARACTERS,
    ],
)
def test_characters_that_nobody_sees_are_removed(character: str) -> None:
    """Controls, direction marks, zero-width marks, surrogates, noncharacters."""
    assert cleaned(f"pass{character}port é") == "passport é"
    assert cleaned(character) == ""


@pytest.mark.parametrize(
    "typed", ["a \u200d b", "a\u200d", "\u200ca", "a.\u200d.b", "a\ufe0f\u200d.", "😀\u200d a"]
)
def test_a_joiner_between_nothing_is_removed(typed: str) -> None:
    """It joins letters or emoji, nothing else."""
    assert "\u200d" not in cleaned(typed)
    assert "\u200c" not in cleaned(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a" + "\u200d" * 3 + "b", "a\u200db"),
        ("☀" + "\ufe0f\ufe01\U000e0101" * 9, "☀\ufe0f"),
        ("a \ufe0fb", "a b"),
        ("x\U000e0061\U000e0062\U000e007fy é", "xy é"),
    ],
)
def test_no_text_hides_in_repeated_marks(typed: str, kept: str) -> None:
    """Any number of selectors or tags looks like one, and can carry a message."""
    assert cleaned(typed) == kept


@pytest.mark.parametrize("typed", ["\u2800", "\u3164\u3164", "\u115f \uffa0", "\ufe0f", "\u200d\u200c"])
def test_a_blank_looking_text_is_empty(typed: str) -> None:
    """A field that looks empty is no reason for anything."""
    assert cleaned(typed) == ""


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(exclude_categories=()), max_size=30)
    | st.lists(
        st.sampled_from(
            [*"a1\u0915\u094d😀☀🏽🏴 \n\t\r", *"\u200c\u200d\u180e\ufe0f\u20e3\u200b\u202e", *TEXTS.values()]
        )
    ).map("".join)
)
@example(" \ufe0f\u200da")
@example("a\u200d\ufe0f\u200db")
def test_cleaning_keeps_what_is_seen(typed: str) -> None:
    """Letters, digits, marks, punctuation and symbols stay in order; the result can be stored, and stays as it is."""
    kept = cleaned(typed)
    assert cleaned(kept) == kept
    kept.encode()
    assert kept == kept.strip()
    assert not set(kept) & set(BIDI + NONCHARACTERS + "\x00\u200b\ufeff\u2060")
    assert not any(unicodedata.category(c) in ("Cs", "Zl", "Zp") for c in kept)
    assert all(unicodedata.category(c) != "Cc" or c == "\n" for c in kept)
    assert all(unicodedata.category(c) != "Zs" or c == " " for c in kept)
    if kept:
        assert _seen(kept) == _seen(typed)
    else:
        assert not any(c.isalnum() and unicodedata.category(c) != "Lo" for c in typed)


def _seen(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNPS")
