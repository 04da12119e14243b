"""A line of `check`: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How it is; the value is what `--json` says."""

    OK = True
    WRONG = False
    UNKNOWN = None  # it could not be looked at, or need not be


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was looked at; `what` says how it is, `advice` what to do about it."""

    check: str
    state: State
    what: str
    advice: str = ""


def fine(check: str, what: str) -> CheckLine:
    """All is well with it."""
    return CheckLine(check, State.OK, what)


def wrong(check: str, what: str, advice: str) -> CheckLine:
    """It has to be mended."""
    return CheckLine(check, State.WRONG, what, advice)


def unknown(check: str, what: str, advice: str = "") -> CheckLine:
    """Nothing can be said of it."""
    return CheckLine(check, State.UNKNOWN, what, advice)
