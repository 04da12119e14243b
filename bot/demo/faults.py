"""Faults of Slack that a test or a person switches on: limits, errors, lost connections, slowness."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

FaultKind: TypeAlias = Literal[
    "ratelimited", "server_error", "not_json", "drop_before", "drop_after", "slow", "slow_answer", "error"
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass(slots=True)
class Fault:
    """One fault: which calls it meets, what it does, how often (`count` None: until it is removed)."""

    id: int
    method: str
    fault: FaultKind
    count: int | None = None
    probability: float = 1.0
    seconds: float = 5.0
    retry_after: float = 1
    error: str = "fatal_error"
    channel: str | None = None

    def is_like(self, other: "Fault") -> bool:
        """Tell whether another fault does the same to the same calls, whatever is left of its count."""
        return replace(self, id=other.id, count=other.count) == other

    def meets(self, method: str, channel: str | None) -> bool:
        """Tell whether a call is one that this fault is about."""
        return self.method in ("*", method) and self.channel in (None, channel)


class Faults:
    """The faults that are switched on; the oldest that meets a call acts on it."""

    def __init__(self, random_number: Callable[[], float] = random.random) -> None:
        self._random_number = random_number
        self._faults: dict[int, Fault] = {}
        self._ids = itertools.count(1)

    def next_id(self) -> int:
        """Return an unused id."""
        return next(self._ids)

    def add(self, fault: Fault) -> None:
        """Switch a fault on; one that is already on begins again, it does not strike twice as often."""
        for same in [each for each in self._faults.values() if each.is_like(fault)]:
            del self._faults[same.id]
        self._faults[fault.id] = fault

    def remove(self, fault_id: int) -> bool:
        """Switch a fault off; False when there is none with this id."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def listed(self) -> list[Fault]:
        """Return the faults that are on, oldest first."""
        return list(self._faults.values())

    def strike(self, method: str, channel: str | None) -> Fault | None:
        """Return the fault that hits this call, if any, and count it."""
        for fault in self._faults.values():
            if fault.meets(method, channel) and self._random_number() < fault.probability:
                self._count(fault)
                return fault
        return None

    def _count(self, fault: Fault) -> None:
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            del self._faults[fault.id]
