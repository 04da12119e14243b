"""Requests that no honest client sends, byte by byte: none is read in two ways, and none is echoed."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.support import ralio
from tests.support.bot import running
from tests.support.raw_http import Answer, connected
from tests.support.slack import LocalSlack

ECHO = b"echo-of-the-request"
POST = b"POST /webhooks/ralio HTTP/1.1\r\nHost: a\r\nX-Marker: echo-of-the-request\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Marker: echo-of-the-request\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"

BAD: dict[str, bytes] = {
    # Two ways to say where the body ends: one request could hide in another.
    "a length beside a transfer coding": POST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    + LAST_CHUNK,
    "a transfer coding beside a length": POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
    + LAST_CHUNK,
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "the same length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nabcde",
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nabcde",
    "a negative length": POST + b"Content-Length: -1\r\n\r\nabcde",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\nabcdefghij",
    "an endless length": POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nabcde",
    "an empty length": POST + b"Content-Length: \r\n\r\n",
    "an unknown transfer coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + LAST_CHUNK,
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + LAST_CHUNK,
    "two transfer codings": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    + LAST_CHUNK,
    "packed chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + LAST_CHUNK,
    "chunked, but not at the end": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + LAST_CHUNK,
    "the transfer coding identity": POST + b"Transfer-Encoding: identity\r\n\r\n" + LAST_CHUNK,
    "a vertical tab before chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + LAST_CHUNK,
    "chunks in HTTP/1.0": b"POST /webhooks/ralio HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + LAST_CHUNK,
    "a chunk's size that is none": CHUNKED + b"zz\r\nx\r\n" + LAST_CHUNK,
    "a negative chunk": CHUNKED + b"-1\r\nx\r\n" + LAST_CHUNK,
    "a chunk's size with a prefix": CHUNKED + b"0x1\r\nx\r\n" + LAST_CHUNK,
    "a chunk larger than numbers are": CHUNKED + b"f" * 17 + b"\r\nx\r\n" + LAST_CHUNK,
    "a chunk longer than it says": CHUNKED + b"1\r\nxy\r\n" + LAST_CHUNK,
    "a bare line feed behind a chunk's extension": CHUNKED + b"1;a=b\nx\r\n" + LAST_CHUNK,
    "a thousand trailers": CHUNKED + b"0\r\n" + b"X-Signature: a\r\n" * 1_000 + b"\r\n",
    # Lines that end, or go on, where others see no end.
    "a folded line": POST + b"X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": POST.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n",
    "a bare carriage return": POST + b"X-A: b\rContent-Length: 0\r\n\r\n",
    "a bare line feed": POST + b"X-A: b\nContent-Length: 0\r\n\r\n",
    "a space before the colon": POST + b"Content-Length : 0\r\n\r\n",
    "a space in a name": POST + b"Content Length: 0\r\n\r\n",
    "a space before a name": POST + b" Content-Length: 0\r\n\r\n",
    "no name": POST + b": 0\r\n\r\n",
    "a NUL in a header": POST + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a control character in a header": POST + b"X-A: a\x01b\r\nContent-Length: 0\r\n\r\n",
    # Targets and versions.
    "a NUL in the path": b"GET /healthz\0" + ECHO + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path that is no ASCII": b"GET /\xff\xfe" + ECHO + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/0.9": b"GET /healthz?" + ECHO + b"\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": GET.replace(b"1.1", b"9.9") + b"\r\n",
    "no host": b"GET /healthz?" + ECHO + b" HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: b\r\n\r\n",
    "an address without a method for it": b"GET evil.example:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "an address that is broken": b"GET http://[evil/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "a port that is none": b"GET http://evil:99999999/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:80 HTTP/1.1\r\nHost: a\r\n\r\n" + GET + b"\r\n",
    "an unknown method": GET.replace(b"GET", b"FOO") + b"\r\n",
    "a method in small letters": GET.replace(b"GET", b"get") + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    # Too much of it.
    "a long path": b"GET /" + ECHO * 500 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long header": GET + b"X-A: " + ECHO * 500 + b"\r\n\r\n",
    "a long name": GET + ECHO * 500 + b": a\r\n\r\n",
    "a hundred headers": GET + b"X-A: a\r\n" * 100 + b"\r\n",
}
"""Answered with 400, and the connection is closed, so that nothing behind it is read."""

OTHERS: dict[str, tuple[bytes, list[int]]] = {
    "a packed body": (POST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", [415]),
    "a body packed in an unknown way": (
        POST + b"Content-Encoding: x\r\nContent-Length: 4\r\n\r\nabcd",
        [415],
    ),
    "a body that is said not to be packed": (
        POST + b"Content-Encoding: Identity\r\nContent-Length: 4\r\n\r\nabcd",
        [401],
    ),
    "an unknown expectation": (POST + b"Expect: " + ECHO + b"\r\nContent-Length: 4\r\n\r\nabcd", [417]),
    "an unknown expectation of no route": (
        b"GET /nope HTTP/1.1\r\nHost: a\r\nExpect: " + ECHO + b"\r\n\r\n",
        [404],
    ),
    "the known expectation": (POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd", [100, 401]),
    "chunks": (CHUNKED + b"1\r\nx\r\n" + LAST_CHUNK, [401]),
    "an extension of a chunk": (CHUNKED + b"1;a=" + b"b" * 100_000 + b"\r\nx\r\n" + LAST_CHUNK, [401]),
    "a signature as a trailer": (CHUNKED + b"0\r\nX-Signature: " + b"0" * 64 + b"\r\n\r\n", [401]),
    "a request for a websocket, with a body": (
        POST
        + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: %d\r\n\r\n" % len(GET + b"\r\n")
        + GET
        + b"\r\n",
        [401],
    ),
    "a request for HTTP/2": (
        POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nabcd",
        [401],
    ),
    "a request for the body of another": (
        GET + b"Content-Length: %d\r\n\r\n" % len(GET + b"\r\n") + GET + b"\r\n",
        [200],
    ),
    "two requests at once": ((GET + b"\r\n") * 2, [200, 200]),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", [200]),
    "empty lines before": (b"\r\n\r\n" + GET + b"\r\n", [200]),
    "another host's address": (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", [200]),
    "a broken cookie": (GET + b"Cookie: a=b; \xff=; ;;;=\r\n\r\n", [200]),
    "a token that is no text": (
        GET.replace(b"healthz", b"metrics") + b"Authorization: \xff\xed\xa0\x80\r\n\r\n",
        [200],
    ),
    "a broken query": (GET.replace(b"healthz", b"healthz?%zz=%00&<script>") + b"\r\n", [200]),
    "escapes that are none": (GET.replace(b"healthz", b"%zz%00%ff") + b"\r\n", [404]),
    "the way up": (GET.replace(b"healthz", b"slack/../metrics") + b"\r\n", [404]),
    "the way up in disguise": (GET.replace(b"healthz", b"slack/%2e%2e/metrics") + b"\r\n", [404]),
    "two slashes": (GET.replace(b"/healthz", b"//healthz") + b"\r\n", [200]),
    "a slash at the end": (GET.replace(b"healthz", b"healthz/") + b"\r\n", [200]),
    "the server itself": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [404]),
    "TRACE": (GET.replace(b"GET", b"TRACE") + b"\r\n", [405]),
    "OPTIONS": (GET.replace(b"GET", b"OPTIONS") + b"\r\n", [405]),
    "DELETE of a webhook": (POST.replace(b"POST", b"DELETE") + b"\r\n", [405]),
}
"""Everything else that is odd: the statuses in order, and nothing more."""


async def _answers(port: int, sent: bytes) -> tuple[bytes, list[int]]:
    async with connected(port) as wire:
        wire.send(sent)
        received = await wire.everything()
    return received, [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d+) ", received)]


def _says_too_much(received: bytes) -> list[bytes]:
    told = (b"python", b"aiohttp", b"traceback", ECHO, b"<script>")
    return [word for word in told if word in received.lower()]


async def test_what_could_be_read_in_two_ways_is_refused_and_ends_the_connection(
    tmp_path: Path, slack: LocalSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    """400 with a short generic body, once; nothing of the request is in the answer or in the log, nor a traceback."""
    async with running(f"sqlite:///{tmp_path / 'reviews.db'}", slack) as bot:
        for name, sent in BAD.items():
            async with connected(bot.port) as wire:
                wire.send(sent)
                answer = await wire.answer()
                assert (name, answer.status, json.loads(answer.body)) == (name, 400, {"error": "bad request"})
                assert answer.headers["server"] == "bot", name
                assert await wire.is_closed(), name
        assert await bot.ralio.send(ralio.event()) == (200, {"received": True, "result": "recorded"})
        await bot.settled()
    output = "".join(capsys.readouterr())
    counts = re.findall(r"request_(?:unreadable|refused) .*count=(\d+)", output)
    assert sum(map(int, counts)) == len(BAD)
    assert ECHO.decode() not in output
    assert "Traceback" not in output


async def test_odd_requests_get_one_answer_each_that_tells_nothing(tmp_path: Path, slack: LocalSlack) -> None:
    """Neither what runs here, nor what was sent; a request for a body stays a body."""
    async with running(f"sqlite:///{tmp_path / 'reviews.db'}", slack) as bot:
        found = await asyncio.gather(*(_answers(bot.port, sent) for sent, _ in OTHERS.values()))
        for (name, (_, expected)), (received, statuses) in zip(OTHERS.items(), found, strict=True):
            assert (name, statuses) == (name, expected)
            assert (name, _says_too_much(received)) == (name, [])
            assert received.count(b"Server: bot\r\n") == len([status for status in expected if status != 100])


async def test_every_route_answers_other_methods_in_the_same_way(tmp_path: Path, slack: LocalSlack) -> None:
    """405 with `Allow` and a generic body, 404 elsewhere; HEAD where GET is served."""
    allowed = {
        "/webhooks/ralio": "GET,HEAD,POST",
        "/healthz": "GET,HEAD",
        "/readyz": "GET,HEAD",
        "/metrics": "GET,HEAD",
    }
    allowed |= {f"/slack/{name}": "POST" for name in ("interactions", "commands", "events")}
    async with running(f"sqlite:///{tmp_path / 'reviews.db'}", slack) as bot, connected(bot.port) as wire:

        async def ask(method: str, path: str) -> Answer:
            wire.send(f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode())
            return await wire.answer()

        for path, methods in allowed.items():
            for method in (
                "PUT",
                "PATCH",
                "DELETE",
                "OPTIONS",
                "TRACE",
                *({"GET", "POST"} - set(methods.split(","))),
            ):
                answer = await ask(method, path)
                assert (answer.status, answer.headers["allow"]) == (405, methods)
                assert json.loads(answer.body) == {"error": "method not allowed"}
        for path in ("/", "/webhooks", "/slack/", "/maintenance/purge", "/.env", "/healthz/x"):
            answer = await ask("GET", path)
            assert (answer.status, json.loads(answer.body)) == (404, {"error": "not found"})
