"""The sections of a case file as lines for people, from the object that `--format json` prints."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.reviews.audit.entry import HOLD, LIFT_HOLD
from bot.reviews.review import Action

Row = dict[str, Any]

_DID: Mapping[str, str] = {
    Action.PROPOSE: "proposed",
    Action.RESOLVE: "decided",
    Action.RECORD_DECISION: "recorded",
    Action.CONFIRM: "confirmed",
    Action.SEND_BACK: "sent back",
    Action.WITHDRAW: "withdrew",
    Action.REOPEN: "reopened",
    Action.ADD_NOTE: "added a note",
    Action.SNOOZE: "snoozed",
    Action.RESUME: "resumed",
    HOLD: "placed a legal hold",
    LIFT_HOLD: "lifted the legal hold",
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
    return f"{item['at']}, entry {item['entry']}: {_who(item)} {_DID.get(item['action'], item['action'])}"


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
    if item["needs_second_person"]:
        parts.append("a second person needed to confirm")
    if item["policy"]:
        parts.append(f"policy {item['policy'][:12]}")
    if item["fits_evidence"] is False:
        parts.append("does NOT match the checks or the card on record before it")
    return "; ".join(parts)


def _verdict_line(verdict: Mapping[str, Any]) -> str:
    match verdict["agrees"]:
        case True:
            agrees = "it agrees with the decision"
        case False:
            agrees = f"it does NOT agree: {verdict['disagreement']}"
        case _:
            agrees = str(verdict["disagreement"] or "there is no decision to compare it with")
    return f"{verdict['state']} at {verdict['at']}; {agrees}"


def _refusal_line(item: Mapping[str, Any]) -> str:
    repeats = f", {item['repeats']} more times" if item["repeats"] else ""
    what = str(item["action"]).replace("_", " ")
    return f"{item['at']}, entry {item['entry']}: {_who(item)}, {what}: {item['reason']}{repeats}"


def _detail_line(item: Mapping[str, Any]) -> str:
    fields = ("until", "reason", "words", "because", "note", "os_user")
    told = [f"{name.replace('_', ' ')}: {item[name]}" for name in fields if item.get(name)]
    return "; ".join([_head(item), *told])


def _names(names: list[Row]) -> str:
    listed = [
        f"{each['name']} since {each['since']}{'' if each['sound'] else ' (its seal does NOT match)'}"
        for each in names
    ]
    return ", then ".join(listed) or "no name on record"


_LISTS: tuple[tuple[str, str, Callable[[Row], str]], ...] = (
    ("Refused", "refusals", _refusal_line),
    ("Notes", "notes", _detail_line),
    ("Snoozes", "snoozes", _detail_line),
    ("Legal holds", "holds", _detail_line),
)
