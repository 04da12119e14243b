"""A case file for people: as Markdown and as one HTML file, both from the object that `--format json` prints."""

import html
import json
import re
from collections.abc import Iterable
from typing import Any

from bot.cli.audit.case_lines import section_lines
from bot.reviews.review import Status

HEADINGS = (
    "entry",
    "when",
    "who",
    "what",
    "from",
    "to",
    "version",
    "reason for the refusal",
    "detail",
    "seal",
    "sound",
)

_CHECKS = {"checks": "automatic checks on the card", "verdict_checks": "Ralio's reasons for the verdict"}
_NOT_PROVEN = " (not on record: from the table)"
_NOT_A_FACT = frozenset(
    {
        "session_id",
        "entries",
        "policies",
        "not_on_record",
        "differences",
        "unbroken",
        "unconfirmed",
        "recorded_afterwards",
        "checks_left_out",
        "verdict_checks_left_out",
        "more_earlier_reviews",
        "card",
        "card_shows_version",
        "decisions",
        "verdict",
        "refusals",
        "notes",
        "snoozes",
        "holds",
        "people",
        "slack_messages",
        "how_to_verify",
    }
)


def _facts(content: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if content["unconfirmed"]:
        yield "confirmation", "none yet: this is only a proposal"
    if content["recorded_afterwards"]:
        yield "recorded", "afterwards, when the verdict was known"
    for name, value in content.items():
        if name in _CHECKS:
            if value or name == "checks":
                proven = "" if name not in content["not_on_record"] else _NOT_PROVEN
                yield _CHECKS[name], _check_list(value, content[f"{name}_left_out"]) + proven
        elif name == "earlier_decision":
            if value is not None:
                yield "before it was reopened", _earlier_text(value)
        elif name == "earlier_reviews":
            listed = [_earlier(each) for each in value] + ["and more"] * content["more_earlier_reviews"]
            yield "earlier reviews of the subject", "; ".join(listed) or "none"
        elif name not in _NOT_A_FACT and value is not None:
            yield name.replace("_", " "), f"{value}{_NOT_PROVEN if name in content['not_on_record'] else ''}"


def _earlier(earlier: dict[str, Any]) -> str:
    result = earlier["session_state"] if earlier["status"] == Status.CLOSED else earlier["outcome"]
    return " ".join(filter(None, [f"#{earlier['number']}", earlier["status"], result, earlier["result_at"]]))


def _earlier_text(earlier: dict[str, Any]) -> str:
    parts = [earlier["outcome"], *(part for part in (earlier["reason"], earlier["note"]) if part)]
    did = "proposed" if earlier["unconfirmed"] else "decided"
    parts.append(f"{did} by {earlier['decided_by']} at {earlier['decided_at']}")
    if earlier["confirmed_by"]:
        parts.append(f"confirmed by {earlier['confirmed_by']} at {earlier['confirmed_at']}")
    return ", ".join(parts)


def _check_list(checks: list[dict[str, Any]], left_out: int) -> str:
    texts = [_check(each) for each in checks]
    return "; ".join([*texts, f"and {left_out} more"] if left_out else texts) or "none"


def _check(check: dict[str, Any]) -> str:
    left_out = check["codes_left_out"]
    more = [f"and {left_out} more"] if left_out else []
    return " ".join([check["type"], check["state"], *check["codes"], *more]).strip()


def _cells(entry: dict[str, Any]) -> list[str]:
    detail = ", ".join(f"{name}: {value}" for name, value in entry["detail"].items())
    named = [
        entry[name]
        for name in ("id", "at", "actor", "action", "from_status", "to_status", "version", "refused")
    ]
    cells = [*named, detail, entry["seal"], "yes" if entry["sound"] else "NO"]
    return ["" if cell is None else str(cell) for cell in cells]


def _proof(content: dict[str, Any]) -> str:
    proof = _chain_proof(content)
    if not content["differences"]:
        return proof
    changed = "; ".join(
        f"{each['field']}: recorded {_value(each['recorded'])}, found {_value(each['found'])}"
        for each in content["differences"]
    )
    return f"{proof} The tables were CHANGED, and this case file says what the record says. {changed}."


def _value(value: object) -> str:
    return "nothing" if value is None else str(value)


def _chain_proof(content: dict[str, Any]) -> str:
    if any(entry["fits_evidence"] is False for entry in content["entries"]):
        return "A decision does NOT match the checks or the card on record before it."
    if not content["unbroken"]:
        return "The chain of this session is BROKEN: an entry is missing, or its seal doesn't match."
    return (
        "The chain of this session is unbroken: no entry is missing, and each seal matches its entry and "
        "those before it, in the session and in the whole record. 'audit verify' checks the record as a whole."
    )


def markdown_page(content: dict[str, Any]) -> str:
    """Return the case file as Markdown."""
    lines = [f"# Case file of session {_escaped(content['session_id'])}", ""]
    lines += [f"- {name}: {_escaped(value)}" for name, value in _facts(content)]
    for heading, items in section_lines(content):
        lines += ["", f"## {heading}", "", *(f"- {_escaped(item)}" for item in items)]
    lines += ["", "## The record", "", _row(HEADINGS), _row(["---"] * len(HEADINGS))]
    lines += [_row(_escaped(cell) for cell in _cells(entry)) for entry in content["entries"]]
    if content["policies"]:
        lines += ["", "## Policies in force", ""]
        lines += [f"- {name}: {_escaped(json.dumps(policy))}" for name, policy in content["policies"].items()]
    lines += ["", "## Proof", "", _escaped(_proof(content)), "", "## How to verify it", ""]
    lines += [f"- {_escaped(line)}" for line in content["how_to_verify"]]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Escape text for Markdown, on one line; URLs and ids stay as they are."""
    return re.sub(r"([\\`*\[\]<>|#])", r"\\\1", " ".join(text.split()))


_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#111}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em;border-bottom:1px solid #bbb}"
    "table{border-collapse:collapse;width:100%;font-size:12px}th{background:#eee}"
    "td,th{border:1px solid #bbb;padding:3px 6px;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px}li{overflow-wrap:anywhere}"
    "@media print{@page{size:A4 landscape;margin:12mm}body{margin:0;max-width:none;font-size:11px}"
    "table{font-size:8px}thead{display:table-header-group}tr,li{break-inside:avoid}h2{break-after:avoid}}"
)


def _html_policies(content: dict[str, Any]) -> str:
    if not content["policies"]:
        return ""
    listed = "".join(
        f"<dt>{html.escape(name)}</dt><dd><pre>{html.escape(json.dumps(policy, indent=1))}</pre></dd>"
        for name, policy in content["policies"].items()
    )
    return f"<h2>Policies in force</h2><dl>{listed}</dl>"


def html_page(content: dict[str, Any]) -> str:
    """Return the case file as one HTML file."""
    title = f"Case file of session {html.escape(content['session_id'])}"
    facts = "".join(f"<li>{html.escape(name)}: {html.escape(value)}</li>" for name, value in _facts(content))
    parts = "".join(
        f"<h2>{html.escape(heading)}</h2><ul>{_html_items(items)}</ul>"
        for heading, items in section_lines(content)
    )
    head = "".join(f"<th>{name}</th>" for name in HEADINGS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in _cells(entry))}</tr>"
        for entry in content["entries"]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>"
        f"<body><h1>{title}</h1><ul>{facts}</ul>{parts}"
        f"<h2>The record</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"{_html_policies(content)}<h2>Proof</h2><p>{html.escape(_proof(content))}</p>"
        f"<h2>How to verify it</h2><ul>{_html_items(content['how_to_verify'])}</ul></body></html>"
    )


def _html_items(items: Iterable[str]) -> str:
    return "".join(f"<li>{html.escape(item)}</li>" for item in items)
