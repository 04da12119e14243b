"""Kinds of tampering with the record and with the tables, and who can do each; docs/audit.md lists what finds them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.reviews.audit.chain import Head
from bot.reviews.audit.entry import Keys, canonical
from tests.support.look import look_into
from tests.support.tamper import tamper, write

KEYS = Keys(["key"])
HAND, ADMINISTRATOR, OPERATOR = "careless user", "administrator", "operator"
"""A person with a database client; one who also owns the database; one who also has AUDIT_KEY."""

OF_DECIDED = "(SELECT id FROM reviews WHERE session_id = 'decided')"
OF_NEWEST = "(SELECT id FROM reviews WHERE session_id = 'newest')"
_ENTRIES = """
SELECT a.*, r.session_id FROM audit AS a LEFT JOIN sealed_reviews AS r ON r.id = a.review_id ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class Tampering:
    """What is done, by whom; `heads` are the noted ones that the person could also replace."""

    what: str
    who: str
    do: Callable[[str], None]
    replaces_head: bool = False


@dataclass(slots=True)
class _Chain:
    previous: str = ""
    ends: dict[int | None, str] = field(default_factory=dict)


def reseal(database_url: str, keys: Keys) -> None:
    """Make every seal fit again, and the database's own head, as the owner of the keys can."""
    chain, statements = _Chain(), []
    newest = 0
    for row in look_into(database_url, _ENTRIES):
        of_session = chain.ends.get(row["review_id"], "") if row["review_id"] is not None else ""
        seal = keys.seal(canonical(row, chain.previous, of_session))
        chain.previous, chain.ends[row["review_id"]], newest = seal, seal, row["id"]
        statements.append(f"UPDATE audit SET seal = '{seal}' WHERE id = {newest}")  # noqa: S608 - a test's own
    statements.append(f"UPDATE audit_head SET id = {newest}, seal = '{chain.previous}'")  # noqa: S608
    tamper(database_url, *statements)


def head_of(database_url: str) -> Head:
    """The database's own head."""
    (row,) = look_into(database_url, "SELECT id, seal FROM audit_head")
    return Head(row["id"], row["seal"])


def _by_hand(what: str, *statements: str) -> Tampering:
    return Tampering(what, HAND, lambda url: write(url, *statements))


def _by_administrator(what: str, *statements: str) -> Tampering:
    return Tampering(what, ADMINISTRATOR, lambda url: tamper(url, *statements))


def _by_operator(
    what: str, *statements: str, keys: Keys = KEYS, who: str = OPERATOR, replaces_head: bool = False
) -> Tampering:
    def do(url: str) -> None:
        tamper(url, *statements)
        reseal(url, keys)

    return Tampering(what, who, do, replaces_head)


def _remove(*sessions: str) -> list[str]:
    """Remove these sessions from every table."""
    named = ", ".join(f"'{session}'" for session in sessions)
    ids = f"(SELECT id FROM reviews WHERE session_id IN ({named}))"  # noqa: S608 - names of ours
    tables = ("timers", "lookups", "deliveries", "audit")
    return [
        *(f"DELETE FROM {table} WHERE review_id IN {ids}" for table in tables),  # noqa: S608
        f"DELETE FROM events WHERE session_id IN ({named})",  # noqa: S608
        f"DELETE FROM reviews WHERE session_id IN ({named})",  # noqa: S608
    ]


_REMOVE_ALL = (
    *(
        f"DELETE FROM {table}"  # noqa: S608 - names of ours
        for table in ("timers", "lookups", "deliveries", "holds", "audit", "events", "reviews")
    ),
    "UPDATE audit_head SET id = 0, seal = ''",
)
_OUTCOME = "replace(detail, '\"reject\"', '\"approve\"')"
_REWRITE = (
    f"UPDATE audit SET detail = {_OUTCOME} WHERE review_id = {OF_DECIDED}",  # noqa: S608 - a test's own
    "UPDATE reviews SET outcome = 'approve' WHERE session_id = 'decided'",
)
_ROLL_BACK = (
    "UPDATE audit_head SET id = (SELECT max(id) FROM audit), "
    "seal = (SELECT seal FROM audit ORDER BY id DESC LIMIT 1)"
)

TAMPERINGS = (
    _by_hand("change an entry of the record", "UPDATE audit SET actor = 'UEVE' WHERE id = 4"),
    _by_hand("delete an entry of the record", "DELETE FROM audit WHERE id = 4"),
    _by_hand(
        "change a decision in `reviews`", "UPDATE reviews SET outcome = 'approve' WHERE outcome = 'reject'"
    ),
    _by_hand("change who decided", "UPDATE reviews SET decided_by = 'UEVE' WHERE session_id = 'decided'"),
    _by_hand("change who confirmed", "UPDATE reviews SET confirmed_by = 'UEVE' WHERE session_id = 'decided'"),
    _by_hand("change a note", "UPDATE reviews SET note = 'Fine.' WHERE session_id = 'decided'"),
    _by_hand("change a review's subject", "UPDATE reviews SET subject_id = 'x' WHERE session_id = 'decided'"),
    _by_hand("change Ralio's checks", "UPDATE reviews SET checks = '[[\"face\"]]' WHERE session_id = 'open'"),
    _by_hand(
        "set back a review's status", "UPDATE reviews SET status = 'decided' WHERE session_id = 'closed'"
    ),
    _by_hand("delete an event", "DELETE FROM events WHERE session_id = 'open'"),
    _by_hand("lift a legal hold without the command", "DELETE FROM holds"),
    _by_administrator("change who did something", "UPDATE audit SET actor = 'UEVE' WHERE id = 4"),
    _by_administrator("change when it was done", "UPDATE audit SET at = at + 1 WHERE id = 4"),
    _by_administrator("change a note in the record", f"UPDATE audit SET detail = {_OUTCOME} WHERE id > 4"),  # noqa: S608
    _by_administrator("remove a refusal", "DELETE FROM audit WHERE refused IS NOT NULL"),
    _by_administrator(
        "swap two entries",
        "UPDATE audit SET id = -1 WHERE id = 4",
        "UPDATE audit SET id = 4 WHERE id = 5",
        "UPDATE audit SET id = 5 WHERE id = -1",
    ),
    _by_administrator(
        "give an entry to another session",
        f"UPDATE audit SET review_id = {OF_NEWEST}, sequence = 99 WHERE id = 4",  # noqa: S608 - a test's own
    ),
    _by_administrator(
        "rename a person", "UPDATE audit SET detail = '{\"name\": \"Eve\"}' WHERE action = 'record_name'"
    ),
    _by_administrator("change the policy that was in force", "UPDATE audit_texts SET text = '{}'"),
    _by_administrator(
        "add an entry with a made-up seal",
        "INSERT INTO audit (id, review_id, sequence, at, actor, action, from_status, to_status, version, refused, "
        "detail, seal) SELECT id + 1, review_id, sequence + 1, at, actor, action, from_status, to_status, version, "
        "refused, detail, seal FROM audit WHERE id = (SELECT max(id) FROM audit)",
    ),
    _by_administrator(
        "pass entries off as purged",
        "INSERT INTO audit_purged (first, last, last_seal, purge) SELECT id, id, seal, 1 FROM audit WHERE id = 4",
        "DELETE FROM audit WHERE id = 4",
    ),
    _by_administrator("remove a review with all its traces", *_remove("latest")),
    _by_administrator("cut off the newest entries", "DELETE FROM audit WHERE id > 8"),
    _by_administrator("empty the record, and leave the reviews", "DELETE FROM audit", _REMOVE_ALL[-1]),
    _by_administrator("remove the record's head", "DELETE FROM audit_head"),
    _by_operator("recreate the record with plain hashes", *_REWRITE, keys=Keys(), who=ADMINISTRATOR),
    _by_operator("recreate the record with another key", *_REWRITE, keys=Keys(["x"]), who=ADMINISTRATOR),
    _by_administrator(
        "restore an old backup from before the saved head", *_remove("latest", "newest"), _ROLL_BACK
    ),
    _by_administrator("empty the whole database", *_REMOVE_ALL),
    _by_administrator(
        "remove everything after the saved head, in all tables", *_remove("newest"), _ROLL_BACK
    ),
    _by_operator("rewrite a decision, and reseal all later entries", *_REWRITE),
    _by_operator("the same, and replace the saved head", *_REWRITE, replaces_head=True),
    _by_operator(
        "rewrite everything after the saved head, and reseal it",
        f"UPDATE audit SET actor = 'UEVE' WHERE review_id = {OF_NEWEST}",  # noqa: S608 - a test's own
    ),
)
