"""Calls to other systems go through OUTBOUND_PROXY; what it refuses was not sent, and its password shows nowhere."""

import logging
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from bot.clock import system_clock
from bot.delivery.decision_webhook.receiver import Answer, open_receiver
from bot.outbound import OutboundProxy, not_sent, outbound_session, proxy_advice
from bot.ralio.api.client import open_ralio_api
from bot.ralio.api.errors import ApiAway
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import open_slack_client
from tests.support.outbound_proxy import Proxy, running_proxy
from tests.support.receiver import SECRET

CREDENTIALS = f"Basic {b64encode(b'ana:p@ss/word').decode()}"
REFUSED = "proxy_http_407"


@pytest.mark.parametrize(
    ("url", "address", "authorization"),
    [
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128", ""),
        ("HTTP://proxy.example.com:3128/", "http://proxy.example.com:3128", ""),
        ("http://proxy.example.com", "http://proxy.example.com", ""),
        ("http://[::1]:3128", "http://[::1]:3128", ""),
        ("http://ana:p%40ss%2Fword@10.0.0.1:3128", "http://10.0.0.1:3128", CREDENTIALS),
        ("http://ana@10.0.0.1:3128", "http://10.0.0.1:3128", f"Basic {b64encode(b'ana:').decode()}"),
    ],
)
def test_an_address_is_kept_apart_from_its_credentials(url: str, address: str, authorization: str) -> None:
    """Only the address is ever shown."""
    proxy = OutboundProxy.parse(url)
    assert (proxy.url, proxy.authorization) == (address, authorization)
    assert "Basic" not in repr(proxy)


@pytest.mark.parametrize(
    "url",
    [
        "proxy.example.com:3128",
        "https://proxy.example.com:3128",
        "socks5://proxy.example.com:1080",
        "http://",
        "http://:3128",
        "http://proxy.example.com:port",
        "http://proxy.example.com:99999",
        "http://proxy.example.com:3128/hunter2",
        "http://ana:hunter2#@proxy.example.com:3128",
        "http://ana:hunter2/x@proxy.example.com:3128",
        "http://ana:hunter 2@proxy.example.com:3128",
        "http://[::1:3128",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_repeated(url: str) -> None:
    """It could hold a password."""
    with pytest.raises(
        ValueError, match=r"^must be an address such as http://proxy\.example\.com:3128;"
    ) as caught:
        OutboundProxy.parse(url)
    assert "hunter2" not in str(caught.value)


@pytest.fixture
async def refusing() -> AsyncIterator[Proxy]:
    """A proxy that wants other credentials."""
    async with running_proxy({}, "Basic something else") as proxy:
        yield proxy


async def _ask_slack(proxy: OutboundProxy) -> object:
    async with open_slack_client(
        "https://slack.test/api/", "xoxb-made-up", 1.0, system_clock, proxy
    ) as client:
        result = await client.test_token()
        assert result.kind is ResultKind.AWAY
        return result.error


async def _ask_ralio(proxy: OutboundProxy) -> object:
    key = SecretStr("key")
    async with open_ralio_api("https://ralio.test", key, key, system_clock, proxy=proxy) as api:
        with pytest.raises(ApiAway) as caught:
            await api.refused_checks("user-1", "session-1")
        return caught.value.reason


async def _send_decision(proxy: OutboundProxy) -> object:
    url = SecretStr("https://receiver.test/decisions")
    async with open_receiver(url, [SecretStr(SECRET)], proxy=proxy) as receiver:
        answer = await receiver.send("msg_1", b"{}", 0)
        assert answer == Answer(None, answer.error)
        return answer.error


ASKED = {"slack.test": _ask_slack, "ralio.test": _ask_ralio, "receiver.test": _send_decision}


@pytest.mark.parametrize("host", ASKED)
async def test_a_call_that_the_proxy_refuses_was_not_sent(refusing: Proxy, host: str) -> None:
    """So that it is sent again without looking first; HTTPS is tunnelled."""
    assert await ASKED[host](OutboundProxy.parse(f"http://ana:hunter2@{refusing.address}")) == REFUSED
    assert set(refusing.calls) == {("CONNECT", host)}


@pytest.mark.parametrize("host", ASKED)
async def test_a_proxy_that_is_away_is_named(host: str) -> None:
    """It is not Slack's or Ralio's fault."""
    assert await ASKED[host](OutboundProxy.parse("http://127.0.0.1:9")) == "cannot_connect_to_proxy"


async def test_credentials_are_sent_to_the_proxy_alone() -> None:
    """With the CONNECT of an HTTPS call, which it allows to no host here: 403, not 407."""
    async with running_proxy({}, CREDENTIALS) as running:
        proxy = OutboundProxy.parse(f"http://ana:p%40ss%2Fword@{running.address}")
        async with outbound_session(proxy, 5.0) as session:
            with pytest.raises(aiohttp.ClientHttpProxyError) as caught:
                await session.get("https://slack.test/")
    assert not_sent(caught.value) == "proxy_http_403"


async def test_no_error_shows_the_credentials(
    refusing: Proxy, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its traceback, nor what aiohttp and asyncio log at their most talkative."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    shown = ""
    for address in (refusing.address, "127.0.0.1:9"):
        async with outbound_session(OutboundProxy.parse(f"http://ana:hunter2@{address}"), 5.0) as session:
            with pytest.raises(aiohttp.ClientError) as caught:
                await session.get("https://slack.test/")
            shown += "".join(traceback.format_exception(caught.value)) + repr(vars(session))
    assert "hunter2" not in shown + caplog.text
    assert b64encode(b"ana:hunter2").decode() not in shown + caplog.text


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("cannot_connect_to_proxy", "check OUTBOUND_PROXY, and that this machine can reach it"),
        ("proxy_http_407", "put the user name and password that the proxy accepts into OUTBOUND_PROXY"),
        ("proxy_http_403", "let the proxy in OUTBOUND_PROXY pass calls to this address"),
        (
            "proxy_http_504",
            "the proxy can't reach this address: check the address, and the proxy in OUTBOUND_PROXY",
        ),
        ("cannot_connect", ""),
    ],
)
def test_every_error_of_the_proxy_has_advice(word: str, advice: str) -> None:
    """An error of anything else has its own."""
    assert proxy_advice(word) == advice
