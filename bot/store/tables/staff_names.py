"""What people are called in Slack, recorded in the audit once per change: an id means nothing in five years."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reviews.audit.entry import RECORD_NAME, AuditEntry, Keys, canonical, read_detail
from bot.store.engine.transaction import Reading, Transaction
from bot.store.tables import audit


@dataclass(frozen=True, slots=True)
class StaffName:
    """What a person is called since an entry of the record; `at` in milliseconds, `sound` whether its seal fits."""

    entry: int
    at: int
    name: str
    sound: bool


def record(transaction: Transaction, names: Mapping[str, str], now: int) -> None:
    """Record the names of people by their ids, as far as they are not the newest ones on record (milliseconds)."""
    waiting = {
        entry.actor: entry.detail["name"] for _, entry in transaction.unsealed if entry.action == RECORD_NAME
    }
    for person, name in sorted(names.items()):
        if (waiting.get(person) or _newest(transaction, person)) != name:
            entry = AuditEntry(now, person, RECORD_NAME, None, None, 0, detail={"name": name})
            audit.append(transaction, [(None, entry)])


def _newest(transaction: Transaction, person: str) -> str | None:
    row = transaction.sql.newest_name(transaction.connection, person=person)
    return None if row is None else read_detail(row["detail"]).get("name")


async def names_of(reading: Reading, keys: Keys, person: str) -> list[StaffName]:
    """Every name of a person on record, oldest first."""
    names = []
    async for found in reading.sql.names_of_person(reading.connection, person=person):
        row = dict(found)
        try:
            sound = keys.fits(canonical(row, row["previous"], ""), row["seal"])
        except TypeError:
            sound = False
        names.append(StaffName(row["id"], row["at"], str(read_detail(row["detail"]).get("name")), sound))
    return names
