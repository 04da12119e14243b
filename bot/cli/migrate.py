"""`migrate`: bring the database to the newest schema."""

import asyncio
from functools import partial

import click

from bot.cli.errors import report_errors
from bot.clock import system_clock
from bot.settings.environment import read_store_settings
from bot.store.store import database_at


@click.command()
@report_errors
def migrate() -> None:
    """Migrate the database to the newest schema; safe to run twice or from two processes at once."""
    database = database_at(read_store_settings().database_url.get_secret_value())
    asyncio.run(database.connection_kind())
    for name in database.migrate(system_clock(), partial(click.echo, err=True)):
        click.echo(f"applied {name}")
    click.echo(f"{database}: the schema is up to date")
