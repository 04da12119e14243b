"""Whether typed text looks like personal data, which does not belong in a note. Only a warning follows. Pure."""

import re
from collections.abc import Iterable

# Opaque by themselves: UUIDs (one in nine looks like an account number) and Slack's mentions.
_OPAQUE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|<[@#!][^<>\s]*>", re.IGNORECASE)
_LOOKS = (
    ("an email address", re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")),
    (
        "an account number (IBAN)",
        re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}[ -]?[A-Z0-9]{0,4}\b", re.IGNORECASE),
    ),
    ("a card or account number", re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])")),
    ("a document number", re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{7,12}\b")),
    ("a phone number", re.compile(r"(?<![\w])\+\d(?:[ ()/.-]{0,2}\d){7,14}(?!\w)")),
)


def looks_like(text: str, known_ids: Iterable[str | None] = ()) -> str | None:
    """The kind of personal data that the text seems to hold, for a sentence; None if nothing stands out.

    `known_ids` are opaque ids that people can write, such as that of the session.
    """
    for known in known_ids:
        text = text.replace(known, " ") if known else text
    text = _OPAQUE.sub(" ", text)
    return next((what for what, pattern in _LOOKS if pattern.search(text)), None)
