"""What a case file answers besides the entries themselves: decisions and their basis, refusals, holds, Slack."""

import json
from collections.abc import Iterator
from typing import Any

from bot.clock import iso
from bot.reviews.audit.entry import HOLD, LIFT_HOLD, read_detail
from bot.reviews.audit.evidence import POLICY
from bot.reviews.checks import Checks
from bot.reviews.review import Action, Disagreement, Review, SessionState
from bot.store.tables.cases import Case, CaseEntry

HOW_TO_VERIFY = (
    (
        "Run 'python -m bot audit verify --head-file heads.txt', where heads.txt holds the lines 'Audit head of ...' "
        "from the operations channel, oldest first: nothing up to the newest head was changed or removed."
    ),
    (
        "Each seal covers the entry's fields, the seal before it in the record ('previous') and the one before it in "
        "this session ('previous_of_session'); docs/audit.md says where the bytes are defined."
    ),
    (
        "If this file came with a signature, check it with the public key alone: 'openssl pkeyutl -verify -pubin "
        "-inkey audit.pub -rawin -in FILE -sigfile FILE.sig'."
    ),
)

_CONTRADICTS = frozenset(
    {Disagreement.CONTRADICTS, Disagreement.CONTRADICTS_PROPOSAL, Disagreement.CONTRADICTS_EARLIER}
)
_DECIDES = frozenset({Action.CONFIRM, Action.SEND_BACK, Action.WITHDRAW, Action.REOPEN})

Row = dict[str, Any]


def sections(found: Case) -> dict[str, Any]:
    """Return the sections as `--format json` prints them; each line names its entry in the record."""
    return {
        "decisions": list(_decisions(found)),
        "verdict": _verdict(found),
        "refusals": list(_refusals(found)),
        "notes": list(_notes(found)),
        "snoozes": list(_snoozes(found)),
        "holds": list(_holds(found)),
        "people": {
            person: [
                {"name": each.name, "since": iso(each.at), "entry": each.entry, "sound": each.sound}
                for each in names
            ]
            for person, names in found.names.items()
        },
        "slack_messages": [
            {"at": iso(each.at), "kind": each.kind, "topic": each.topic, "to": list(each.to)}
            for each in found.messages
        ],
        "how_to_verify": list(HOW_TO_VERIFY),
    }


def policy_object(text: str | None) -> object:
    """Return the policy as it was in force; its text if that can't be read, None if it is not kept."""
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def checks_list(checks: Checks) -> list[Row]:
    """Return checks as the case file prints them."""
    return [
        {"type": each.type, "state": each.state, "codes": list(each.codes), "codes_left_out": each.more_codes}
        for each in checks.kept
    ]


def _base(found: Case, entry: CaseEntry) -> Row:
    row = entry.row
    return {
        "entry": row["id"],
        "at": iso(row["at"]),
        "by": row["actor"],
        "name": _name_then(found, row["actor"], row["id"]),
        "action": row["action"],
    }


def _name_then(found: Case, person: str, entry: int) -> str | None:
    """What the person was called when an entry was written."""
    names = [each.name for each in found.names.get(person, ()) if each.entry < entry]
    return names[-1] if names else None


def _done(found: Case) -> Iterator[tuple[CaseEntry, dict[str, str]]]:
    for entry in found.entries:
        if entry.row["refused"] is None:
            yield entry, read_detail(entry.row["detail"])


def _decisions(found: Case) -> Iterator[Row]:
    for entry, detail in _done(found):
        if entry.row["action"] not in _DECIDES and "outcome" not in detail:
            continue
        before = entry.before
        outcome = detail.get("outcome") or (before.outcome if before else None)
        reason = detail.get("reason") or (before.reason if before and before.outcome == outcome else None)
        policy = policy_object(found.policies.get(detail.get(POLICY, "")))
        label, reason_label = _labels(policy, outcome, reason)
        known = {} if before is None else _known(before)
        yield _base(found, entry) | {
            "outcome": outcome,
            "outcome_label": label,
            "reason": reason,
            "reason_label": reason_label,
            "note": detail.get("note") or detail.get("words"),
            **known,
            "policy": detail.get(POLICY),
            "needs_second_person": _is_four_eyes(policy, outcome),
            "fits_evidence": entry.fits_evidence,
        }


def _known(before: Review) -> Row:
    """What the card showed the person who decided."""
    return {
        "status_before": before.status,
        "session_state_before": before.session_state,
        "automatic_checks": checks_list(before.current_checks),
        "checks_left_out": before.current_checks.left_out,
    }


def _labels(policy: object, outcome: str | None, reason: str | None) -> tuple[str | None, str | None]:
    """The labels of that time; None for what the policy does not name."""
    outcomes = policy.get("outcomes") if isinstance(policy, dict) else None
    known = outcomes.get(outcome) if isinstance(outcomes, dict) else None
    if not isinstance(known, dict):
        return None, None
    reasons = known.get("reasons")
    return known.get("label"), reasons.get(reason) if isinstance(reasons, dict) else None


def _is_four_eyes(policy: object, outcome: str | None) -> bool | None:
    four_eyes = policy.get("four_eyes") if isinstance(policy, dict) else None
    return outcome in four_eyes if isinstance(four_eyes, list) and outcome is not None else None


def _verdict(found: Case) -> Row | None:
    """Ralio's final state, and whether it agrees with what was decided; None while there is none."""
    review = found.review
    if review.session_state is SessionState.REVIEW:
        return None
    agrees = None
    if review.disagreement in _CONTRADICTS:
        agrees = False
    elif review.has_decision and review.disagreement is None and _expected(found) == review.session_state:
        agrees = True
    return {
        "state": review.session_state,
        "at": iso(review.session_event_at),
        "event_id": review.session_event_id,
        "agrees": agrees,
        "disagreement": review.disagreement,
    }


def _expected(found: Case) -> str | None:
    """The verdict that the decision expected, by the policy it was made under."""
    for entry, detail in reversed(list(_done(found))):
        policy = policy_object(found.policies.get(detail.get(POLICY, "")))
        outcomes = policy.get("outcomes") if isinstance(policy, dict) else None
        known = outcomes.get(found.review.outcome) if isinstance(outcomes, dict) else None
        if entry.row["action"] != Action.REOPEN and isinstance(known, dict):
            return known.get("expects")
    return None


def _refusals(found: Case) -> Iterator[Row]:
    for entry in found.entries:
        if entry.row["refused"] is not None:
            repeats = read_detail(entry.row["detail"]).get("repeats")
            yield _base(found, entry) | {"reason": entry.row["refused"], "repeats": repeats}


def _notes(found: Case) -> Iterator[Row]:
    for entry, detail in _done(found):
        if entry.row["action"] == Action.ADD_NOTE and "note" in detail:
            yield _base(found, entry) | {"note": detail["note"]}


def _snoozes(found: Case) -> Iterator[Row]:
    for entry, detail in _done(found):
        if entry.row["action"] in (Action.SNOOZE, Action.RESUME):
            told = {name: detail.get(name) for name in ("until", "reason", "words", "because")}
            yield _base(found, entry) | told


def _holds(found: Case) -> Iterator[Row]:
    for entry, detail in _done(found):
        if entry.row["action"] in (HOLD, LIFT_HOLD):
            yield _base(found, entry) | {
                "reason": detail.get("reason"),
                "os_user": detail.get("os_user"),
            }
