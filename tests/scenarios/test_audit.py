"""The auditor's stories: what happened is proved, and whoever changes the record is found out, with the place."""

import csv
import io
import json
import subprocess

import pytest

from bot.settings.file import Audit, BotFile
from tests.support import ralio
from tests.support.bot import Bot, running
from tests.support.look import look_into
from tests.support.operator import command
from tests.support.people import Person, new_review
from tests.support.slack import ANA, BEN, USER_CHANNEL, LocalSlack
from tests.support.tamper import tamper, write

KEY = "a-key-that-only-the-auditor-has"
NAMELESS = BotFile(audit=Audit(staff_names=False))
CONTENT = (
    "review_id",
    "sequence",
    "at",
    "actor",
    "action",
    "from_status",
    "to_status",
    "version",
    "refused",
    "detail",
)


async def history(bot: Bot, slack: LocalSlack) -> str:
    """A session that was claimed, wanted by another, and released; then four more. Answers with its id."""
    event = ralio.event()
    session_id = str(event["data"]["sessionId"])
    await bot.ralio.send(event)
    await bot.settled()
    drawn = await bot.card(session_id)
    await slack.click(ANA, drawn, "Claim")
    await slack.click(BEN, drawn, "Claim")
    await bot.settled()
    await slack.click(ANA, await bot.card(session_id), "Release")
    for _ in range(4):
        await bot.ralio.send(ralio.event())
    await bot.settled()
    return session_id


@pytest.fixture
async def recorded(database_url: str, slack: LocalSlack) -> str:
    """The URL of a database with a keyed record of nine entries; the bot has stopped."""
    async with running(database_url, slack, audit_key=(KEY,), file=NAMELESS) as bot:
        await history(bot, slack)
    return database_url


async def audit(url: str, *words: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """An audit command with the key."""
    return await command(url, "audit", *words, AUDIT_KEY=key)


async def found(url: str, *words: str) -> str:
    """What `audit verify` finds; it must find something, and say so with its exit code."""
    verified = await audit(url, "verify", *words)
    assert verified.returncode == 1, verified.stdout + verified.stderr
    return verified.stdout.splitlines()[0]


async def head(url: str) -> str:
    """The head that `audit verify` prints, to be kept elsewhere."""
    verified = await audit(url, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return verified.stdout.splitlines()[-1].removeprefix("head: ")


async def test_an_untouched_record_is_proved(recorded: str) -> None:
    """Integrity and completeness are told apart, and a head that was noted before makes the second certain."""
    noted = await head(recorded)
    assert noted.startswith("9:")
    assert not look_into(recorded, "SELECT id FROM audit WHERE action = 'record_name'")  # as it is set
    plain = await audit(recorded, "verify")
    assert "integrity: 9 entries are as they were written" in plain.stdout
    assert "completeness: as far as the database's own head" in plain.stdout
    kept = await audit(recorded, "verify", "--head", noted)
    assert kept.returncode == 0
    assert "completeness: nothing is missing up to entry 9" in kept.stdout


async def test_one_byte_changed(recorded: str) -> None:
    """Whatever the column, even a space in the detail."""
    for column, changed in (("actor", "actor || 'x'"), ("detail", "detail || ' '"), ("at", "at + 1")):
        tamper(recorded, f"UPDATE audit SET {column} = {changed} WHERE id = 4")  # noqa: S608
        assert "broken at entry 4: it is not the entry that was written here" in await found(recorded)
        undone = {"actor": f"'{BEN}'", "detail": "rtrim(detail)", "at": "at - 1"}[column]
        tamper(recorded, f"UPDATE audit SET {column} = {undone} WHERE id = 4")  # noqa: S608
        await head(recorded)


async def test_an_entry_is_given_to_another_session(recorded: str) -> None:
    """A review's id for Ralio is part of what is sealed, too."""
    tamper(recorded, "UPDATE reviews SET session_id = 'another' WHERE id = 1")
    assert "broken at entry 2" in await found(recorded)


async def test_a_row_removed_in_the_middle(recorded: str) -> None:
    """Its number is missing."""
    tamper(recorded, "DELETE FROM audit WHERE id = 4")
    assert await found(recorded) == "integrity: broken at entry 4: it is missing: removed"


async def test_two_swapped(recorded: str) -> None:
    """The first that stands where another belongs is named, with where that one is now."""
    swap = [f"UPDATE audit SET id = {new} WHERE id = {old}" for old, new in ((4, -1), (7, 4), (-1, 7))]  # noqa: S608
    tamper(recorded, *swap)
    assert "broken at entry 4: the entry that was written here is now number 7: reordered" in await found(
        recorded
    )


async def test_the_tail_cut(recorded: str) -> None:
    """The database's own head shows it; where that was changed too, only a head kept elsewhere does."""
    noted = await head(recorded)
    tamper(recorded, "DELETE FROM audit WHERE id > 7")
    assert await found(recorded) == (
        "completeness: broken at entry 8: the end is cut off: the newest entry is 7, but the head says there were 9"
    )
    tamper(recorded, "UPDATE audit_head SET id = 7, seal = (SELECT seal FROM audit WHERE id = 7)")
    verified = await audit(recorded, "verify")
    assert (verified.returncode, "review: recorded nothing, found review 4" in verified.stdout) == (1, True)
    assert verified.stdout.splitlines()[-1].startswith("head: 7:")
    assert "completeness: broken at entry 8" in await found(recorded, "--head", noted)


async def test_one_forged_at_the_end_without_the_key(recorded: str, slack: LocalSlack) -> None:
    """Made with no key or with another one, by the bot's own code, it is named."""
    row = ", ".join("NULL" if name == "review_id" else name for name in CONTENT)
    columns = ", ".join(CONTENT)
    for seal in ("sha256:00", "deadbeef:00"):
        forged = f"INSERT INTO audit (id, {columns}, seal) SELECT 10, {row}, '{seal}' FROM audit WHERE id = 9"  # noqa: S608
        tamper(recorded, forged)
        assert "broken at entry 10" in await found(recorded)
        tamper(recorded, "DELETE FROM audit WHERE id = 10")
    tamper(recorded, "UPDATE audit_head SET seal = 'sha256:' || id")
    async with running(recorded, slack) as forger:
        await forger.ralio.send(ralio.event())
        await forger.settled()
    assert "broken at entry 10: it is sealed without a key" in await found(recorded)


async def test_everything_made_anew_without_the_key(recorded: str, slack: LocalSlack) -> None:
    """A whole record that fits in itself does not fit the key."""
    tamper(recorded, "UPDATE audit SET seal = ''", "UPDATE audit_head SET seal = ''")
    async with running(recorded, slack):
        pass
    assert "no entry is sealed with AUDIT_KEY" in await found(recorded)


async def test_rows_under_impossible_numbers(recorded: str) -> None:
    """Nothing hides before the beginning."""
    tamper(
        recorded, "INSERT INTO audit SELECT * FROM audit WHERE 1 = 0", "UPDATE audit SET id = 0 WHERE id = 9"
    )
    assert "broken at entry 0: its number does not belong to the chain" in await found(recorded)


async def test_the_database_itself_refuses(recorded: str) -> None:
    """Without taking its protection away, nobody changes or removes an entry."""
    for statement in ("UPDATE audit SET actor = 'x' WHERE id = 4", "DELETE FROM audit WHERE id = 4"):
        with pytest.raises(Exception, match="only appended to"):
            write(recorded, statement)
    await head(recorded)


async def test_without_a_key_it_is_said_what_that_is_worth(bot: Bot, slack: LocalSlack) -> None:
    """Plain hashes find faults, and the same changes, but not a forger."""
    await history(bot, slack)
    verified = await audit(bot.database_url, "verify", key="")
    assert (
        verified.returncode,
        "match their plain hashes\n  unkeyed: proves nothing" in verified.stdout,
    ) == (
        0,
        True,
    )
    assert "as they were written" not in verified.stdout
    tamper(bot.database_url, "UPDATE audit SET at = at + 1 WHERE id = 3")
    broken = await audit(bot.database_url, "verify", key="")
    assert (broken.returncode, "broken at entry 3" in broken.stdout) == (1, True)


async def _serve_once(url: str, slack: LocalSlack, *keys: str) -> None:
    """A server with these keys takes in one event."""
    async with running(url, slack, audit_key=keys) as bot:
        await bot.ralio.send(ralio.event())
        await bot.settled()


async def test_a_key_that_comes_later_and_is_changed(database_url: str, slack: LocalSlack) -> None:
    """Both need a command, which stands in the record; former keys are needed to check what they sealed."""
    await _serve_once(database_url, slack)
    with pytest.raises(Exception, match="rotate-key --adopt"):
        await _serve_once(database_url, slack, "first")
    assert (await audit(database_url, "rotate-key", key="first")).returncode == 1
    adopted = await audit(database_url, "rotate-key", "--adopt", key="first")
    assert (adopted.returncode, "older entries stay unkeyed" in adopted.stdout) == (0, True)
    await _serve_once(database_url, slack, "first")
    with pytest.raises(Exception, match="check for a typo"):
        await _serve_once(database_url, slack, "frist")
    await _serve_once(database_url, slack, "second", "first")
    waiting = await audit(database_url, "verify", key="second,first")
    assert (waiting.returncode, "run 'audit rotate-key'" in waiting.stdout) == (1, True)
    rotated = await audit(database_url, "rotate-key", "--by", ANA, key="second,first")
    assert (rotated.returncode, "new entries are sealed with key" in rotated.stdout) == (0, True)
    again = await audit(database_url, "rotate-key", key="second,first")
    assert (again.returncode, "already" in again.stdout) == (0, True)
    await _serve_once(database_url, slack, "second", "first")
    with pytest.raises(Exception, match="check for a typo"):
        await _serve_once(database_url, slack, "first")
    changes = look_into(database_url, "SELECT id, actor FROM audit WHERE action = 'change_key' ORDER BY id")
    assert [(row["id"], row["actor"]) for row in changes] == [(2, "operator"), (5, ANA)]
    verified = await audit(database_url, "verify", key="second, first")
    assert verified.returncode == 0, verified.stdout
    assert "integrity: 5 entries are as they were written" in verified.stdout
    unkeyed = "unkeyed: proves nothing against someone who can write the database"
    assert f"the first 1, from before AUDIT_KEY, match their plain hashes: {unkeyed}" in verified.stdout
    assert "that isn't in AUDIT_KEY" in (await audit(database_url, "verify", key="second")).stdout
    assert "set AUDIT_KEY to check the chain" in (await audit(database_url, "verify", key="")).stdout


async def test_a_record_made_anew_without_the_key_is_not_taken(recorded: str, slack: LocalSlack) -> None:
    """The server that has the key does not start on it, let alone seal it."""
    tamper(recorded, "UPDATE audit SET seal = ''", "UPDATE audit_head SET seal = ''")
    async with running(recorded, slack):
        pass
    with pytest.raises(Exception, match="someone recreated it without the key"):
        async with running(recorded, slack, audit_key=(KEY,)):
            pass


async def test_a_server_without_the_key_does_not_go_on(recorded: str, slack: LocalSlack) -> None:
    """It would append what nobody could tell from a forgery."""
    with pytest.raises(Exception, match="AUDIT_KEY is not set"):
        async with running(recorded, slack):
            pass
    await head(recorded)


async def test_entries_older_than_the_chain(bot: Bot, slack: LocalSlack) -> None:
    """They are sealed when it begins, and the record says that this was done afterwards."""
    await history(bot, slack)
    tamper(bot.database_url, "UPDATE audit SET seal = ''", "UPDATE audit_head SET seal = ''")
    unsealed = await audit(bot.database_url, "verify", key="")
    assert "it has no seal" in unsealed.stdout
    await bot.ralio.send(ralio.event())
    verified = await audit(bot.database_url, "verify", key="")
    assert (verified.returncode, verified.stdout.splitlines()[0]) == (
        0,
        "integrity: 12 entries match their plain hashes",
    )
    assert "entries 1 to 10 are older than the chain" in verified.stdout


async def test_the_export_holds_everything(recorded: str) -> None:
    """As JSON lines and as CSV, oldest first, or only from a date on."""
    lines = [json.loads(line) for line in (await audit(recorded, "export")).stdout.splitlines()]
    assert [line["id"] for line in lines] == list(range(1, 10))
    assert [line["action"] for line in lines[:5]] == ["change_key", "receive", "claim", "claim", "release"]
    assert lines[3]["refused"] == "held_by_other"
    exported = (await audit(recorded, "export", "--format", "csv")).stdout
    assert exported.startswith("\ufeffid,")  # a spreadsheet takes it for UTF-8
    table = list(csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert [(row["id"], row["at"], row["seal"]) for row in table] == [
        (str(line["id"]), line["at"], line["seal"]) for line in lines
    ]
    later = await audit(recorded, "export", "--since", lines[8]["at"])
    assert [json.loads(line)["id"] for line in later.stdout.splitlines()][-1] == 9
    assert (await audit(recorded, "export", "--since", "2999-01-01")).stdout == ""
    assert (await audit(recorded, "export", "--since", "yesterday")).returncode == 2


async def test_no_exported_cell_is_a_formula(bot: Bot) -> None:
    """Whatever a reviewer types, an auditor's spreadsheet shows it and runs nothing."""
    session_id, ana = await new_review(bot), Person(bot, ANA)
    await ana.press(session_id, "Claim")
    await ana.fill_in(session_id, "Resolve", outcome="Approve", note="=HYPERLINK(1)")
    await bot.settled()
    exported = await audit(bot.database_url, "export", "--format", "csv")
    assert "=HYPERLINK" in exported.stdout
    cells = [cell for row in csv.reader(io.StringIO(exported.stdout)) for cell in row if cell]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]


async def test_a_case_file(bot: Bot, slack: LocalSlack) -> None:
    """Who, when, what was shown, every change and refusal, the proof, and the way to the card."""
    session_id = await history(bot, slack)
    card = await bot.card(session_id)
    printed = await audit(bot.database_url, "case", session_id, "--format", "json", key="")
    content = json.loads(printed.stdout)
    assert [(each["actor"], each["action"], each["refused"]) for each in content["entries"]] == [
        ("ralio", "receive", None),
        (ANA, "claim", None),
        (BEN, "claim", "held_by_other"),
        (ANA, "release", None),
    ]
    assert content["unbroken"]
    assert [each["name"] for each in content["people"][ANA]] == ["Ana Ruiz (ana)"]
    assert content["refusals"][0]["name"] == "Ben Okafor (ben)"
    assert content["card"] == f"https://slack.com/archives/{USER_CHANNEL}/p{card['ts'].replace('.', '')}"
    for form in ("markdown", "html"):
        shown = (await audit(bot.database_url, "case", session_id, "--format", form, key="")).stdout
        for word in (session_id, ANA, BEN, "held_by_other", content["card"], "is unbroken"):
            assert word in shown
    assert (await audit(bot.database_url, "case", "nobody", key="")).returncode == 1
    tamper(bot.database_url, "UPDATE audit SET actor = '<b>x' WHERE action = 'claim'")
    broken = await audit(bot.database_url, "case", session_id, "--format", "html", key="")
    assert (broken.returncode, "BROKEN" in broken.stdout, "&lt;b&gt;x" in broken.stdout) == (1, True, True)
