"""The card's list of checks: as many whole lines as fit, and how many more there are. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.reviews.checks import Check, Checks
from bot.reviews.review import Review
from bot.slack.messages.mrkdwn import code

CHECKS_LENGTH = 2_000
"""The most characters of all checks on a card: Slack accepts 3,000 per section, and about 12,000 per message."""

CODES_LENGTH = 400
"""The most characters of one check's codes, which leaves room for the next refused check."""

_MARKS: Mapping[str, str] = MappingProxyType({"validated": "✅", "refused": "❌"})


def check_lists(review: Review) -> list[str]:
    """Why the review was raised, and Ralio's reasons for its verdict; each only if there are any."""
    titled = [
        ("Automatic checks", review.current_checks),
        ("Ralio's reasons for the verdict", review.verdict_checks),
    ]
    shown = [(title, checks) for title, checks in titled if checks.kept]
    # Even the longest line fits into the share of one list.
    limit = CHECKS_LENGTH if len(shown) == 1 else CHECKS_LENGTH * 3 // 5
    return [_lines(title, checks, limit) for title, checks in shown]


def _lines(title: str, checks: Checks, limit: int) -> str:
    """A title and one line per check, in their order."""
    text = f"*{title}*"
    shown = 0
    for check in checks.kept:
        line = f"\n{_MARKS.get(check.state, '•')} {code(check.type)} {_state(check.state)}{_codes(check)}"
        if len(text) + len(line) > limit:
            break
        text, shown = text + line, shown + 1
    more = len(checks.kept) - shown + checks.left_out
    return f"{text}\n• and {more} more" if more else text


def _codes(check: Check) -> str:
    text, shown = "", 0
    for word in check.codes:
        if len(text) + len(code(word)) > CODES_LENGTH:
            break
        text, shown = f"{text}, {code(word)}" if text else code(word), shown + 1
    more = len(check.codes) - shown + check.more_codes
    if more:
        text = f"{text} and {more} more" if text else f"{more} codes"
    category = f" ({code(check.category)})" if check.category else ""
    return (f": {text}" if text else "") + category


def _state(state: str) -> str:
    """The states that Ralio documents are plain words; any other could hold markup."""
    if not state:
        return "without a state"
    return state if state in {"validated", "refused"} else code(state)
