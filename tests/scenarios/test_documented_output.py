"""The output in the documentation is what the commands print for the database that is prepared here."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.stats import print_stats
from bot.handlers.person_action import carry_out
from bot.ralio.events import MalformedEvent
from bot.reviews.action_request import Refused
from bot.reviews.audit.entry import Keys
from bot.reviews.business_hours import BusinessHours
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.store.store import Store, open_store
from bot.store.tables import events, leases
from bot.store.tables.deliveries import posts
from bot.store.tables.leases import LeaseRequest, NotShown, Shown
from tests.support import slack as local
from tests.support.documentation import brought_up_to_date
from tests.support.operator import command
from tests.support.process import environment, free_port
from tests.support.slack import ANA, BEN, LocalSlack
from tests.support.store import PARTY, act, asked, receive, rows

KEY = "documented"
DECIDED, CLAIMED, OPEN = (
    f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123"
)
NOTHING = {"decision": None, "comment": None}
REJECTED = {"decision": Decision("reject", "document_expired", "Ended in May."), "comment": None}


def at(time: str) -> int:
    """Return a time on Monday, 23 November 2026, in milliseconds."""
    return round(datetime.fromisoformat(f"2026-11-23T{time}").replace(tzinfo=UTC).timestamp() * 1000)


async def _show_all(store: Store, now: int) -> None:
    """Record every delivery as sent to Slack."""
    for lane in {row["lane"] for row in await rows(store, "SELECT lane FROM deliveries")}:
        channel = local.USER_CHANNEL
        for delivery in await store.write(leases.lease, LeaseRequest(lane, channel, 100, "a", now, now + 1)):
            ts = f"{now // 1000}.{delivery.id:06}"
            shown = Shown(delivery, channel, ts, delivery.wanted_version, now)
            await store.write(leases.record_shown, shown)


async def _prepare_database(store: Store) -> None:
    """Prepare a review decided by two people, a claimed one, a card that Slack refuses, and a malformed event."""
    await receive(store, DECIDED, at("09:00"))
    await act(store, DECIDED, ANA, Action.CLAIM, at("09:12"), **NOTHING)
    refused = await store.write_batched(carry_out, asked(DECIDED, BEN, Action.CLAIM, at("09:13"), **NOTHING))
    assert refused.refused is Refused.HELD_BY_OTHER
    await receive(store, CLAIMED, at("09:30"))
    await act(store, DECIDED, ANA, Action.RESOLVE, at("09:40"), **REJECTED)
    await act(store, DECIDED, BEN, Action.CONFIRM, at("10:05"), **NOTHING)
    odd = MalformedEvent(
        is_json=True, problems=("data.sessionId: Field required",), body=b"{}", received_at=at("10:07")
    )
    await store.write(events.quarantine, odd)
    await _show_all(store, at("10:08"))
    await receive(store, OPEN, at("10:10"), PARTY)
    request = LeaseRequest(
        posts("related-party"), local.RELATED_PARTY_CHANNEL, 1, "a", at("10:10"), at("10:11")
    )
    (card,) = await store.write(leases.lease, request)
    held = NotShown(
        card,
        repost=False,
        due_at=at("10:11"),
        attempts=1,
        unresolved_since=None,
        last_error="not_in_channel",
        held_at=at("10:11"),
        now=at("10:11"),
    )
    await store.write(leases.record_not_shown, held)
    await act(store, CLAIMED, BEN, Action.CLAIM, at("10:15"), **NOTHING)


@pytest.fixture
async def prepared(tmp_path: Path) -> str:
    """The URL of the prepared database."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    async with open_store(url, at("08:00"), lambda: None, Keys([KEY])) as store:
        await _prepare_database(store)
    return url


def _without_variations(output: str, folder: Path) -> str:
    """Remove what differs from run to run (the folder, the port, the clock) and spaces at the ends of lines."""
    output = re.sub(r"127\.0\.0\.1:\d+ is free", "127.0.0.1:8080 is free", output)
    output = re.sub(r" +$", "", output.replace(f"{folder}/", ""), flags=re.MULTILINE)
    return re.sub(r"clock: \d+ s (ahead of|behind)", "clock: 0 s ahead of", output)


@pytest.mark.leaves_undelivered("the documentation shows undelivered messages")
async def test_the_documentation_shows_what_the_commands_print(
    prepared: str, tmp_path: Path, slack: LocalSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every documented line is printed, and every printed line is documented."""
    env = environment(prepared, free_port(), slack.api_url) | {"AUDIT_KEY": KEY}
    printed: dict[str, str] = {}

    async def run_documented(prompt: str, code: int = 0, **variables: str) -> None:
        words = [variables.get(word.strip('"$'), word) for word in prompt.partition("#")[0].split()[3:]]
        done = await command(prepared, *words, **env)
        assert done.returncode == code, done.stdout + done.stderr
        printed[prompt] = _without_variations(done.stdout, tmp_path)

    for words in (
        "reviews",
        "events",
        "events --quarantined",
        "events show 3",
        "deliveries",
        "audit verify",
        f"audit case {DECIDED}",
        "purge --before 2026-11-24 --dry-run",
        "check",
    ):
        await run_documented(f"python -m bot {words}")
    kept = printed["python -m bot audit verify"].rpartition("head: ")[2].strip()
    await run_documented('python -m bot audit verify --head "$KEPT"', KEPT=kept)
    await slack.change_channel(local.RELATED_PARTY_CHANNEL, bot_is_member=False)
    await run_documented("python -m bot check  # where the bot was not invited to a channel", 1)
    await print_stats(
        prepared,
        dict.fromkeys(("user", "related-party"), BusinessHours()),
        lambda: at("11:00"),
        as_json=False,
    )
    printed["python -m bot stats"] = _without_variations(capsys.readouterr().out, tmp_path)
    assert brought_up_to_date(printed) == printed
