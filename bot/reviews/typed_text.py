"""What a person typed, without characters that break databases, terminals or layouts.

Words stay apart, and every script and emoji reads as it was typed. Categories are those of
https://www.unicode.org/reports/tr44/; a code point that is newer than Python's tables counts as visible.
"""

import re
import unicodedata

_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
"""The flag of a region, such as Scotland: a black flag, the region's code in tags, and a final tag."""

_JOINERS = "\u200c\u200d\u180e"  # ZWNJ, ZWJ, and Mongolian's vowel separator
_JOINER_RUN = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
_SELECTORS = "\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SELECTOR = re.compile(f"[{_SELECTORS}]")
"""Invisible marks that choose the form of the character before them."""

_IGNORABLE = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
"""Invisible by themselves: bidi controls, zero-width marks, tags."""

_BLANK = re.compile(f"[\\s\u115f\u1160\u2800\u3164\uffa0{_SELECTORS}]*")
"""Characters that leave a field looking empty."""

_EMOJI_OF_OTHER_CATEGORIES = re.compile("[\u2194\U0001f3fb-\U0001f3ff]")  # an arrow and the skin tones
_VIRAMA = 9
"""The combining class of the sign that joins Indic consonants; a joiner after it shapes the letter before."""


def cleaned(text: str) -> str:
    """Return what was typed, with plain spaces and line breaks and without invisible characters.

    Kept are joiners between letters and in emoji, variation selectors behind what they change, combining marks and
    private use. Cleaning twice changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    text = _SPACE.sub(" ", _LINE_BREAK.sub("\n", text))
    flags = _FLAG.findall(text)
    parts = [_without_controls(part) for part in _FLAG.split(text)]
    text = "".join(part + flag for part, flag in zip(parts, [*flags, ""], strict=True))
    text = _without_lone_marks(_JOINER_RUN.sub(r"\1", text)).strip(" \n")
    return "" if _BLANK.fullmatch(text) else text


def _without_controls(text: str) -> str:
    kept = (character for character in _IGNORABLE.sub("", text) if not _is_control(character))
    return "".join(kept)


def _is_control(character: str) -> bool:
    match unicodedata.category(character):
        case "Cc":
            return character != "\n"
        case "Cs":
            return True
        case "Cn":  # unassigned as far as Python knows, or one of the 66 that will never be a character
            return 0xFDD0 <= ord(character) <= 0xFDEF or ord(character) & 0xFFFE == 0xFFFE  # noqa: PLR2004
        case _:
            return False


def _without_lone_marks(text: str) -> str:
    kept = ""
    for place, character in enumerate(text):
        before, after = kept[-1:], text[place + 1 : place + 2]
        if character in _JOINERS:
            keep = bool(before) and _joins(before, after)
        elif _SELECTOR.fullmatch(character):
            keep = bool(before) and not before.isspace() and not _changes_another(before)
        else:
            keep = True
        kept += character if keep else ""
    return kept


def _changes_another(character: str) -> bool:
    """Whether a character only means something beside another one."""
    return character in _JOINERS or _SELECTOR.fullmatch(character) is not None


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between these two changes how they look; `after` is empty at the end of the text."""
    if unicodedata.combining(before) == _VIRAMA:
        return True
    if not after or _changes_another(after):
        return False
    return (_is_letter(before) and _is_letter(after)) or (_is_emoji(before) and _is_emoji(after))


def _is_letter(character: str) -> bool:
    """Letters, their marks, digits, and what Python does not know yet."""
    return unicodedata.category(character)[0] in "LMN" or unicodedata.category(character) == "Cn"


def _is_emoji(character: str) -> bool:
    """Symbols, what follows them in a sequence, and what Python does not know yet."""
    return (
        unicodedata.category(character) in ("So", "Me", "Cn")
        or _SELECTOR.fullmatch(character) is not None
        or _EMOJI_OF_OTHER_CATEGORIES.fullmatch(character) is not None
    )
