"""Cuts Ralio's lists before they are validated: half a million checks would block the event loop for seconds."""

from collections.abc import Mapping

MAX_READ_CHECKS = 200
MAX_READ_REASONS = 100
MAX_SEARCHED = 10_000
"""Real sessions have a handful of each."""


def cap_checks(checks: object) -> object:
    """Return a list of checks with at most 200 entries, refused ones first, and at most 100 reasons in each."""
    if not isinstance(checks, list):
        return checks
    if len(checks) > MAX_READ_CHECKS:
        refused = [check for check in checks[:MAX_SEARCHED] if _is_refused(check)][:MAX_READ_CHECKS]
        others = [check for check in checks[:MAX_READ_CHECKS] if not _is_refused(check)]
        checks = (refused + others)[:MAX_READ_CHECKS]
    return [_cap_reasons(check) for check in checks]


def cap_event(document: Mapping[str, object]) -> dict[str, object]:
    """Return an event with the lists in its data cut."""
    data = document.get("data")
    if not isinstance(data, dict) or "checks" not in data:
        return dict(document)
    return {**document, "data": {**data, "checks": cap_checks(data["checks"])}}


def _is_refused(check: object) -> bool:
    return isinstance(check, dict) and check.get("state") in ("refused", "REFUSED", 2, "2")


def _cap_reasons(check: object) -> object:
    if not isinstance(check, dict):
        return check
    return {
        name: value[:MAX_READ_REASONS] if isinstance(value, list) else value for name, value in check.items()
    }
