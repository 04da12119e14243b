"""Replaying the record: what its entries say about a session, to be compared with the tables that the bot works with.

A field that the entries of an older version do not hold is left out: the record proves nothing about it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.reviews.audit.difference import Difference, is_same
from bot.reviews.audit.entry import FETCH_CHECKS, HOLD, LIFT_HOLD, read_detail
from bot.reviews.audit.evidence import POLICY
from bot.reviews.audit.stored_entry import (
    ReceivedEvent,
    StoredEntry,
    evidence_of,
    milliseconds,
    received_event,
)
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
_NOTHING_DONE: Mapping[str, object] = {**_NO_CLAIM, **_NO_DECISION, **_NOT_CONFIRMED, **_NOT_ESCALATED}
_NEVER_OPENED: Mapping[str, object] = {**_NOTHING_DONE, "opened_at": None, "earlier_decision": None}
_NO_SNOOZE: Mapping[str, object] = {"snoozed_until": None, "snooze_reason": None}
_NO_HOLD: Mapping[str, object] = {"hold_reason": None, "placed_by": None, "placed_at": None}
_EARLIER = (
    *("outcome", "reason", "note", "decided_by", "decided_at"),
    *("confirmed_by", "confirmed_at", "unconfirmed"),
)


_EVENTS = frozenset({Action.RECEIVE.value, Action.CLOSE.value})


@dataclass(slots=True)
class Replay:
    """What the entries of one session say, followed in their order."""

    values: dict[str, object] = field(default_factory=lambda: dict(_NO_HOLD))
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
    pauses: list[tuple[int, int]] = field(default_factory=list)
    _may_be_cleared: bool = False
    """An older version closed it, which may have removed the proposal."""
    _may_lack_earlier: bool = False
    """An older version reopened it, which did not keep the earlier decision."""

    def follow(self, entry: StoredEntry) -> None:
        """Take in the session's next entry."""
        self.entries += 1
        detail = read_detail(entry.detail)
        action = entry.action
        event = received_event(detail) if action in _EVENTS else None
        if event is not None and event.id is not None:
            self.events.add(event.id)
            if event.occurred_at is not None:
                self.event_times[event.id] = (event.occurred_at, entry.at)
        if entry.refused is not None:
            return
        if isinstance(policy := detail.get(POLICY), str):
            self.policies.add(policy)
        if isinstance(entry.version, int):
            self.version = entry.version
        if entry.to_status is not None:
            self.values["status"] = entry.to_status
        if event is not None:
            self._apply_event(entry, detail, event)
        else:
            _FOLLOW.get(action, _record)(self, entry, detail)

    def _apply_event(self, entry: StoredEntry, detail: Mapping[str, Any], event: ReceivedEvent) -> None:
        values = self.values
        self._state_before = values.get("session_state")
        if "session_state" in detail:
            values["session_state"] = detail["session_state"]
        if event.id is not None:
            values["session_event_id"] = event.id
        values.pop("session_event_at", None)
        if event.occurred_at is not None and isinstance(entry.at, int):
            values["session_event_at"] = min(event.occurred_at, entry.at + MAX_SKEW_MS)
        if entry.from_status is None:
            values |= _NO_SNOOZE
            self.pause([])
        is_complete = "occurred_at" in detail
        self._take_evidence(entry, detail, is_complete=is_complete)
        if entry.action == Action.CLOSE:
            if entry.from_status == Status.PROPOSED and not is_complete:
                self._may_be_cleared = True
            if entry.from_status is None:
                values |= _NEVER_OPENED
            values |= _NO_CLAIM
        elif entry.to_status == Status.OPEN and entry.from_status != Status.OPEN:
            self.empty(entry.at, is_complete=is_complete)

    def _take_evidence(self, entry: StoredEntry, detail: Mapping[str, Any], *, is_complete: bool) -> None:
        """Subject, entity type and checks, as the entries hold them since an event is sealed whole."""
        values = self.values
        if not is_complete:
            for name in ("disagreement", "verdict_checks"):
                values.pop(name, None)
            return
        get = detail.get
        values["entity_type"] = values["queue"] = get("entity_type")
        values["subject_id"], values["disagreement"] = get("subject_id"), get("disagreement")
        checks = get("checks")
        is_first = entry.from_status is None
        if entry.action == Action.CLOSE:
            if is_first:
                values |= {"checks": "[]", "fetched_checks": "[]"}
            if checks is not None or self._state_before != get("session_state"):
                values["verdict_checks"] = checks or "[]"
        else:
            if is_first:
                values |= {"checks": "[]", "fetched_checks": "[]"}
            self._take_checks(checks)
            if is_first or (entry.to_status == Status.OPEN and entry.from_status != Status.OPEN):
                values["verdict_checks"] = "[]"

    def _take_checks(self, checks: object) -> None:
        """Other checks than before make what was fetched from Ralio's API obsolete."""
        values = self.values
        if not isinstance(checks, str):
            return
        before = values.get("checks")
        if not isinstance(before, str):
            values.pop("fetched_checks", None)
        elif before != checks and evidence_of(before) != evidence_of(checks):
            values["fetched_checks"] = "[]"
        values["checks"] = checks

    def empty(self, at: object, *, is_complete: bool) -> None:
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
        values |= _NOTHING_DONE
        values["opened_at"] = at
        self.pause([])

    def pause(self, pauses: list[tuple[int, int]]) -> None:
        """From now on the review was snoozed in these times, each its begin and end (milliseconds)."""
        self.pauses = pauses
        self.values["pauses"] = json.dumps(pauses) if pauses else "[]"

    def differences(self, found: Mapping[str, Any]) -> list[Difference]:
        """Compare with the review's row, joined with its hold's."""
        if not self.entries:
            return [Difference(found["session_id"], "review", "nothing", f"review {found['id']}")]
        recorded = dict(self.values)
        if self._may_be_cleared and found["outcome"] is None:
            recorded |= _NO_DECISION
        elif self._may_be_cleared:
            recorded.pop("unconfirmed", None)
        if self._may_lack_earlier and found["earlier_decision"] is None:
            recorded["earlier_decision"] = None
        result = []
        for name, value in recorded.items():
            at = found[name]
            if (
                value is not at
                and not (value == at and type(value) is type(at))
                and not is_same(name, value, at)
            ):
                result.append(Difference(found["session_id"], name, value, at))
        if not isinstance(found["version"], int) or found["version"] < self.version:
            result.append(Difference(found["session_id"], "version", self.version, found["version"]))
        return result


_Detail = Mapping[str, Any]


def _claim(replay: Replay, entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= {"claimed_by": entry.actor, "claimed_at": entry.at}


def _reassign(replay: Replay, entry: StoredEntry, detail: _Detail) -> None:
    replay.values |= {"claimed_by": detail.get("to"), "claimed_at": entry.at}


def _release(replay: Replay, _entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= _NO_CLAIM


def _escalate(replay: Replay, entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= {"escalated_by": entry.actor, "escalated_at": entry.at}


def _confirm(replay: Replay, entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= {"confirmed_by": entry.actor, "confirmed_at": entry.at, "unconfirmed": False}


def _send_back(replay: Replay, _entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= _NO_DECISION


def _reopen(replay: Replay, entry: StoredEntry, detail: _Detail) -> None:
    replay.empty(entry.at, is_complete=POLICY in detail)


def _snooze(replay: Replay, entry: StoredEntry, detail: _Detail) -> None:
    at, until = entry.at, milliseconds(detail.get("until"))
    if until is None or not isinstance(at, int):
        return
    is_snoozed = replay.values.get("snoozed_until")
    *ended, last = replay.pauses if is_snoozed else [*replay.pauses, (at, until)]
    replay.values |= {"snoozed_until": until, "snooze_reason": detail.get("reason")}
    replay.pause([*ended, (last[0], max(at, until))])


def _resume(replay: Replay, entry: StoredEntry, _detail: _Detail) -> None:
    at = entry.at
    replay.values |= _NO_SNOOZE
    if replay.pauses and isinstance(at, int):
        *ended, (start, _) = replay.pauses
        replay.pause([*ended, (start, at)] if at > start else ended)


def _hold(replay: Replay, entry: StoredEntry, detail: _Detail) -> None:
    replay.values |= {"hold_reason": detail.get("reason"), "placed_by": entry.actor, "placed_at": entry.at}


def _lift_hold(replay: Replay, _entry: StoredEntry, _detail: _Detail) -> None:
    replay.values |= _NO_HOLD


def _fetch_checks(replay: Replay, _entry: StoredEntry, detail: _Detail) -> None:
    replay.values.pop("fetched_checks", None)
    if "checks" in detail:
        replay.values["fetched_checks"] = detail["checks"]


def _record(replay: Replay, entry: StoredEntry, detail: _Detail) -> None:
    """Take in what an entry holds of a decision; all others change nothing that is compared."""
    if "outcome" not in detail:
        return
    replay.values |= {
        "outcome": detail["outcome"],
        "reason": detail.get("reason"),
        "note": detail.get("note"),
        "decided_by": entry.actor,
        "decided_at": entry.at,
        "unconfirmed": entry.action == Action.PROPOSE,
        "recorded_afterwards": entry.action == Action.RECORD_DECISION,
    }
    if entry.to_status == Status.CLOSED:
        replay.values.pop("disagreement", None)


_FOLLOW: Mapping[object, Callable[[Replay, StoredEntry, _Detail], None]] = {
    Action.CLAIM: _claim,
    Action.TAKE_OVER: _claim,
    Action.REASSIGN: _reassign,
    Action.RELEASE: _release,
    Action.ESCALATE: _escalate,
    Action.CONFIRM: _confirm,
    Action.SEND_BACK: _send_back,
    Action.WITHDRAW: _send_back,
    Action.REOPEN: _reopen,
    Action.SNOOZE: _snooze,
    Action.RESUME: _resume,
    HOLD: _hold,
    LIFT_HOLD: _lift_hold,
    FETCH_CHECKS: _fetch_checks,
}
"""What each action changes, besides events and decisions."""
