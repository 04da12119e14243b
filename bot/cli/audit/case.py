"""`audit case`: print one session's case file for an auditor, as Markdown, HTML or JSON."""

import asyncio
import html
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click

from bot.cli.audit.export import entry_object
from bot.cli.errors import report_errors
from bot.cli.output import json_line, stdout_is_utf8
from bot.cli.parameters import session_argument
from bot.cli.session_named import session_named
from bot.clock import iso
from bot.reviews.audit.entry import Keys
from bot.reviews.review import Checks, EarlierDecision, Review, Status, result_at
from bot.settings.environment import read_store_settings
from bot.store.store import reading
from bot.store.tables import cases as cases_table
from bot.store.tables.cases import Case, CaseEntry

HEADINGS = (
    "entry",
    "when",
    "who",
    "what",
    "from",
    "to",
    "version",
    "refused because",
    "detail",
    "seal",
    "sound",
)
ARCHIVES = "https://slack.com/archives"


@click.command()
@session_argument
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown", show_default=True
)
@report_errors
def case(session: str, form: str) -> None:
    """Print one session's case file: who, when, what was shown, every change and refusal, and the proof."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(print_case(url, settings.audit_keys, session, form)):
        sys.exit(1)


async def print_case(url: str, keys: Keys, session: str, form: str) -> bool:
    """Print the case file of a session, named by its id or the number of its review.

    Returns False if there is no such session, its chain is broken, or the tables differ from the record.
    """
    session_id = await session_named(url, session)
    async with reading(url) as connection:
        found = await cases_table.case(connection, keys, session_id)
    if found is None:
        click.echo(
            f"there is no review of session {session_id}: check the id; it may have been purged", err=True
        )
        return False
    content = case_object(found)
    match form:
        case "json":
            click.echo(json_line(content))
        case "html":
            page = _html(content)
            # The page declares UTF-8: in any other encoding only ASCII reads the same.
            click.echo(page if stdout_is_utf8() else page.encode("ascii", "xmlcharrefreplace").decode())
        case _:
            click.echo(_markdown(content))
    return found.unbroken and not found.differences


def case_object(found: Case) -> dict[str, Any]:
    """Return the case file as `--format json` prints it; the other formats show the same."""
    review = found.review
    return {
        "session_id": review.session_id,
        "number": review.id,
        "entity_type": review.entity_type,
        "subject_id": review.subject_id,
        "queue": review.queue,
        "session_state": review.session_state,
        "status": review.status,
        "opened_at": iso(review.opened_at),
        "claimed_by": review.claimed_by,
        "claimed_at": iso(review.claimed_at),
        "outcome": review.outcome,
        "reason": review.reason,
        "note": review.note,
        "decided_by": review.decided_by,
        "decided_at": iso(review.decided_at),
        "confirmed_by": review.confirmed_by,
        "confirmed_at": iso(review.confirmed_at),
        "unconfirmed": review.unconfirmed,
        "earlier_decision": _earlier_decision(review.earlier_decision),
        "disagreement": review.disagreement,
        "version": review.version,
        "card_shows_version": found.shown_version,
        "card": _permalink(found),
        "checks": _checks(review.current_checks),
        "checks_left_out": review.current_checks.left_out,
        "verdict_checks": _checks(review.verdict_checks),
        "verdict_checks_left_out": review.verdict_checks.left_out,
        "earlier_reviews": [_earlier_object(each.review) for each in found.earlier.reviews],
        "more_earlier_reviews": found.earlier.more,
        "not_on_record": sorted(found.unproven),
        "differences": [
            {"field": each.field, "recorded": each.recorded, "found": each.found}
            for each in found.differences
        ],
        "unbroken": found.unbroken,
        "entries": [_entry_object(entry) for entry in found.entries],
    }


def _earlier_object(review: Review) -> dict[str, Any]:
    return {
        "number": review.id,
        "session_id": review.session_id,
        "session_state": review.session_state,
        "status": review.status,
        "outcome": review.outcome,
        "opened_at": iso(review.opened_at),
        "result_at": iso(result_at(review)),
    }


def _checks(checks: Checks) -> list[dict[str, Any]]:
    return [
        {"type": each.type, "state": each.state, "codes": list(each.codes), "codes_left_out": each.more_codes}
        for each in checks.kept
    ]


def _earlier_decision(earlier: EarlierDecision | None) -> dict[str, Any] | None:
    if earlier is None:
        return None
    times = {"decided_at": iso(earlier.decided_at), "confirmed_at": iso(earlier.confirmed_at)}
    return asdict(earlier) | times


def _entry_object(entry: CaseEntry) -> dict[str, Any]:
    row = entry.row
    proof = {
        "previous": row["previous"],
        "previous_of_session": row["previous_of_session"],
        "sound": entry.sound,
    }
    return entry_object(row) | proof


def _permalink(found: Case) -> str | None:
    """Link to the card as https://docs.slack.dev/reference/methods/chat.getPermalink does; None before it is posted."""
    if not (found.channel and found.message_ts):
        return None
    return f"{ARCHIVES}/{found.channel}/p{found.message_ts.replace('.', '')}"


_CHECKS = {"checks": "automatic checks on the card", "verdict_checks": "Ralio's reasons for the verdict"}
_NOT_PROVEN = " (not on record: from the table)"
_NOT_A_FACT = frozenset(
    {
        "session_id",
        "entries",
        "not_on_record",
        "differences",
        "unbroken",
        "unconfirmed",
        "checks_left_out",
        "verdict_checks_left_out",
        "more_earlier_reviews",
    }
)


def _facts(content: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if content["unconfirmed"]:
        yield "confirmation", "none: the outcome is a proposal"
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
    if not content["unbroken"]:
        return "The chain of this session is BROKEN: an entry is missing, or its seal does not fit."
    return (
        "The chain of this session is unbroken: none is missing between its entries, and each seal fits its entry and "
        "those before it, in the session and in the whole record. 'audit verify' checks the record as a whole."
    )


def _markdown(content: dict[str, Any]) -> str:
    lines = [f"# Case file of session {_escaped(content['session_id'])}", ""]
    lines += [f"- {name}: {_escaped(value)}" for name, value in _facts(content)]
    lines += ["", "## What happened", "", _row(HEADINGS), _row(["---"] * len(HEADINGS))]
    lines += [_row(_escaped(cell) for cell in _cells(entry)) for entry in content["entries"]]
    return "\n".join([*lines, "", "## Proof", "", _escaped(_proof(content))])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Escape text for Markdown, on one line; URLs and ids stay as they are."""
    return re.sub(r"([\\`*\[\]<>|#])", r"\\\1", " ".join(text.split()))


_STYLE = "body{font:14px sans-serif;margin:2em}td,th{border:1px solid #bbb;padding:4px 8px;text-align:left}"


def _html(content: dict[str, Any]) -> str:
    title = f"Case file of session {html.escape(content['session_id'])}"
    facts = "".join(f"<li>{html.escape(name)}: {html.escape(value)}</li>" for name, value in _facts(content))
    head = "".join(f"<th>{name}</th>" for name in HEADINGS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in _cells(entry))}</tr>"
        for entry in content["entries"]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head>"
        f"<body><h1>{title}</h1><ul>{facts}</ul><h2>What happened</h2><table><tr>{head}</tr>{rows}</table>"
        f"<h2>Proof</h2><p>{html.escape(_proof(content))}</p></body></html>"
    )
