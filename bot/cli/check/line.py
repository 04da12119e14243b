"""A line of `check`: what was checked, the result, and what to do."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """The result of a check; the value is what `--json` prints as `ok`."""

    PASSED = True
    FAILED = False
    WARNED = "warning"  # it works, but should be changed; `--json` prints true, with the advice
    SKIPPED = None  # not checked: it was impossible or unnecessary


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: `message` describes the result and `advice` what to do about it."""

    check: str
    state: State
    message: str
    advice: str = ""


def passed(check: str, message: str) -> CheckLine:
    """Return a line for a check that passed."""
    return CheckLine(check, State.PASSED, message)


def failed(check: str, message: str, advice: str) -> CheckLine:
    """Return a line for a check that failed."""
    return CheckLine(check, State.FAILED, message, advice)


def warned(check: str, message: str, advice: str) -> CheckLine:
    """Return a line for something that works but should be changed."""
    return CheckLine(check, State.WARNED, message, advice)


def skipped(check: str, message: str, advice: str = "") -> CheckLine:
    """Return a line for something that was not checked."""
    return CheckLine(check, State.SKIPPED, message, advice)
