"""Does what a person typed look like personal data, which does not belong into a note? A warning, never a verdict."""

import re

_LOOKS = (
    ("an e-mail address", re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")),
    (
        "an account number (IBAN)",
        re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}[ -]?[A-Z0-9]{0,4}\b", re.IGNORECASE),
    ),
    ("a card or account number", re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])")),
    ("a document number", re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{7,12}\b")),
    ("a phone number", re.compile(r"(?<![\w])\+\d(?:[ ()/.-]?\d){7,14}(?!\w)")),
)


def looks_like(text: str) -> str | None:
    """What kind of personal data the text seems to hold, in words; None when nothing stands out."""
    return next((what for what, pattern in _LOOKS if pattern.search(text)), None)
