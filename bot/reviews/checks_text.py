"""Checks as text, in the form in which they are stored and sealed.

A JSON list with a list for each check (type, state, codes, category, how many codes were left out), and at the end how
many checks were left out, if any were.
"""

import json

from bot.reviews.checks import NO_CHECKS, Check, Checks


def checks_as_text(checks: Checks) -> str:
    """The text of checks; equal checks have equal texts."""
    if not checks.kept and not checks.left_out:
        return "[]"
    listed: list[object] = [
        [check.type, check.state, check.codes, check.category, check.more_codes] for check in checks.kept
    ]
    return json.dumps([*listed, checks.left_out] if checks.left_out else listed)


def checks_from_text(text: str) -> Checks:
    """The checks of a text, also of an older one whose lists end with the codes, or with the category.

    ValueError for a text that holds none: in a database that was changed, it can be anything.
    """
    if text == "[]":
        return NO_CHECKS
    try:
        listed = json.loads(text)
        left_out = listed.pop() if isinstance(listed[-1], int) else 0
        return Checks.of([_check(*each) for each in listed], left_out)
    except (TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError("this text holds no checks") from error


def _check(
    type_: str, state: str, codes: list[str], category: object = None, more_codes: object = 0
) -> Check:
    are_texts = all(isinstance(each, str) for each in (type_, state, *codes))
    if not (are_texts and isinstance(category, str | None) and isinstance(more_codes, int)):
        raise TypeError
    return Check(type_, state, tuple(codes), category, more_codes)
