"""A session's automatic checks as Ralio's events and its API report them, read without ever failing.

A check is a type, a state and the reasons why it was refused. Its data, messages and other fields are never read: they
may be personal. Checks only decorate a card, so a part that can't be read is left out and never loses the review.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any

from bot.ralio.schema import MAX_WORD, word
from bot.reviews.checks import Check

UNKNOWN_TYPE = "check"

_CATEGORY = re.compile(r"[A-Z][A-Z0-9_.-]{0,39}", re.ASCII)
_CODE = re.compile(r"[A-Z]+(?:[_.-][A-Z0-9]+)*", re.ASCII)
_STATES: Mapping[str, str] = MappingProxyType({"1": "validated", "2": "refused"})
"""Newer copies number the states of a check (page kyc-session-failed)."""


MAX_READ_CHECKS = 200
MAX_READ_REASONS = 100
"""Real sessions have a handful of each. Half a million would block the event loop, so the rest is only counted."""


@dataclass(frozen=True, slots=True)
class ReadChecks:
    """The checks that were read, and how many more there are.

    They are in their order, unless there are more than MAX_READ_CHECKS: then refused ones come first. `unreadable`
    means that other parts were left out.
    """

    checks: tuple[Check, ...] = ()
    left_out: int = 0
    unreadable: bool = False


NOTHING_READ = ReadChecks()


@dataclass(slots=True)
class _Reader:
    """Reads one list of checks and notes whether anything was left out."""

    unreadable: bool = field(default=False)

    def items(self, value: object) -> Iterator[Mapping[str, Any] | str]:
        """The objects and texts of a list; a single text counts as a list of one."""
        if _is_absent(value):
            return
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict | str):
                    yield item
                elif item is not None:
                    self.unreadable = True
        else:
            self.unreadable = True

    def word(self, value: object) -> str:
        """A short machine-readable word, empty for anything else."""
        found = word(value)
        if isinstance(found, str):
            return found
        self.unreadable = True
        return ""

    def check(self, item: Mapping[str, Any]) -> Check:
        """The parts of a check that are kept."""
        type_ = UNKNOWN_TYPE if item.get("type") is None else self.word(item["type"])
        state = self.word(item.get("state")).strip().lower()
        codes: list[str] = []
        categories: dict[str, None] = {}
        reasons = self.items(_first(item, "reasons", "refused_reasons", "refusedReasons"))
        for reason in islice(reasons, MAX_READ_REASONS):
            code, category = self.text_reason(reason) if isinstance(reason, str) else self.reason(reason)
            if code:
                codes.append(code)
            if category:
                categories[category] = None
        return Check(
            type_ or UNKNOWN_TYPE,
            _STATES.get(state, state),
            tuple(codes),
            ", ".join(categories)[:MAX_WORD] or None,
            more_codes=sum(1 for _ in reasons),
        )

    def reason(self, reason: Mapping[str, Any]) -> tuple[str, str]:
        """Ralio's own code before that of its provider (page get-idv-session-checks), and the category."""
        mapped = _first(reason, "mappedError", "mapped_error")
        if not isinstance(mapped, dict):
            self.unreadable |= not _is_absent(mapped)
            mapped = {}
        code = self.word(mapped.get("code")) or self.word(reason.get("code")) or self.word(reason.get("type"))
        return code, _category(mapped.get("category")) or _category(reason.get("category"))

    def text_reason(self, reason: str) -> tuple[str, str]:
        """A reason that is only a text counts if it is a code in capitals; any other could be about a person."""
        text = reason.strip()
        if len(text) <= MAX_WORD and _CODE.fullmatch(text):
            return text, ""
        self.unreadable |= bool(text)
        return "", ""


def read_checks(value: object) -> ReadChecks:
    """Read the checks in any JSON value; never raises, and takes time in proportion to the value's size."""
    if value is None:
        return NOTHING_READ
    reader = _Reader()
    items: list[Mapping[str, Any]] = []
    for item in reader.items(value):
        if isinstance(item, str):
            reader.unreadable |= bool(item.strip())
        else:
            items.append(item)
    if len(items) > MAX_READ_CHECKS:
        items.sort(key=_rank)
    checks = tuple(reader.check(item) for item in items[:MAX_READ_CHECKS])
    return ReadChecks(checks, len(items) - len(checks), reader.unreadable)


def _rank(item: Mapping[str, Any]) -> int:
    """Refused checks first, validated ones last: a state that is not known can need a look."""
    state = item.get("state")
    match state.strip().lower() if isinstance(state, str) else state:
        case "refused" | "2" | 2:
            return 0
        case "validated" | "1" | 1:
            return 2
        case _:
            return 1


def _is_absent(value: object) -> bool:
    """Null and its equivalents: an empty text, list or object, zero and false."""
    return not value or (isinstance(value, str) and not value.strip())


def _first(item: Mapping[str, Any], *names: str) -> object:
    """The first of several spellings of a field that holds anything."""
    return next((value for name in names if (value := item.get(name)) is not None), None)


def _category(value: object) -> str:
    """Documented as a code in capitals such as DOC (page kyc-session-failed); anything else could be about a person."""
    return value if isinstance(value, str) and _CATEGORY.fullmatch(value) else ""
