"""Ralio's automatic checks in words, with the code beside them. Pure.

Ralio documents no list of its codes. The table holds those on its pages (kyc-session-manual-review and
kyc-session-failed) and their categories; every other code is read as words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.reviews.checks import Check, Checks

WORDS_LENGTH = 80
"""The most characters of one finding; a code can be as long."""

UNNAMED = "check"
"""The type of a check that came without one."""

CODES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("DOC", "DETERIORATED"): "Document is damaged or unreadable",
        ("DOC", "EXPIRED"): "Document has expired",
        ("DOC", "EXPIRED_DOCUMENT"): "Document has expired",
        ("FACE", "LOW_CONFIDENCE"): "Face may not match the document",
        ("FACE", "NO_MATCH"): "Face doesn't match the document",
    }
)
"""What a code means, by its category: `KYC.FACE.NO_MATCH`, or `NO_MATCH` of a face check."""

CATEGORIES: Mapping[str, str] = MappingProxyType({"DOC": "Document", "FACE": "Face"})

CHECK_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "document": ("Document check", "DOC"),
        "document-verification": ("Document check", "DOC"),
        "face-match": ("Face match", "FACE"),
        "face-matching": ("Face match", "FACE"),
        "manual-review": ("Manual review", ""),
    }
)
"""A check's name and the category of its codes, by its type."""

_ACRONYM_LENGTH = 4
_READABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*", re.ASCII)
_OWN_CODE = re.compile(r"KYC\.([A-Z0-9_-]+)\.([A-Z0-9_.-]+)", re.ASCII | re.IGNORECASE)
_RESULTS: Mapping[str, str] = MappingProxyType({"validated": "passed", "refused": "failed", "": "no result"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found, in words of letters, digits and plain punctuation; `code` is as it came."""

    words: str
    code: str | None = None


def findings(check: Check) -> list[Finding]:
    """What a check found: one finding per code, or else the check's result."""
    if not check.codes:
        return [Finding(result(check))]
    return [Finding(_code_in_words(code, check), code) for code in check.codes]


def result(check: Check) -> str:
    """A check's name and how it ended: "Face match failed"."""
    known = _RESULTS.get(check.state)
    if known is not None:
        return f"{check_name(check)}{':' if not check.state else ''} {known}"
    return f"{check_name(check)}: {_in_words(check.state) or 'unknown result'}"


def check_name(check: Check) -> str:
    """The name of a check, from its type."""
    known = CHECK_TYPES.get(_key(check.type))
    return known[0] if known else _sentence(_in_words(check.type)) or "Check"


def failed(checks: Checks) -> list[Check]:
    """The checks that failed, in their order."""
    return [check for check in checks.kept if check.state == "refused"]


def leading_words(checks: Checks) -> str:
    """What failed first and how many other checks failed, for a title; empty if none failed."""
    found = failed(checks)
    if not found:
        return ""
    words, others = findings(found[0])[0].words, len(found) - 1
    return f"{words} and {others} more" if others else words


def _code_in_words(code: str, check: Check) -> str:
    own = _OWN_CODE.fullmatch(code)
    name, category = CHECK_TYPES.get(_key(check.type), ("", ""))
    if own is not None:
        category, code = own[1].upper(), own[2]
    elif check.category is not None and (check.category in CATEGORIES or not category):
        category = check.category
    if (known := CODES.get((category, code.upper()))) is not None:
        return known
    what = _in_words(code).lower()
    about = CATEGORIES.get(category) or _sentence(_in_words(category)) or name or _type_in_words(check.type)
    if not what:
        return result(check)
    return f"{about}: {what}"[:WORDS_LENGTH] if about else _sentence(what)


def _type_in_words(type_: str) -> str:
    return "" if type_ == UNNAMED else _sentence(_in_words(type_))


def _in_words(text: str) -> str:
    """A machine-readable word as words; empty if it holds anything that could be markup."""
    if not _READABLE.fullmatch(text):
        return ""
    if text.isupper() and text.isalpha() and len(text) <= _ACRONYM_LENGTH:
        return text  # such as AML
    return " ".join(re.split(r"[ _.-]+", text.lower().strip(" _.-")))[:WORDS_LENGTH]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _key(type_: str) -> str:
    return type_.strip().lower().replace("_", "-")
