"""A backup is taken beside the server as the page on deployment says, and restored after the disk is lost."""

import asyncio
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

from tests.support import ralio
from tests.support.bot import settled
from tests.support.look import look_into
from tests.support.process import ROOT, Process, environment, free_port, run
from tests.support.slack import LocalSlack

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def back_up(database: Path, copy: Path) -> None:
    """The page's command with these paths; where there is no `sqlite3`, its statement on a connection that reads."""
    (statement,) = re.findall(r'sqlite3 -readonly \S+ "(VACUUM INTO \S+)"', PAGE)
    statement = re.sub(r"'\S+'", f"'{copy}'", statement)
    if (program := shutil.which("sqlite3")) is not None:
        subprocess.run([program, "-readonly", str(database), statement], check=True)
        return
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        connection.execute(statement)
    finally:
        connection.close()


def restore(database: Path, copy: Path) -> None:
    """As the page says, once the bot has stopped."""
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    shutil.copy(copy, database)


async def test_a_backup_is_whole_and_can_be_restored(slack: LocalSlack, tmp_path: Path) -> None:
    """What was recorded before it is there, the record can be proved, and the bot goes on."""
    database, copy = tmp_path / "reviews.db", tmp_path / "backup.db"
    url = f"sqlite:///{database}"
    env = environment(url, free_port(), slack.api_url) | {"AUDIT_KEY": "key"}
    assert run(["migrate"], env).returncode == 0
    server = Process(env, tmp_path / "bot.log")
    server.start()
    await server.listening()
    webhook = f"http://127.0.0.1:{env['PORT']}/webhooks/ralio"
    sender = ralio.Ralio(webhook, env["RALIO_WEBHOOK_SECRET"], slack.session)

    before = [ralio.event() for _ in range(20)]
    for event in before:
        assert (await sender.send(event))[0] == 200
    under_way = asyncio.gather(*(sender.send(ralio.event()) for _ in range(200)))
    await asyncio.to_thread(back_up, database, copy)
    assert {status for status, _ in await under_way} == {200}
    server.kill()
    restore(database, copy)
    server.start()
    await server.listening()
    await settled(url)
    kept = {row["session_id"] for row in look_into(url, "SELECT session_id FROM reviews")}
    assert {event["data"]["sessionId"] for event in before} <= kept
    assert (await sender.send(before[0]))[1]["result"] == "duplicate"
    assert (await sender.send(ralio.event()))[1]["result"] == "recorded"
    await settled(url)
    verified = await asyncio.to_thread(run, ["audit", "verify"], env)
    assert verified.returncode == 0, verified.stdout
    assert await server.terminate() == 0
