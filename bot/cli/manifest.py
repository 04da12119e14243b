"""`manifest`: print the manifest of the Slack app."""

import json
from urllib.parse import urlsplit

import click

from bot.slack.api.manifest import manifest as manifest_for


def _public_url(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    """Check that Slack accepts the URL: https, and nothing after the path."""
    parts = urlsplit(url.strip())
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise click.BadParameter("must be the bot's public address, such as https://reviews.example.com")
    return url.strip().rstrip("/")


@click.command()
@click.option("--url", required=True, callback=_public_url, help="The bot's public address: https://...")
def manifest(url: str) -> None:
    """Print the Slack app's manifest, to paste at https://api.slack.com/apps ("From a manifest")."""
    click.echo(json.dumps(manifest_for(url), indent=2))
