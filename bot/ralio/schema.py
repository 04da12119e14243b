"""What Ralio's events and its API have in common: ids, times, words and checks, as tolerantly as is safe.

A check is a type, a state and the reasons why it was refused. Its data, messages and whatever else Ralio tells of it
are never read: they may be personal.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from bot.reviews.review import Check

MAX_CHECKS = 20
MAX_CODES = 10
MAX_WORD = 80

_CATEGORY = re.compile(r"[A-Z][A-Z0-9_.-]{0,39}", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: object) -> int:
    """ISO 8601, also with seven fractional digits and an offset; a time without an offset is taken as UTC."""
    if not isinstance(moment, str):
        raise ValueError("must be an ISO 8601 text")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return (parsed - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError) as error:
        raise ValueError("must be an ISO 8601 time") from error


def word(value: object) -> object:
    """A short machine-readable word; a number is its digits. Longer texts are cut, control characters dropped."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return "".join(character for character in value[:1_000] if character.isprintable())[:MAX_WORD]
    return value


def _check_state(value: object) -> object:
    """Newer copies number the states of a check: 1 is validated, 2 is refused (page kyc-session-failed)."""
    state = word(value)
    return (
        {"1": "validated", "2": "refused"}.get(state.lower(), state.lower())
        if isinstance(state, str)
        else state
    )


def _category(value: object) -> object:
    """Documented as a code in capitals such as DOC (page kyc-session-failed); anything else could be about a person."""
    return value if isinstance(value, str) and _CATEGORY.fullmatch(value) else ""


def present(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop nulls and blanks, so that `{"eventId": null, "id": "..."}` is read like the older envelope."""
    if isinstance(document, dict):
        return {key: value for key, value in document.items() if value not in (None, "")}
    return document


# Documented as UUIDs. Any opaque id is taken rather than lose a review, but nothing that could carry markup or a name.
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
Word = Annotated[str, BeforeValidator(word)]
_Category = Annotated[str, BeforeValidator(_category)]
Moment = Annotated[int, BeforeValidator(milliseconds)]
"""Milliseconds since 1970, UTC."""


class Tolerant(BaseModel):
    """Reads what it knows and lets the rest pass; errors never repeat a value."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class _MappedError(Tolerant):
    code: Word = ""
    category: _Category = ""


class _Reason(Tolerant):
    code: Word = ""
    type: Word = ""
    category: _Category = ""
    mapped: _MappedError | None = Field(None, validation_alias=AliasChoices("mappedError", "mapped_error"))

    def words(self) -> tuple[str, str]:
        """Ralio's own code before that of its provider (page get-idv-session-checks), and the category."""
        mapped = self.mapped or _MappedError()
        return mapped.code or self.code or self.type, mapped.category or self.category


class WireCheck(Tolerant):
    """A check as events tell it (`reasons`) and as the API does (`refused_reasons`)."""

    type: Word = "check"
    state: Annotated[Word, BeforeValidator(_check_state)] = ""
    reasons: list[_Reason] | None = Field(
        None, validation_alias=AliasChoices("reasons", "refused_reasons", "refusedReasons")
    )

    def check(self) -> Check:
        """The part of it that is kept."""
        reasons = [reason.words() for reason in self.reasons or ()]
        codes = tuple(code for code, _ in reasons if code)[:MAX_CODES]
        categories = dict.fromkeys(category for _, category in reasons if category)
        return Check(self.type, self.state, codes, ", ".join(categories)[:MAX_WORD] or None)
