"""Replaying the record: what its entries say about a session, to be compared with the tables that the bot works with.

A field that the entries of an older version do not hold is left out: the record proves nothing about it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.reviews.audit.difference import Difference, is_same
from bot.reviews.audit.entry import FETCH_CHECKS, HOLD, LIFT_HOLD, read_detail
from bot.reviews.audit.evidence import POLICY
from bot.reviews.checks_text import checks_from_text
from bot.reviews.ids import canonical_id
from bot.reviews.review import MAX_SKEW_MS, Action, Status

_NO_CLAIM: Mapping[str, object] = {"claimed_by": None, "claimed_at": None}
_NO_DECISION: Mapping[str, object] = {
    "outcome": None,
    "reason": None,
    "note": None,
    "decided_by": None,
    "decided_at": None,
    "unconfirmed": False,
    "recorded_afterwards": False,
}
_NOT_CONFIRMED: Mapping[str, object] = {"confirmed_by": None, "confirmed_at": None}
_NOT_ESCALATED: Mapping[str, object] = {"escalated_by": None, "escalated_at": None}
_NO_SNOOZE: Mapping[str, object] = {"snoozed_until": None, "snooze_reason": None}
_NO_HOLD: Mapping[str, object] = {"hold_reason": None, "placed_by": None, "placed_at": None}
_EARLIER = (
    "outcome",
    "reason",
    "note",
    "decided_by",
    "decided_at",
    "confirmed_by",
    "confirmed_at",
    "unconfirmed",
)


@dataclass(slots=True)
class Replay:
    """What the entries of one session say, followed in their order."""

    values: dict[str, object] = field(default_factory=dict)
    """The review's columns as they should be, and those of its legal hold."""
    events: set[str] = field(default_factory=set)
    """The ids of the events that were received, in one spelling."""
    event_times: dict[str, tuple[object, object]] = field(default_factory=dict)
    """Ralio's time and the time of receipt of those whose entries hold both (milliseconds)."""
    policies: set[str] = field(default_factory=set)
    """The digests of the policies that decisions were made under."""
    entries: int = 0
    version: int = 0
    _state_before: object = None
    _pauses: list[tuple[int, int]] = field(default_factory=list)
    _may_be_cleared: bool = False
    """An older version closed it, which may have removed the proposal."""
    _may_lack_earlier: bool = False
    """An older version reopened it, which did not keep the earlier decision."""

    def follow(self, row: Mapping[str, Any]) -> None:
        """Take in the session's next entry (`action`, `actor`, `at`, statuses, `version`, `refused`, `detail`)."""
        self.entries += 1
        detail = read_detail(row["detail"])
        action = row["action"]
        if action in (Action.RECEIVE, Action.CLOSE):
            self._receive(row, detail)
        if row["refused"] is not None:
            return
        if isinstance(policy := detail.get(POLICY), str):
            self.policies.add(policy)
        if isinstance(row["version"], int):
            self.version = row["version"]
        if row["to_status"] is not None:
            self.values["status"] = row["to_status"]
        if action in (Action.RECEIVE, Action.CLOSE):
            self._apply_event(row, detail)
        elif action in (HOLD, LIFT_HOLD):
            self._hold(row, detail)
        else:
            self._act(row, detail)

    def _receive(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        event_id = detail.get("event_id")
        if not isinstance(event_id, str):
            return
        self.events.add(canonical_id(event_id))
        if (occurred_at := _number(detail.get("occurred_at"))) is not None:
            self.event_times[canonical_id(event_id)] = (occurred_at, row["at"])

    def _apply_event(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        values = self.values
        self._state_before = values.get("session_state")
        if "session_state" in detail:
            values["session_state"] = detail["session_state"]
        if isinstance(event_id := detail.get("event_id"), str):
            values["session_event_id"] = canonical_id(event_id)
        values.pop("session_event_at", None)
        if (occurred_at := _number(detail.get("occurred_at"))) is not None and isinstance(row["at"], int):
            values["session_event_at"] = min(occurred_at, row["at"] + MAX_SKEW_MS)
        if row["from_status"] is None:
            values |= _NO_SNOOZE
            self._pause([])
        is_complete = "occurred_at" in detail
        self._take_evidence(row, detail, is_complete=is_complete)
        if row["action"] == Action.CLOSE:
            if row["from_status"] == Status.PROPOSED and not is_complete:
                self._may_be_cleared = True
            if row["from_status"] is None:
                values |= {"opened_at": None, "earlier_decision": None}
                values |= {**_NO_DECISION, **_NOT_CONFIRMED, **_NOT_ESCALATED}
            values |= _NO_CLAIM
        elif row["to_status"] == Status.OPEN and row["from_status"] != Status.OPEN:
            self._empty(row["at"], is_complete=is_complete)

    def _take_evidence(self, row: Mapping[str, Any], detail: Mapping[str, Any], *, is_complete: bool) -> None:
        """Subject, entity type and checks, as the entries hold them since an event is sealed whole."""
        values = self.values
        if not is_complete:
            for name in ("disagreement", "verdict_checks"):
                values.pop(name, None)
            return
        values |= {"entity_type": detail.get("entity_type"), "queue": detail.get("entity_type")}
        values |= {"subject_id": detail.get("subject_id"), "disagreement": detail.get("disagreement")}
        checks = detail.get("checks")
        is_first = row["from_status"] is None
        if row["action"] == Action.CLOSE:
            if is_first:
                values |= {"checks": "[]", "fetched_checks": "[]"}
            if checks is not None or self._state_before != detail.get("session_state"):
                values["verdict_checks"] = checks or "[]"
        else:
            if is_first:
                values |= {"checks": "[]", "fetched_checks": "[]", "verdict_checks": "[]"}
            self._take_checks(checks)
            if row["to_status"] == Status.OPEN and row["from_status"] != Status.OPEN:
                values["verdict_checks"] = "[]"

    def _take_checks(self, checks: object) -> None:
        """Other checks than before make what was fetched from Ralio's API obsolete."""
        values = self.values
        if not isinstance(checks, str):
            return
        before = values.get("checks")
        if not isinstance(before, str):
            values.pop("fetched_checks", None)
        elif before != checks and _evidence(before) != _evidence(checks):
            values["fetched_checks"] = "[]"
        values["checks"] = checks

    def _empty(self, at: object, *, is_complete: bool) -> None:
        """Everything begins again; what was decided is kept as the earlier decision."""
        values = self.values
        if values.get("outcome") is not None and not self._may_be_cleared:
            before = values.get("earlier_decision")
            had_two_people = isinstance(before, dict) and bool(
                before["was_confirmed"] or before["confirmed_by"]
            )
            decided = {name: values.get(name) for name in _EARLIER}
            values["earlier_decision"] = decided | {"was_confirmed": had_two_people}
            self._may_lack_earlier = not is_complete
        elif self._may_be_cleared:
            values.pop("earlier_decision", None)
        else:
            values.setdefault("earlier_decision", None)
        self._may_be_cleared = False
        if "disagreement" in values:
            values["disagreement"] = None
        values |= {"opened_at": at, **_NO_CLAIM, **_NO_DECISION, **_NOT_CONFIRMED, **_NOT_ESCALATED}
        self._pause([])

    def _hold(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        if row["action"] == LIFT_HOLD:
            self.values |= _NO_HOLD
        else:
            self.values |= {
                "hold_reason": detail.get("reason"),
                "placed_by": row["actor"],
                "placed_at": row["at"],
            }

    def _act(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        values, action, actor, at = self.values, row["action"], row["actor"], row["at"]
        match action:
            case Action.CLAIM | Action.TAKE_OVER:
                values |= {"claimed_by": actor, "claimed_at": at}
            case Action.REASSIGN:
                values |= {"claimed_by": detail.get("to"), "claimed_at": at}
            case Action.RELEASE:
                values |= _NO_CLAIM
            case Action.ESCALATE:
                values |= {"escalated_by": actor, "escalated_at": at}
            case Action.CONFIRM:
                values |= {"confirmed_by": actor, "confirmed_at": at, "unconfirmed": False}
            case Action.SEND_BACK | Action.WITHDRAW:
                values |= _NO_DECISION
            case Action.REOPEN:
                self._empty(at, is_complete=POLICY in detail)
            case Action.SNOOZE:
                self._snooze(at, detail)
            case Action.RESUME:
                self._resume(at)
            case _:
                self._record(row, detail)

    def _snooze(self, at: object, detail: Mapping[str, Any]) -> None:
        until = _milliseconds(detail.get("until"))
        if until is None or not isinstance(at, int):
            return
        *ended, last = self._pauses if self.values.get("snoozed_until") else [*self._pauses, (at, until)]
        self.values |= {"snoozed_until": until, "snooze_reason": detail.get("reason")}
        self._pause([*ended, (last[0], max(at, until))])

    def _resume(self, at: object) -> None:
        self.values |= _NO_SNOOZE
        if self._pauses and isinstance(at, int):
            *ended, (start, _) = self._pauses
            self._pause([*ended, (start, at)] if at > start else ended)

    def _pause(self, pauses: list[tuple[int, int]]) -> None:
        self._pauses = pauses
        self.values["pauses"] = json.dumps(pauses)

    def _record(self, row: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        """Take in what an entry holds of checks or of a decision; all others change nothing that is compared."""
        values = self.values
        if row["action"] == FETCH_CHECKS:
            values.pop("fetched_checks", None)
            if "checks" in detail:
                values["fetched_checks"] = detail["checks"]
        elif "outcome" in detail:
            values |= {
                "outcome": detail["outcome"],
                "reason": detail.get("reason"),
                "note": detail.get("note"),
                "decided_by": row["actor"],
                "decided_at": row["at"],
                "unconfirmed": row["action"] == Action.PROPOSE,
                "recorded_afterwards": row["action"] == Action.RECORD_DECISION,
            }
            if row["to_status"] == Status.CLOSED:
                values.pop("disagreement", None)

    def differences(self, found: Mapping[str, Any]) -> list[Difference]:
        """Compare with the review's row, joined with its hold's."""
        if not self.entries:
            return [Difference(found["session_id"], "review", "nothing", f"review {found['id']}")]
        recorded = dict(self.values)
        for name, value in _NO_HOLD.items():
            recorded.setdefault(name, value)
        if self._may_be_cleared and found["outcome"] is None:
            recorded |= _NO_DECISION
        elif self._may_be_cleared:
            recorded.pop("unconfirmed", None)
        if self._may_lack_earlier and found["earlier_decision"] is None:
            recorded["earlier_decision"] = None
        result = [
            Difference(found["session_id"], name, value, at)
            for name, value in recorded.items()
            if not ((at := found[name]) == value and type(at) is type(value)) and not is_same(name, value, at)
        ]
        if not isinstance(found["version"], int) or found["version"] < self.version:
            result.append(Difference(found["session_id"], "version", self.version, found["version"]))
        return result


def _evidence(text: str) -> object:
    try:
        return checks_from_text(text).evidence
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return text


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # noqa: PLR2004 - 64 bits
        return int(value)
    return None


def _milliseconds(text: object) -> int | None:
    try:
        return round(datetime.fromisoformat(str(text)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
