"""What can't be read or delivered is looked at, and given up on the record."""

import json
from typing import Any

import pytest

from tests.support import ralio
from tests.support.bot import Bot, running, until
from tests.support.look import look_into
from tests.support.operator import command
from tests.support.slack import ANA, USER_CHANNEL, LocalSlack, buttons

QUARANTINED = "SELECT id FROM events WHERE error IS NOT NULL"
HELD = "SELECT id FROM deliveries WHERE held_at IS NOT NULL"
BODY = b'{"eventType": "kyc_session_manual_review", "data": {"name": "Jane \x1b[31mDoe"}}'


def _entry(url: str, action: str) -> dict[str, Any]:
    """Return the only audit entry of an action, with its detail read."""
    (entry,) = look_into(url, f"SELECT * FROM audit WHERE action = '{action}'")  # noqa: S608
    return entry | {"detail": json.loads(entry["detail"])}


async def test_a_quarantined_event_is_shown_and_discarded(bot: Bot) -> None:
    """Its raw body is gone afterwards, the record says who discarded it and why, and the same body stays away."""
    url = bot.database_url
    assert (await bot.ralio.send_bytes(BODY))[0] == 400
    await bot.settled()
    (row,) = bot.rows(QUARANTINED)
    row_id = str(row["id"])

    shown = await command(url, "events", "show", row_id)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"{row_id}  " in shown.stdout
    assert '"Jane \\x1b[31mDoe"' in shown.stdout
    shown_json = json.loads((await command(url, "events", "show", row_id, "--json")).stdout)
    assert (shown_json["body"], shown_json["body_size"]) == (BODY.decode(), len(BODY))
    assert (shown_json["quarantined"], shown_json["error"]) == (True, "the body is not JSON")

    reason = ("--reason", "sent by a broken script")
    for incomplete in ((), reason, ("--by", ANA), ("--by", ANA, "--reason", " ")):
        refused = await command(url, "events", "discard", row_id, *incomplete)
        assert (refused.returncode, "--" in refused.stderr) == (2, True)
    done = await command(url, "events", "discard", row_id, "--by", ANA, *reason)
    assert (done.returncode, done.stdout) == (0, f"discarded event {row_id} and its body\n"), done.stderr
    assert bot.rows(QUARANTINED) == []
    (left,) = bot.rows("SELECT type, body FROM events")
    assert left == {"type": "discarded", "body": None}
    entry = _entry(url, "discard_event")
    assert (entry["actor"], entry["review_id"], entry["detail"]["event"]) == (ANA, None, row_id)
    assert entry["detail"]["reason"] == "sent by a broken script"
    assert entry["detail"]["body"].startswith("sha256:")

    assert "only quarantined events keep theirs" in (await command(url, "events", "show", row_id)).stdout
    again = await command(url, "events", "discard", row_id, "--by", "operator", *reason)
    assert (again.returncode, f"{row_id}  isn't quarantined" in again.stderr) == (1, True)
    unknown = await command(url, "events", "show", "4711")
    assert (unknown.returncode, "there is no event 4711" in unknown.stderr) == (1, True)
    assert (await bot.ralio.send_bytes(BODY))[0] == 400
    await bot.settled()
    assert bot.rows(QUARANTINED) == []
    verified = await command(url, "audit", "verify")
    assert verified.returncode == 0, verified.stdout


async def test_a_held_card_is_discarded_and_comes_with_the_next_change(
    database_url: str, slack: LocalSlack
) -> None:
    """With and without a server: nothing is held any more, and the review's own record says why."""
    async with running(database_url, slack) as bot:
        await slack.change_channel(USER_CHANNEL, archived=True)
        events = [ralio.event(), ralio.event()]
        for event in events:
            assert (await bot.ralio.send(event))[0] == 200

        async def both_held() -> bool:
            return len(bot.rows(f"{HELD} AND kind = 'card'")) == 2

        await until(both_held, "the cards are not held")
        await bot.settled()
        first, second = (str(row["id"]) for row in bot.rows(f"{HELD} ORDER BY id"))
        session_id = str(events[0]["data"]["sessionId"])
        words = ["--by", ANA, "--reason", "decided in the portal"]
        done = await command(database_url, "deliveries", "discard", first, *words)
        assert done.returncode == 0, done.stderr
        assert done.stdout == (
            f"discarded delivery {first}, card of session {session_id}; the review's next change sends it again\n"
        )
        entry = _entry(database_url, "discard_delivery")
        assert (entry["actor"], entry["review_id"]) == (ANA, bot.review(session_id)["id"])
        assert (entry["from_status"], entry["to_status"]) == ("open", "open")
        assert entry["detail"].pop("os_user")
        assert entry["detail"] == {
            "delivery": first,
            "kind": "card",
            "error": "is_archived",
            "reason": "decided in the portal",
        }
    offline = await command(database_url, "deliveries", "discard", second, *words)
    assert offline.returncode == 0, offline.stderr
    for not_held in (second, "999999"):
        refused = await command(database_url, "deliveries", "discard", not_held, *words)
        assert refused.returncode == 1
        assert f"there is no held delivery {not_held}" in refused.stderr
    assert look_into(database_url, HELD) == []
    verified = await command(database_url, "audit", "verify")
    assert verified.returncode == 0, verified.stdout

    await slack.change_channel(USER_CHANNEL, archived=False)
    async with running(database_url, slack) as bot:
        await bot.settled()
        assert await bot.cards(session_id) == []
        again = ralio.event(sessionId=session_id)
        assert (await bot.ralio.send(again))[0] == 200
        await until(lambda: bot.cards(session_id), "no card")
        await bot.settled()
        card = await bot.card(session_id)
        assert "Claim" in buttons(card)
        await slack.click(ANA, card, "Claim")
        await bot.settled()
        assert "discard" not in json.dumps(await bot.card(session_id))
        assert len(await bot.cards(session_id)) == 1


@pytest.mark.parametrize(
    ("group", "command_"), [("events", "discard"), ("deliveries", "discard"), ("events", "show")]
)
async def test_an_id_is_required(group: str, command_: str) -> None:
    """There is no way to discard everything at once."""
    refused = await command("sqlite:///unused.db", group, command_)
    assert (refused.returncode, "Missing argument 'ID'" in refused.stderr) == (2, True)
