"""docs/decision-webhook.md: its receiver verifies what the bot sends, and its example is what the bot would send."""

import asyncio
import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from bot.clock import system_clock
from bot.delivery.decision_webhook.message import body_of, ping_body
from bot.delivery.decision_webhook.receiver import Answer, open_receiver
from bot.reviews.decision_update import DecisionUpdate, UpdateType
from bot.reviews.review import EntityType, SessionState
from tests.support.bot import until
from tests.support.process import free_port
from tests.support.receiver import FORMER_SECRET, SECRET

PAGE = (Path(__file__).parents[2] / "docs" / "decision-webhook.md").read_text(encoding="utf-8")


def _block(kind: str) -> str:
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(block)


def _at(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def test_the_example_is_a_body_of_the_bot() -> None:
    """Field by field, in the same order."""
    update = DecisionUpdate(
        type=UpdateType.CLOSED,
        at=_at("2026-11-24T08:30:00Z"),
        version=5,
        session_id="11111111-1111-4111-8111-111111111111",
        entity_type=EntityType.USER,
        subject_id="22222222-2222-4222-8222-222222222222",
        queue="user",
        outcome="reject",
        reason="document_expired",
        decided_by="UANA000001",
        decided_at=_at("2026-11-23T09:40:00Z"),
        confirmed_by="UBEN000001",
        confirmed_at=_at("2026-11-23T10:05:00Z"),
        verdict=SessionState.REJECTED,
        agrees=True,
    )
    shown = json.loads(_block("json"))
    sent = json.loads(body_of(update, shown["data"]["audit_seal"]))
    assert json.dumps(sent) == json.dumps(shown)


async def test_the_receiver_verifies_and_keeps_a_message_once(tmp_path: Path) -> None:
    """A message and its repetition are accepted and printed once; another secret's is refused."""
    script, port = tmp_path / "receiver.py", free_port()
    script.write_text(_block("python"), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "DECISION_WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url, now = SecretStr(f"http://127.0.0.1:{port}/"), system_clock()
    try:
        async with open_receiver(url, [SecretStr(FORMER_SECRET), SecretStr(SECRET)]) as receiver:

            async def accepted() -> bool:
                answer = await receiver.send("msg_1", ping_body(now), now)
                return answer.is_received

            await until(accepted, "the receiver does not accept a ping")
            assert await receiver.send("msg_1", ping_body(now), now) == Answer(204, "http_204")
        async with open_receiver(url, [SecretStr(FORMER_SECRET)]) as stranger:
            assert await stranger.send("msg_2", ping_body(now), now) == Answer(401, "http_401")
    finally:
        process.terminate()
        output, _ = await process.communicate()
    assert output == b"ping {}\n"
