"""What a case file answers besides the entries themselves: decisions and their basis, refusals, holds, Slack."""

import json
from collections.abc import Callable, Iterator, Mapping
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


def section_lines(content: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The sections for people: a heading, and a line of text for each item; empty sections say so."""
    verdict = content["verdict"]
    yield "Decisions", [_decision_line(each) for each in content["decisions"]] or ["none"]
    yield "Ralio's verdict", [_verdict_line(verdict) if verdict else "none yet"]
    for heading, name, line in _LISTS:
        yield heading, [line(each) for each in content[name]] or ["none"]
    people = [f"{person}: {_names(names)}" for person, names in content["people"].items()]
    yield "People", people or ["none"]
    messages = [
        f"{each['at']}: {each['kind'].replace('_', ' ')} {each['topic']} to {', '.join(each['to']) or 'the thread'}"
        for each in content["slack_messages"]
    ]
    card = f"card: {content['card'] or 'not posted'}, showing version {content['card_shows_version']}"
    yield "What Slack showed (not on record: from the table)", [card, *messages]


def _who(item: Mapping[str, Any]) -> str:
    return f"{item['name']} ({item['by']})" if item["name"] else str(item["by"])


def _head(item: Mapping[str, Any]) -> str:
    return f"{item['at']}, entry {item['entry']}: {_who(item)} {str(item['action']).replace('_', ' ')}"


def _decision_line(item: Mapping[str, Any]) -> str:
    parts = [_head(item)]
    if item["outcome"]:
        reason = item["reason_label"] or item["reason"]
        parts[0] += f" {item['outcome_label'] or item['outcome']}" + (f" ({reason})" if reason else "")
    if item["note"]:
        parts.append(f"note: {item['note']}")
    if "automatic_checks" in item:
        checks = [
            " ".join([each["type"], each["state"], *each["codes"]]).strip()
            for each in item["automatic_checks"]
        ]
        left_out = [f"and {item['checks_left_out']} more"] * bool(item["checks_left_out"])
        parts.append(f"checks known then: {', '.join([*checks, *left_out]) or 'none'}")
    if item["needs_second_person"] is not None:
        parts.append(
            "a second person had to confirm" if item["needs_second_person"] else "one person could decide"
        )
    if item["policy"]:
        parts.append(f"policy {item['policy'][:12]}")
    if item["fits_evidence"] is False:
        parts.append("does NOT fit the checks or the card on record before it")
    return "; ".join(parts)


def _verdict_line(verdict: Mapping[str, Any]) -> str:
    match verdict["agrees"]:
        case True:
            agrees = "it agrees with the decision"
        case False:
            agrees = f"it does NOT agree: {verdict['disagreement']}"
        case _:
            agrees = str(verdict["disagreement"] or "there is no decision that it could agree with")
    return f"{verdict['state']} at {verdict['at']}; {agrees}"


def _refusal_line(item: Mapping[str, Any]) -> str:
    repeats = f", {item['repeats']} more times" if item["repeats"] else ""
    return f"{_head(item)}: refused, {item['reason']}{repeats}"


def _detail_line(item: Mapping[str, Any]) -> str:
    fields = ("until", "reason", "words", "because", "note", "os_user")
    told = [f"{name.replace('_', ' ')}: {item[name]}" for name in fields if item.get(name)]
    return "; ".join([_head(item), *told])


def _names(names: list[Row]) -> str:
    listed = [
        f"{each['name']} since {each['since']}{'' if each['sound'] else ' (its seal does NOT fit)'}"
        for each in names
    ]
    return ", then ".join(listed) or "no name on record"


_LISTS: tuple[tuple[str, str, Callable[[Row], str]], ...] = (
    ("Refused", "refusals", _refusal_line),
    ("Notes", "notes", _detail_line),
    ("Snoozes", "snoozes", _detail_line),
    ("Legal holds", "holds", _detail_line),
)
