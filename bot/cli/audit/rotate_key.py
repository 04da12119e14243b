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
    KeyChange.ROTATED: "sealed with the key {new} from now on; keep {former} behind it, to verify older entries",
    KeyChange.ADOPTED: "sealed with the key {new} from now on; what is older stays unkeyed",
    KeyChange.NONE: "sealed with the key {new} already",
    KeyChange.NOT_ADOPTED: (
        "the record is not sealed with a key. If it never was, add --adopt; if it was, someone recreated it"
    ),
    KeyChange.OTHER_KEY: (
        "the running server has another first key than {new}: restart it with AUDIT_KEY=new,old and run this again"
    ),
}
_DONE = frozenset({KeyChange.ROTATED, KeyChange.ADOPTED, KeyChange.NONE})


@click.command("rotate-key")
@click.option("--adopt", is_flag=True, help="Give a key to a record that never had one.")
@by_option
@report_errors
def rotate_key(by: str, *, adopt: bool) -> None:
    """Seal with the first key of AUDIT_KEY from now on; the former ones only verify."""
    settings = read_store_settings()
    keys = settings.audit_keys
    if keys.maker == PLAIN:
        raise SettingsProblem(["AUDIT_KEY: missing: put the new key first, and the old one behind it"])
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
