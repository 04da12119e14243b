"""Signed requests with something wrong in them, at the running bot: no 5xx, no harm to what comes beside them."""

import asyncio
import json
from urllib.parse import parse_qsl, quote, urlencode

from hypothesis import strategies as st

from bot.demo.signing import slack_headers
from tests.support import ralio
from tests.support.bot import Bot
from tests.support.mutation import as_bytes, mutated, some
from tests.support.process import ROOT
from tests.support.slack import ANA, SIGNING_SECRET, USER_CHANNEL

FIXTURES = ROOT / "tests" / "fixtures"
AT_ONCE = 40
EVENTS = [json.loads(path.read_bytes()) for path in sorted((FIXTURES / "ralio").glob("*.json"))]
PAYLOADS = {
    path.stem: json.loads(path.read_text().replace("U012AB3CD", ANA).replace("U061F7AUR", ANA))
    for path in sorted((FIXTURES / "slack").glob("*.json"))
}
"""All sent by somebody whom the local Slack knows."""

COMMAND = "command=%2Freviews&user_id=U1&team_id=T1&text=s-1&trigger_id=1.2"


async def test_no_signed_webhook_breaks_anything(bot: Bot) -> None:
    """Each is recorded, ignored or quarantined; every sound one that shares a transaction with them is recorded."""
    bodies = [as_bytes(text) for text in some(mutated(EVENTS), 250)]
    sound = [json.dumps(ralio.event()).encode() for _ in range(40)]
    mixed = [body for pair in zip(bodies, sound * 7, strict=False) for body in pair]
    statuses: dict[bytes, set[int]] = {}
    for start in range(0, len(mixed), AT_ONCE):
        batch = mixed[start : start + AT_ONCE]
        answers = await asyncio.gather(*(bot.ralio.send_bytes(body) for body in batch))
        for body, (status, _) in zip(batch, answers, strict=True):
            statuses.setdefault(body, set()).add(status)
    assert {body: found for body, found in statuses.items() if not found <= {200, 400, 422}} == {}
    assert {status for body in sound for status in statuses[body]} == {200}
    assert {400, 422} <= {status for found in statuses.values() for status in found}
    await bot.settled()
    assert bot.rows("SELECT last_error FROM deliveries WHERE held_at IS NOT NULL") == []
    cards = json.dumps(await bot.slack.messages(USER_CHANNEL))
    assert all(json.loads(body)["data"]["sessionId"] in cards for body in sound)


async def test_no_signed_request_of_slack_breaks_anything(bot: Bot) -> None:
    """200 or 400, whatever is pressed, sent, typed or told."""
    clicks = [payload for name, payload in PAYLOADS.items() if not name.startswith("event_")]
    events = [payload for name, payload in PAYLOADS.items() if name.startswith("event_")]
    fields = st.lists(
        st.tuples(st.sampled_from(["user_id", "text", "team_id", "ssl_check"]), st.text(max_size=30))
    )
    commands = fields.map(lambda more: urlencode(parse_qsl(COMMAND) + more, errors="surrogatepass"))
    requests = [
        ("interactions", b"payload=" + quote(as_bytes(text)).encode()) for text in some(mutated(clicks), 200)
    ]
    requests += [("events", as_bytes(text)) for text in some(mutated(events), 60)]
    requests += [("commands", text.encode()) for text in some(commands, 40)]

    async def post(path: str, body: bytes) -> int:
        headers = slack_headers(SIGNING_SECRET, body, bot.clock() // 1000)
        async with bot.slack.session.post(
            f"{bot.address}/slack/{path}", data=body, headers=headers
        ) as answer:
            return answer.status

    for start in range(0, len(requests), AT_ONCE):
        batch = requests[start : start + AT_ONCE]
        answers = await asyncio.gather(*(post(path, body) for path, body in batch))
        assert {
            request: status
            for request, status in zip(batch, answers, strict=True)
            if status not in (200, 400)
        } == {}
    assert (await bot.ralio.send(ralio.event()))[0] == 200
    await bot.settled()
    assert bot.rows("SELECT last_error FROM deliveries WHERE held_at IS NOT NULL") == []
