"""What the operations channel shows of the audit record: its head once a day, and where it is broken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeadNoted:
    """The record's head, to be kept where no one who can write the database can change it.

    `follows`: the record leads from the head before it to this one, as far as that was verified.
    """

    head: str
    day: str
    follows: bool = True

    @property
    def problem(self) -> str:
        """What the message is about: there is at most one per day."""
        return AUDIT_HEAD


@dataclass(frozen=True, slots=True)
class AuditBroken:
    """Ops alert: the record is not what was written; `entry` is the first one where that shows."""

    entry: int
    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per day."""
        return "audit_broken"


AUDIT_HEAD = "audit_head"
