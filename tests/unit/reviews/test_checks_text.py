"""Checks are stored and sealed as text, and read back as they were."""

import pytest

from bot.reviews.checks import NO_CHECKS, Check, Checks
from bot.reviews.checks_text import checks_as_text, checks_from_text

FACE = Check("face-matching", "refused", ("NO_MATCH", "BLURRED"), "FACE", 3)
DOCUMENT = Check("document", "validated")


@pytest.mark.parametrize(
    ("checks", "text"),
    [
        (NO_CHECKS, "[]"),
        (Checks((DOCUMENT,)), '[["document", "validated", [], null, 0]]'),
        (
            Checks((FACE, DOCUMENT), 7),
            (
                '[["face-matching", "refused", ["NO_MATCH", "BLURRED"], "FACE", 3], '
                '["document", "validated", [], null, 0], 7]'
            ),
        ),
        (Checks((), 7), "[7]"),
    ],
)
def test_checks_are_read_back_as_they_were(checks: Checks, text: str) -> None:
    """The text is sealed, so it must not change."""
    assert checks_as_text(checks) == text
    assert checks_from_text(text) == checks


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ('[["face-matching", "refused", ["NO_MATCH"]]]', Check("face-matching", "refused", ("NO_MATCH",))),
        ('[["face-matching", "refused", [], "FACE"]]', Check("face-matching", "refused", (), "FACE")),
    ],
)
def test_texts_of_older_versions_are_read(text: str, check: Check) -> None:
    """Their lists end with the codes or with the category."""
    assert checks_from_text(text) == Checks((check,))
