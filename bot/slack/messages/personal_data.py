"""Does what a person typed look like personal data, which does not belong into a note? A warning, never a verdict."""

import re
from collections.abc import Iterable

# What is opaque by itself: UUIDs, of which every ninth would pass for an account number, and Slack's mentions.
_OPAQUE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|<[@#!][^<>\s]*>", re.IGNORECASE)
_LOOKS = (
    ("an e-mail address", re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")),
    (
        "an account number (IBAN)",
        re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}[ -]?[A-Z0-9]{0,4}\b", re.IGNORECASE),
    ),
    ("a card or account number", re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])")),
    ("a document number", re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{7,12}\b")),
    ("a phone number", re.compile(r"(?<![\w])\+\d(?:[ ()/.-]{0,2}\d){7,14}(?!\w)")),
)


def looks_like(text: str, known_ids: Iterable[str | None] = ()) -> str | None:
    """What kind of personal data the text seems to hold, in words; None when nothing stands out.

    `known_ids` are opaque ids that anybody may write, such as the session's own.
    """
    for known in known_ids:
        text = text.replace(known, " ") if known else text
    text = _OPAQUE.sub(" ", text)
    return next((what for what, pattern in _LOOKS if pattern.search(text)), None)
