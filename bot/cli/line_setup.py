"""`manifest` and `check`: setting the bot up without a mistake."""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import click

from bot.cli.line_shared import explained


def _address(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    """An address that Slack takes: https, and nothing behind the path."""
    parts = urlsplit(url.strip())
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise click.BadParameter("must be the bot's public address, such as https://reviews.example.com")
    return url.strip().rstrip("/")


@click.command()
@click.option("--url", required=True, callback=_address, help="Where Slack reaches the bot: https://...")
def manifest(url: str) -> None:
    """Print the Slack app's manifest: paste it at https://api.slack.com/apps, "From a manifest"."""
    from bot.slack.api.manifest import manifest as manifest_for

    click.echo(json.dumps(manifest_for(url), indent=2))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@explained
def check(*, as_json: bool) -> None:
    """Look at the settings, the database, Slack and Ralio; say what is wrong and what to do."""
    from bot.cli.check import check as check_all

    if not asyncio.run(check_all(as_json=as_json)):
        sys.exit(1)
