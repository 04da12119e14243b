"""The decision webhook's settings: one line for each problem, and no line shows the address or a secret."""

import base64
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from bot.reviews.decision_update import DecisionSharing
from bot.settings.decision_webhook import DecisionWebhookSettings, origin_of
from bot.settings.environment import read_event_settings, read_settings
from bot.settings.problems import SettingsProblem
from tests.support.receiver import FORMER_SECRET, SECRET
from tests.support.settings import settings_problems

SetUp = Callable[..., None]

URL = "https://ana:hunter2@example.com:8443/decisions?key=hunter2"

pytestmark = pytest.mark.usefixtures("set_up")


def _secret(size: int) -> str:
    return f"whsec_{base64.b64encode(b'x' * size).decode()}"


def test_the_shipped_setting_is_off(set_needed: SetUp) -> None:
    """Nothing is queued."""
    set_needed()
    assert read_settings().decision_sharing is DecisionSharing.NOTHING


@pytest.mark.parametrize("note", ["", "0", "1"])
def test_an_address_and_secrets_turn_it_on(set_needed: SetUp, note: str) -> None:
    """The note only on request; neither address nor secret shows in a repr."""
    set_needed(
        DECISION_WEBHOOK_URL=URL,
        DECISION_WEBHOOK_SECRET=f"{SECRET}, {FORMER_SECRET}",
        DECISION_WEBHOOK_NOTE=note,
    )
    settings = read_settings()
    assert [secret.get_secret_value() for secret in settings.decision_webhook_secret] == [
        SECRET,
        FORMER_SECRET,
    ]
    shared = DecisionSharing.WITH_NOTE if note == "1" else DecisionSharing.WITHOUT_NOTE
    assert settings.decision_sharing is shared
    assert read_event_settings().decision_sharing is shared
    assert "hunter2" not in repr(settings)
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://127.0.0.1:8100/decisions",
        "http://127.8.8.8/",
        "http://[::1]:8100/",
        "http://localhost/",
        "https://10.0.0.1/",
    ],
)
def test_an_address_that_can_be_used(set_needed: SetUp, url: str) -> None:
    """HTTPS anywhere, plain HTTP to this machine."""
    set_needed(DECISION_WEBHOOK_URL=url, DECISION_WEBHOOK_SECRET=SECRET)
    assert read_settings().decision_webhook_url.get_secret_value() == url


ADDRESS = "must be an address such as https://example.com/decisions"
PLAIN = "must begin with https://; plain HTTP is for this machine, or set DECISION_WEBHOOK_ALLOW_HTTP=1 "


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("example.com/hunter2", ADDRESS),
        ("ftp://example.com/hunter2", ADDRESS),
        ("https:///hunter2", ADDRESS),
        ("https://hunter2:example.com:port", ADDRESS),
        ("https://example.com:99999/hunter2", ADDRESS),
        ("https://[::1/hunter2", ADDRESS),
        ("https://example.com/hunter2 x", ADDRESS),
        ("https://example.com/hunter2\x01", "contains an invisible character"),
        ("http://example.com/hunter2", PLAIN),
        ("http://10.0.0.1/hunter2", PLAIN),
        ("http://localhost.example.com/hunter2", PLAIN),
    ],
)
def test_an_address_that_cannot_be_used(set_needed: SetUp, url: str, problem: str) -> None:
    """The line does not repeat it."""
    set_needed(DECISION_WEBHOOK_URL=url, DECISION_WEBHOOK_SECRET=SECRET)
    (line,) = settings_problems()
    assert line.startswith(f"DECISION_WEBHOOK_URL: {problem}")
    assert "hunter2" not in line


def test_plain_http_is_allowed_on_request(set_needed: SetUp) -> None:
    """In a private network."""
    url = "http://decisions.internal/"
    set_needed(DECISION_WEBHOOK_URL=url, DECISION_WEBHOOK_SECRET=SECRET, DECISION_WEBHOOK_ALLOW_HTTP="1")
    assert read_settings().decision_webhook_url.get_secret_value() == url


def test_an_address_needs_a_secret_and_a_secret_an_address(set_needed: SetUp) -> None:
    """One alone is a mistake, also for the commands that handle events."""
    set_needed(DECISION_WEBHOOK_URL="https://example.com")
    assert settings_problems() == ["DECISION_WEBHOOK_SECRET: missing: DECISION_WEBHOOK_URL is set without it"]
    set_needed(DECISION_WEBHOOK_URL="", DECISION_WEBHOOK_SECRET=SECRET)
    problems = ["DECISION_WEBHOOK_URL: missing: DECISION_WEBHOOK_SECRET is set without it"]
    assert settings_problems() == problems
    with pytest.raises(SettingsProblem) as caught:
        read_event_settings()
    assert caught.value.lines == problems


@pytest.mark.parametrize(
    "secret",
    ["hunter2", "whsec_", "whsec_hunter2!", _secret(23), _secret(65), _secret(32)[6:], f"{SECRET},hunter2"],
)
def test_a_secret_of_another_form_is_refused(set_needed: SetUp, secret: str) -> None:
    """Receivers would read it in different ways; the line says how to make one."""
    set_needed(DECISION_WEBHOOK_URL="https://example.com", DECISION_WEBHOOK_SECRET=secret)
    lines = settings_problems()
    assert len(lines) == 1
    assert lines[0].startswith(
        "DECISION_WEBHOOK_SECRET: must be whsec_ and the base64 of 24 to 64 random bytes"
    )
    assert "hunter2" not in lines[0]


def test_only_the_origin_is_shown() -> None:
    """Neither credentials nor path, which can be a secret, too."""
    assert origin_of(SecretStr(URL)) == "https://example.com:8443"
    assert origin_of(
        DecisionWebhookSettings(decision_webhook_url=SecretStr("http://[::1]:1/a")).decision_webhook_url
    ) == ("http://[::1]:1")
