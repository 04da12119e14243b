"""`audit rotate-key`: seal the record with the first key of AUDIT_KEY from now on."""

import asyncio
import sys

import click

from bot.cli.admin_client import open_admin_client
from bot.cli.errors import report_errors
from bot.cli.os_user import os_user
from bot.cli.parameters import by_option
from bot.reviews.audit.entry import PLAIN, Keys
from bot.settings.environment import read_store_settings
from bot.settings.problems import SettingsProblem
from bot.store.store import database_at
from bot.store.tables.audit import KeyChange, RotateKey
from bot.web.admin_commands import ROTATE_KEY

_MESSAGES = {
    KeyChange.ROTATED: "new entries are sealed with key {new}; keep {former} after it to verify older entries",
    KeyChange.ADOPTED: "new entries are sealed with key {new}; older entries stay unkeyed",
    KeyChange.NONE: "already sealed with key {new}",
    KeyChange.NOT_ADOPTED: (
        "the record isn't sealed with a key. If it never was, add --adopt; if it was, someone recreated it"
    ),
    KeyChange.OTHER_KEY: (
        "the running server's first key isn't {new}: restart it with AUDIT_KEY=new,old and run this again"
    ),
}
_DONE = frozenset({KeyChange.ROTATED, KeyChange.ADOPTED, KeyChange.NONE})


@click.command("rotate-key")
@click.option("--adopt", is_flag=True, help="Start using a key for a record that never had one.")
@by_option
@report_errors
def rotate_key(by: str, *, adopt: bool) -> None:
    """Seal new entries with the first key in AUDIT_KEY; older keys only verify."""
    settings = read_store_settings()
    keys = settings.audit_keys
    if keys.maker == PLAIN:
        raise SettingsProblem(["AUDIT_KEY: missing: put the new key first and the old one after it"])
    url = settings.database_url.get_secret_value()
    if not asyncio.run(rotate(url, keys, RotateKey(keys.maker, by, adopt, os_user()))):
        sys.exit(1)


async def rotate(url: str, keys: Keys, request: RotateKey) -> bool:
    """Rotate the key and print what came of it; return False if the record is not sealed with the first key."""
    async with open_admin_client(database_at(url), keys) as client:
        rotation = await client.run(ROTATE_KEY, request)
    message = _MESSAGES[rotation.change].format(new=request.key, former=rotation.former)
    is_done = rotation.change in _DONE
    click.echo(message, err=not is_done)
    return is_done
