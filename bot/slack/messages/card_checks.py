"""Why a review was raised: the checks that failed, each on a line, and those that passed. Pure."""

from collections.abc import Sequence

from bot.reviews.checks import Check, Checks
from bot.reviews.review import Review
from bot.slack.messages.check_words import check_name, findings, result
from bot.slack.messages.mrkdwn import code

CHECKS_LENGTH = 2_000
"""The most characters of all checks on a card: Slack accepts 3,000 per section, and about 12,000 per message."""

MOST_FINDINGS, FINDINGS_LENGTH = 4, 400
"""The most findings of one check, and their characters, which leaves room for the next failed check."""

PASSED_LENGTH = 300

FAILED_MARK, PASSED_MARK, UNKNOWN_MARK = "❌", "✅", "❔"


def check_lists(review: Review) -> list[str]:
    """Why the review was raised, and Ralio's reasons for its verdict; each only if there are any."""
    shown = [
        (title, checks)
        for title, checks in (("", review.current_checks), ("Ralio's reasons", review.verdict_checks))
        if checks.kept
    ]
    # Even the longest line fits into the share of one list.
    limit = CHECKS_LENGTH if len(shown) == 1 else CHECKS_LENGTH * 3 // 5
    return [_lines(title, checks, limit) for title, checks in shown]


def _lines(title: str, checks: Checks, limit: int) -> str:
    """One line per check that didn't pass, in their order, then one for all that did."""
    lines = [f"*{title}:*"] if title else []
    passed = [check for check in checks.kept if check.state == "validated"]
    others = [check for check in checks.kept if check.state != "validated"]
    shown = 0
    for line in map(_line, others):
        if sum(map(len, lines)) + len(line) > limit:
            break
        lines.append(line)
        shown += 1
    if passed and shown == len(others):
        lines.append(_passed(passed))
        shown += len(passed)
    if more := len(checks.kept) - shown + checks.left_out:
        lines.append(f"• and {more} more")
    return "\n".join(lines)


def _line(check: Check) -> str:
    if check.state == "refused":
        return f"{FAILED_MARK} {_findings(check)}"
    return f"{UNKNOWN_MARK} {_findings(check, result(check))}"


def _findings(check: Check, said: str = "") -> str:
    """What the check found, each with its code beside it, after the text in `said`; the same words appear once."""
    text, words, shown = said, said, 0
    for finding in findings(check)[:MOST_FINDINGS]:
        beside = code(finding.code) if finding.code is not None else ""
        new = finding.words if finding.words != words else ""
        part = " ".join(filter(None, (_continued(new, words) if text else new, beside)))
        joint = "; " if text and new else " " if text and part else ""
        if len(text) + len(joint) + len(part) > FINDINGS_LENGTH:
            break
        text, words, shown = f"{text}{joint}{part}", finding.words, shown + 1
    more = len(check.codes) - shown + check.more_codes if check.codes else 0
    return f"{text} and {more} more" if more else text


def _continued(words: str, before: str) -> str:
    """Words behind a semicolon, without what they begin with as those before do; an acronym keeps its capitals."""
    about, colon, what = words.partition(": ")
    if colon and before.startswith(f"{about}: "):
        return what
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def _passed(passed: Sequence[Check]) -> str:
    """The names of the checks that passed, as many as fit, and how many more there are."""
    names, shown = "", 0
    for check in passed:
        name = check_name(check)
        if len(names) + len(name) > PASSED_LENGTH:
            break
        names, shown = f"{names}, {name}" if names else name, shown + 1
    more = len(passed) - shown
    return f"{PASSED_MARK} Passed: {names}{f' and {more} more' if more else ''}"
