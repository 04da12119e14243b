"""The API client against a local Ralio, over HTTP: what it reads, and how each bad end of a call is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.demo.ralio_api.records import API_CODE, API_KEY, Trouble, refused, validated
from bot.ralio.api.client import CREDENTIALS_WAIT_S, RalioApi, open_ralio_api
from bot.ralio.api.errors import ApiAway, ApiProblem, ApiRefused, CredentialsRefused
from bot.reviews.checks import Check
from bot.reviews.review import (
    SessionState,
)
from tests.support.bot import MovableClock
from tests.support.process import free_port
from tests.support.ralio_api import LocalRalioApi, running_ralio_api

AT = "2026-03-17T16:41:28.447Z"
AT_MS = 1_773_765_688_447
CODE, KEY = SecretStr(API_CODE), SecretStr(API_KEY)


@pytest.fixture
async def ralio() -> AsyncIterator[LocalRalioApi]:
    """A local Ralio with one session in review."""
    async with running_ralio_api() as running:
        session = running.records.change("s1", "REVIEW", "u1", AT)
        session.checks = [validated("document"), refused("face-matching", "NO_MATCH", "FACE")]
        yield running


@pytest.fixture
def clock() -> MovableClock:
    """The test's time."""
    return MovableClock()


@pytest.fixture
async def api(ralio: LocalRalioApi, clock: MovableClock) -> AsyncIterator[RalioApi]:
    """A client with the right credentials."""
    async with open_ralio_api(ralio.url, CODE, KEY, clock) as opened:
        yield opened


async def test_the_refused_checks_are_type_code_and_category(api: RalioApi) -> None:
    """Ralio's own code goes before the provider's; names and texts are not read."""
    checks = await api.refused_checks("u1", "s1")
    assert checks == (Check("face-matching", "refused", ("KYC.FACE.NO_MATCH",), "FACE"),)


async def test_the_state_history_comes_oldest_first(api: RalioApi, ralio: LocalRalioApi) -> None:
    """In whatever order Ralio lists it."""
    ralio.records.change("s1", "VERIFIED", "u1", "2026-03-18T10:00:00.000Z")
    ralio.records.change("s1", "NOT_STARTED", "u1", "2026-03-16T10:00:00.000Z")
    ralio.records.sessions["s1"].logs.reverse()
    changes = await api.state_history("u1", "s1")
    assert [change.state for change in changes] == [None, SessionState.REVIEW, SessionState.VERIFIED]
    assert (changes[1].id, changes[1].at) == ("1", AT_MS)


async def test_a_users_sessions_are_read_page_by_page(api: RalioApi, ralio: LocalRalioApi) -> None:
    """Three pages of a hundred, and nobody else's."""
    for number in range(230):
        ralio.records.change(f"session-{number}", "VERIFIED", "u2", AT)
    listed = [session async for session in api.sessions("u2")]
    assert [session.id for session in listed] == [f"session-{number}" for number in range(230)]
    assert {(session.state, session.changed_at) for session in listed} == {(SessionState.VERIFIED, AT_MS)}
    assert len(ralio.calls("identity-verifications")) == 3


async def test_one_login_serves_many_calls(api: RalioApi, ralio: LocalRalioApi) -> None:
    """Those that begin together share it, too."""
    await asyncio.gather(*(api.refused_checks("u1", "s1") for _ in range(20)))
    assert len(ralio.calls("login")) == 1


async def test_an_expired_token_is_renewed_once(api: RalioApi, ralio: LocalRalioApi) -> None:
    """Nobody notices."""
    await api.state_history("u1", "s1")
    ralio.records.expire_tokens()
    await asyncio.gather(*(api.state_history("u1", "s1") for _ in range(10)))
    assert len(ralio.calls("login")) == 2
    assert api.problem is None


async def test_wrong_credentials_are_named_and_not_tried_again_and_again(
    ralio: LocalRalioApi, clock: MovableClock
) -> None:
    """For a minute nothing is asked; once they are right the problem is gone. No secret is logged."""
    async with open_ralio_api(ralio.url, CODE, SecretStr("old-key"), clock) as api:
        with capture_logs() as logs:
            with pytest.raises(CredentialsRefused):
                await api.refused_checks("u1", "s1")
            assert api.problem == (
                "the login was rejected: http_401; check RALIO_API_URL, RALIO_API_CODE and RALIO_API_KEY"
            )
            with pytest.raises(ApiAway, match="circuit_open"):
                await api.refused_checks("u1", "s1")
            assert len(ralio.records.calls) == 1
            ralio.records.api_key = "old-key"
            clock.advance(CREDENTIALS_WAIT_S)
            await api.refused_checks("u1", "s1")
        assert api.problem is None
        assert [line["event"] for line in logs] == ["ralio_api_refused", "ralio_api_recovered"]
        assert "old-key" not in str(logs)


async def test_a_token_that_is_refused_right_after_the_login_is_a_problem(
    api: RalioApi, ralio: LocalRalioApi
) -> None:
    """Two logins, not an endless row of them."""
    ralio.records.trouble("unauthorized", times=9, call="/checks")
    with pytest.raises(CredentialsRefused):
        await api.refused_checks("u1", "s1")
    assert len(ralio.calls("login")) == 2
    assert "fresh login" in (api.problem or "")


@pytest.mark.parametrize(
    ("trouble", "kind", "reason"),
    [
        ("server_error", ApiAway, "http_500"),
        ("not_json", ApiAway, "unreadable_answer"),
        ("too_many", ApiAway, "http_429"),
        ("forbidden", ApiRefused, "http_403"),
        ("slow", ApiAway, "timeout"),
    ],
)
async def test_how_a_call_ends_is_one_word(
    ralio: LocalRalioApi,
    clock: MovableClock,
    trouble: Trouble,
    kind: type[ApiProblem],
    reason: str,
) -> None:
    """And nothing of Ralio's answer is in it; the next call works."""
    ralio.records.trouble(trouble, call="/checks")
    async with open_ralio_api(ralio.url, CODE, KEY, clock, 0.5) as api:
        with pytest.raises(kind) as caught:
            await api.refused_checks("u1", "s1")
        assert caught.value.reason == reason
        assert "Jane" not in repr(caught.value)
        assert caught.value.__cause__ is None
        clock.advance(7)
        assert await api.refused_checks("u1", "s1")


async def test_a_session_that_is_not_there_is_refused(api: RalioApi) -> None:
    """Asking again would not help."""
    with pytest.raises(ApiRefused, match="http_404"):
        await api.refused_checks("u1", "s2")
    assert api.ready_at == 0


async def test_the_wish_to_wait_is_respected(
    api: RalioApi, ralio: LocalRalioApi, clock: MovableClock
) -> None:
    """Seven seconds without a call."""
    ralio.records.trouble("too_many", call="/checks")
    with pytest.raises(ApiAway) as caught:
        await api.refused_checks("u1", "s1")
    assert caught.value.retry_after_s == 7
    assert api.ready_at - clock() == pytest.approx(7_000, abs=500)


async def test_the_circuit_opens_and_closes(clock: MovableClock) -> None:
    """Three calls find nobody; then nobody is bothered until the pause is over."""
    port = free_port()
    async with open_ralio_api(f"http://127.0.0.1:{port}", CODE, KEY, clock) as api:
        for _ in range(3):
            with pytest.raises(ApiAway, match="cannot_connect"):
                await api.refused_checks("u1", "s1")
        with pytest.raises(ApiAway, match="circuit_open"):
            await api.refused_checks("u1", "s1")
        async with running_ralio_api(port) as ralio:
            ralio.records.change("s1", "REVIEW", "u1", AT)
            clock.advance(3)
            assert await api.refused_checks("u1", "s1") == ()
            assert api.ready_at == 0
