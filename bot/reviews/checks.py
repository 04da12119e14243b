"""A session's automatic checks: which are kept, in which order, and when two sets of them are the same evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

MAX_CHECKS = 50
MAX_CODES = 20
"""What is kept of a session's checks, and of the codes of one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check as Ralio reported it: only its type, state, machine-readable codes and their category.

    `more_codes` counts the codes that were left out.
    """

    type: str
    state: str
    codes: tuple[str, ...] = ()
    category: str | None = None
    more_codes: int = 0


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks that are kept of a session: refused ones first, validated ones last. `left_out` counts the rest."""

    kept: tuple[Check, ...] = ()
    left_out: int = 0

    @classmethod
    def of(cls, checks: Iterable[Check], left_out: int = 0) -> "Checks":
        """Sort the checks before cutting them; `left_out` were left out already."""
        if not checks and not left_out:
            return NO_CHECKS
        ordered = sorted(checks, key=lambda check: _CHECK_ORDER.get(check.state, 1))
        kept = tuple(_with_fewer_codes(check) for check in ordered[:MAX_CHECKS])
        return cls(kept, left_out + len(ordered) - len(kept))

    @property
    def evidence(self) -> tuple[frozenset[tuple[str, str, frozenset[str], int]], int]:
        """What a decision can rest on: equal for checks that differ only in order, repetition or category."""
        said = ((check.type, check.state, frozenset(check.codes), check.more_codes) for check in self.kept)
        return frozenset(said), self.left_out


_CHECK_ORDER: Mapping[str, int] = MappingProxyType({"refused": 0, "validated": 2})
"""A state that is not known can need a look, so it goes before the validated ones."""


def _with_fewer_codes(check: Check) -> Check:
    if len(check.codes) <= MAX_CODES:
        return check
    more = check.more_codes + len(check.codes) - MAX_CODES
    return replace(check, codes=check.codes[:MAX_CODES], more_codes=more)


NO_CHECKS = Checks()
"""Nothing is known of the checks."""
