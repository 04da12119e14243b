"""Marked secrets and marked people go in; nothing that the bot stores, prints, logs, counts or posts shows them."""

import asyncio
import json
from pathlib import Path

from tests.support import ralio
from tests.support.bot import until
from tests.support.look import look_into
from tests.support.process import ROOT, Process, environment, free_port, run
from tests.support.slack import ANA, BEN, SIGNING_SECRET, TOKEN, USER_CHANNEL, WEBHOOK_SECRET, LocalSlack

SECRETS = {
    "AUDIT_KEY": "canary-audit-key",
    "METRICS_TOKEN": "canary-metrics-token",
    "RALIO_API_URL": "http://127.0.0.1:9",
    "RALIO_API_CODE": "canary-api-code",
    "RALIO_API_KEY": "canary-api-key",
}
CUSTOMER = ("Jane", "Roe", "jane.roe", "X1234567", "1980-01-02", "passport")
"""Whom a webhook is about."""

STAFF = ("Ruiz", "Okafor")
"""The reviewers. The record has their names, as Slack shows them, and nothing else has."""

CANARIES = ("canary", TOKEN, SIGNING_SECRET, WEBHOOK_SECRET, *CUSTOMER)
TABLES = (
    "events",
    "reviews",
    "audit",
    "audit_purged",
    "audit_head",
    "deliveries",
    "holds",
    "schema_versions",
)
FIXTURE = ROOT / "tests/fixtures/ralio/review_personal_data_in_unknown_fields.json"


def told(output: str, text: str) -> list[str]:
    """The canaries that sing."""
    staff = () if output.startswith("audit") else STAFF
    return [canary for canary in (*CANARIES, *staff) if canary in text]


async def test_no_canary_sings(database_url: str, slack: LocalSlack, tmp_path: Path) -> None:
    """From signed events, broken and unsigned ones, through clicks, to every command that prints something."""
    env = environment(database_url, free_port(), slack.api_url) | SECRETS
    log_format = "json" if database_url.startswith("sqlite") else "console"
    server = Process(env | {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": log_format}, tmp_path / "bot.log")
    server.start()
    await server.listening()
    await slack.bot_is_at(int(env["PORT"]))
    session_id = await _use(env, slack)
    outputs = await asyncio.to_thread(_printed, env, session_id)
    url = f"http://127.0.0.1:{env['PORT']}"
    for path in ("/healthz", "/readyz", "/metrics"):
        async with slack.session.get(
            url + path, headers={"Authorization": "Bearer canary-metrics-token"}
        ) as answer:
            outputs[path] = await answer.text() + str(answer.headers)
    assert await server.terminate() == 0
    outputs["the log"] = server.log()
    outputs["Slack"] = json.dumps(await slack.messages(USER_CHANNEL)) + " ".join(
        await slack.private_notes(BEN)
    )
    for table in TABLES:
        rows = look_into(database_url, f"SELECT * FROM {table}")  # noqa: S608
        # What could not be understood is kept as it came, until somebody replays it.
        outputs[table] = str([{name: value for name, value in row.items() if name != "body"} for row in rows])
    assert {name: told(name, text) for name, text in outputs.items() if told(name, text)} == {}
    assert all(outputs.values())


async def _use(env: dict[str, str], slack: LocalSlack) -> str:
    """A day in short; answers with the session that was worked on."""
    sender = ralio.Ralio(
        f"http://127.0.0.1:{env['PORT']}/webhooks/ralio", env["RALIO_WEBHOOK_SECRET"], slack.session
    )
    body = FIXTURE.read_bytes()
    session_id = str(json.loads(body)["data"]["sessionId"])
    assert (await sender.send_bytes(body))[0] == 200
    assert (await sender.send_bytes(body, "canary"))[0] == 401
    assert (await sender.send_bytes(b"{Jane Roe"))[0] == 400
    wrong = ralio.event(entityType="Jane\nRoe", sessionId={"name": "Jane Roe"})
    assert (await sender.send(wrong))[0] == 422
    assert (await sender.send(ralio.event("kyc_state_updated", email="jane.roe@example.com")))[0] == 200
    (card,) = await until(lambda: slack.messages(USER_CHANNEL), "no card")
    await slack.click(ANA, card, "Claim")
    await slack.click(BEN, card, "Claim")
    await until(lambda: slack.private_notes(BEN), "no private note")
    return session_id


def _printed(env: dict[str, str], session_id: str) -> dict[str, str]:
    """What each command prints, with all that it says on stderr."""
    commands = [
        "check --json",
        "reviews --json",
        "stats",
        "stats --json",
        "reviews",
        "events --json",
        "events --quarantined",
        "events replay --all",
        "deliveries",
        "deliveries requeue --all",
        f"hold add {session_id}",
        "hold list",
        "purge --before 2020-01-01 --dry-run",
        "audit verify",
        "audit export",
        "audit export --format csv",
        *(f"audit case {session_id} --format {form}" for form in ("markdown", "html", "json")),
        "manifest --url https://example.com",
        "migrate",
    ]
    done = {command: run(command.split(), env) for command in commands}
    return {command: each.stdout + each.stderr for command, each in done.items()}
