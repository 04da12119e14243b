"""`audit case`: print one session's case file for an auditor, as Markdown, HTML or JSON."""

import asyncio
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bot.cli.audit.case_page import html_page, markdown_page
from bot.cli.audit.case_sections import checks_list, policy_object, sections
from bot.cli.audit.export import entry_object
from bot.cli.audit.signing import Output, sign_option, signature_option, signed_stdout, signing_key
from bot.cli.errors import report_errors
from bot.cli.output import json_line, stdout_is_utf8
from bot.cli.parameters import session_argument
from bot.cli.session_named import session_named
from bot.clock import iso
from bot.reviews.audit.entry import Keys
from bot.reviews.review import EarlierDecision, Review, result_at
from bot.settings.environment import read_store_settings
from bot.store.store import reading
from bot.store.tables import cases as cases_table
from bot.store.tables.cases import Case, CaseEntry

SUFFIXES = {"markdown": "md", "html": "html", "json": "json"}
ARCHIVES = "https://slack.com/archives"


@click.command()
@session_argument
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown", show_default=True
)
@sign_option
@signature_option
@report_errors
def case(session: str, form: str, signature: Path | None, *, sign: bool) -> None:
    """Print one session's case file: who, when, what was shown, every change and refusal, and the proof."""
    settings = read_store_settings()
    url = settings.database_url.get_secret_value()
    if not sign:
        is_sound = asyncio.run(print_case(url, settings.audit_keys, session, form))
    else:
        name = re.sub(r"[^\w-]", "_", session)
        with signed_stdout(
            signing_key(settings), signature or Path(f"case-{name}.{SUFFIXES[form]}.sig")
        ) as out:
            is_sound = asyncio.run(print_case(url, settings.audit_keys, session, form, out))
    if not is_sound:
        sys.exit(1)


async def print_case(url: str, keys: Keys, session: str, form: str, out: Output | None = None) -> bool:
    """Print the case file of a session, named by its id or the number of its review; `out` instead of stdout.

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
            page = json_line(content)
        case "html":
            page = html_page(content)
            if out is None and not stdout_is_utf8():
                # The page declares UTF-8: in any other encoding only ASCII reads the same.
                page = page.encode("ascii", "xmlcharrefreplace").decode()
        case _:
            page = markdown_page(content)
    if out is None:
        click.echo(page)
    else:
        out.write(f"{page}\n")
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
        "recorded_afterwards": review.recorded_afterwards,
        "snoozed_until": iso(review.snoozed_until),
        "snooze_reason": review.snooze_reason,
        "earlier_decision": _earlier_decision(review.earlier_decision),
        "disagreement": review.disagreement,
        "version": review.version,
        "card_shows_version": found.shown_version,
        "card": _permalink(found),
        "checks": checks_list(review.current_checks),
        "checks_left_out": review.current_checks.left_out,
        "verdict_checks": checks_list(review.verdict_checks),
        "verdict_checks_left_out": review.verdict_checks.left_out,
        "earlier_reviews": [_earlier_object(each.review) for each in found.earlier.reviews],
        "more_earlier_reviews": found.earlier.more,
        **sections(found),
        "policies": {name: policy_object(text) for name, text in found.policies.items()},
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
        "fits_evidence": entry.fits_evidence,
    }
    return entry_object(row) | proof


def _permalink(found: Case) -> str | None:
    """Link to the card as https://docs.slack.dev/reference/methods/chat.getPermalink does; None before it is posted."""
    if not (found.channel and found.message_ts):
        return None
    return f"{ARCHIVES}/{found.channel}/p{found.message_ts.replace('.', '')}"
