"""Checking the chain of the record, entry by entry: integrity (each is the one that was written) and completeness."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.reviews.audit.entry import (
    BEGIN_CHAIN,
    CHANGE_KEY,
    FIELDS,
    PLAIN,
    PURGE,
    Keys,
    SealedEntry,
    approval,
    canonical_of,
    maker_of,
    read_detail,
)

_HEAD = re.compile(r"(?<![0-9a-f:])([0-9]{1,18}):((?:sha256|[0-9a-f]{8}):[0-9a-f]{64})(?![0-9a-f])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and seal, printed as `number:seal`, to be kept elsewhere.

    A person who can write the database can remove its newest entries together with its own copy of the head.
    """

    id: int
    seal: str

    def __str__(self) -> str:
        return f"{self.id}:{self.seal}"

    @classmethod
    def read(cls, text: str) -> "Head":
        """A head as it was printed; ValueError for anything else."""
        number, colon, seal = text.strip().partition(":")
        if not (colon and number.isascii() and number.isdigit() and ":" in seal):
            raise ValueError("a head looks like 1234:sha256:0a1b..., as 'audit verify' prints it")
        return cls(int(number), seal)

    @classmethod
    def read_lines(cls, text: str) -> list["Head"]:
        """The heads in lines as the operations channel or `audit verify` shows them; ValueError names another line.

        Text around a head is ignored, and so are empty lines.
        """
        heads = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            found = _HEAD.search(line)
            if found is None:
                raise ValueError(f"line {number} holds no head such as 1234:sha256:0a1b...")
            heads.append(cls(int(found[1]), found[2]))
        return heads


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What a purge leaves of entries `first` to `last`: the last seal, and the number of the purge's own entry."""

    first: int
    last: int
    last_seal: str
    purge: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The first problem of the chain, and the number of the entry where it shows.

    It concerns integrity, or completeness: the entries can all be sound while some are missing.
    """

    id: int
    problem: str
    aspect: str = "integrity"


_OF_THE_CHAIN = frozenset({BEGIN_CHAIN, PURGE})


def _is_number(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004 - 64 bits


class ChainCheck:
    """Follows the chain from its beginning; call it with every entry and tombstone, in order and once.

    `heads` were noted earlier: the chain must lead through them. The first finding ends the check. Given `begin`, an
    entry that was verified before, it follows the chain from there on; `retired` are the keys that were rotated out by
    then.
    """

    def __init__(
        self, keys: Keys, heads: Sequence[Head] = (), begin: Head | None = None, retired: Iterable[str] = ()
    ) -> None:
        self._keys = keys
        self._heads: dict[int, list[Head]] = {}
        for head in heads:
            self._heads.setdefault(head.id, []).append(head)
        self._keyed_since = begin.id if begin and maker_of(begin.seal) != PLAIN else None
        self._retired = set(retired)
        self._end_id, self._end_seal = (begin.id, begin.seal) if begin else (0, "")
        self._maker = ""
        """The maker of the entry before, if it was checked."""
        self.entries = 0
        self.purged = 0
        self.unkeyed = 0
        """How many of the entries were sealed without a key."""
        self.sealed_afterwards = 0
        """How many entries are older than the chain: they were sealed when it began."""
        self.purged_before = 0
        """Up to when purges removed reviews (milliseconds)."""
        self.met: set[Head] = set()
        """The heads that the chain led through."""

    @property
    def end(self) -> Head:
        """The last entry that was sound."""
        return Head(self._end_id, self._end_seal)

    @property
    def expected(self) -> int:
        """The number that comes next."""
        return self._end_id + 1

    def fits_next(self, entry: SealedEntry, previous_of_session: object) -> bool:
        """Whether this entry, wherever it is stored now, was written as the next one."""
        return self._fits(entry._replace(id=self.expected), previous_of_session)

    def entry(self, entry: SealedEntry, previous_of_session: object) -> Finding | None:
        """Check the next entry, with the seal of the one before it in its session.

        The caller ensures that its number is `expected`.
        """
        seal = entry.seal
        if entry.session_id is None and entry.review_id is not None:
            return Finding(entry.id, f"its review, number {entry.review_id}, is missing: removed")
        if not isinstance(seal, str):
            return Finding(entry.id, "its seal is not text")
        maker = maker_of(seal)
        problem = self._maker_problem(entry, maker) if maker != self._maker or not maker else None
        if problem is None and not self._fits(entry, previous_of_session):
            problem = "it is not the entry that was written here: it was changed, replaced or moved"
        if problem is None and entry.action in _OF_THE_CHAIN:
            problem = self._follow_chain_entry(entry)
        if problem is not None:
            return Finding(entry.id, problem)
        self.entries += 1
        self._maker = maker
        if maker == PLAIN:
            self.unkeyed += 1
        elif self._keyed_since is None:
            self._keyed_since = entry.id
        return self._move(entry.id, seal)

    def tombstone(self, stone: Tombstone) -> Finding | None:
        """Continue after purged entries; the purge's own entry proves that they were purged."""
        self.purged += stone.last - stone.first + 1
        self._maker = ""
        return self._move(stone.last, stone.last_seal)

    def last(self) -> Finding | None:
        """Check what only the end shows: is the chain as long as it once was, and is it made with the key?"""
        if finding := self.cut_off():
            return finding
        maker = maker_of(self._end_seal)
        if not self._end_id or maker == self._keys.maker:
            return None
        if maker == PLAIN:
            problem = "no entry is sealed with AUDIT_KEY: all were recreated without it, or the key was never adopted"
        else:
            problem = (
                f"the record ends with a former key ({maker}): run 'audit rotate-key'; if that was done, someone who "
                "has the former key recreated the end"
            )
        return Finding(self._end_id, problem)

    def cut_off(self) -> Finding | None:
        """Check at the end whether the chain is as long as it once was."""
        later = next((id_ for id_ in self._heads if id_ > self._end_id), None)
        if later is None:
            return None
        problem = (
            f"the end is cut off: the newest entry is {self._end_id}, but the head says there were {later}"
        )
        return Finding(self.expected, problem, "completeness")

    def _change_key(self, entry: SealedEntry) -> str | None:
        """Another maker than before needs an entry that says so, which the former key approved.

        Versions before `audit rotate-key` changed keys at a start, without an approval.
        """
        former, maker, detail = maker_of(self._end_seal), maker_of(entry.seal), read_detail(entry.detail)
        if maker in self._retired:
            return f"it is sealed with a key ({maker}) that was already retired: forged"
        if entry.action != CHANGE_KEY or detail.get("key") != maker:
            return f"it is sealed with a different key ({maker}) than those before it, without a change of key: forged"
        if "approved" in detail and not self._is_approved(entry, detail["approved"], former):
            return f"the former key ({former}) did not approve this key change: forged"
        self._retired.add(former)
        return None

    def _is_approved(self, entry: SealedEntry, approved: object, former: str) -> bool:
        if not isinstance(approved, str) or maker_of(approved) != former:
            return False
        content = approval(entry.id, maker_of(entry.seal), self._end_seal)
        return self._keys.fits(content, approved)

    def _follow_chain_entry(self, entry: SealedEntry) -> str | None:
        """An entry about the record itself, which sound seals do not make true where they are plain hashes."""
        detail = read_detail(entry.detail)
        if entry.review_id is not None:
            return "it concerns the record itself but is filed under a review: forged"
        if entry.action == BEGIN_CHAIN:
            if detail.get("older_entries") != str(entry.id - 1):
                return "it claims to begin the chain but doesn't: forged"
            self.sealed_afterwards = entry.id - 1
        elif entry.action == PURGE and _is_number(detail.get("before")):
            self.purged_before = max(self.purged_before, int(detail["before"]))
        return None

    def _move(self, id_: int, seal: str) -> Finding | None:
        self._end_id, self._end_seal = id_, seal
        if (heads := self._heads.get(id_)) is None:
            return None
        for head in heads:
            if head.seal != seal:
                return Finding(id_, f"it is not the entry of the head {head}: the record was recreated")
            self.met.add(head)
        return None

    def _fits(self, entry: SealedEntry, previous_of_session: object) -> bool:
        try:
            content = canonical_of(entry[: len(FIELDS)], self._end_seal, previous_of_session or "")
        except TypeError:
            return False
        return self._keys.fits(content, entry.seal)

    def _maker_problem(self, entry: SealedEntry, maker: str) -> str | None:
        """What is wrong with the key that made a seal, if it is another one than the entry before was made with."""
        if (problem := self._unknown_maker(entry.seal, maker)) is not None:
            return problem
        former = maker_of(self._end_seal)
        return self._change_key(entry) if former and maker != former else None

    def _unknown_maker(self, seal: str, maker: str) -> str | None:
        if not seal:
            return "it has no seal: it was inserted by hand, or the bot hasn't been started since its update"
        if self._keyed_since is not None and maker == PLAIN:
            return f"it is sealed without a key, although entry {self._keyed_since} is made with one: forged"
        if self._keys.know(maker):
            return None
        if self._keys.maker == PLAIN:
            return "it is sealed with a key: set AUDIT_KEY to check the chain"
        return f"it is sealed with a key ({maker}) that isn't in AUDIT_KEY: forged, or AUDIT_KEY lacks an older key"
