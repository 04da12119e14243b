"""`audit verify`, `audit export` and `audit case`: what an auditor asks for."""

import asyncio
import sys

import click

from bot.cli.line_moment import Moment
from bot.cli.line_shared import explained, store_settings


@click.group()
def audit() -> None:
    """Prove what happened: check the record, export it, print one session's case file."""


@audit.command()
@click.option(
    "--head", "kept", metavar="HEAD", help="A head that was noted elsewhere: nothing up to it is missing."
)
@explained
def verify(kept: str | None) -> None:
    """Check that no entry was changed, removed, moved, forged or cut off; names the first that was."""
    from bot.cli.audit_verify import verify_audit
    from bot.reviews.audit.chain import Head

    try:
        head = Head.read(kept) if kept else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from error
    settings = store_settings()
    if not asyncio.run(verify_audit(settings.database_url.get_secret_value(), settings.audit_keys, head)):
        sys.exit(1)


@audit.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", type=Moment(), help="Only entries from this date or time on.")
@explained
def export(form: str, since: int | None) -> None:
    """Print every entry of the record, oldest first."""
    from bot.cli.audit_export import export_audit

    asyncio.run(export_audit(store_settings().database_url.get_secret_value(), form, since))


@audit.command()
@click.argument("session_id")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "html", "json"]), default="markdown", show_default=True
)
@explained
def case(session_id: str, form: str) -> None:
    """Print one session's case file: who, when, what was shown, every change and refusal, and the proof."""
    from bot.cli.audit_case import print_case

    settings = store_settings()
    url = settings.database_url.get_secret_value()
    if not asyncio.run(print_case(url, settings.audit_keys, session_id, form)):
        sys.exit(1)
