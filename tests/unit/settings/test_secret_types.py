"""Settings that hold secrets: which values are refused, without repeating them."""

from collections.abc import Callable

import pytest

from bot.settings.environment import read_settings
from tests.support.settings import settings_problems

SetUp = Callable[..., None]

pytestmark = pytest.mark.usefixtures("set_up")


@pytest.mark.parametrize("blank", [" ", "\t", " , ", ","])
@pytest.mark.parametrize("name", ["RALIO_WEBHOOK_SECRET", "SLACK_SIGNING_SECRET"])
def test_a_secret_of_spaces_and_commas_is_blank(set_needed: SetUp, name: str, blank: str) -> None:
    """Anyone could sign with it."""
    set_needed(**{name: blank})
    assert settings_problems() == [f"{name}: must not be blank"]


def test_a_token_of_spaces_is_blank(set_needed: SetUp) -> None:
    """Slack would refuse it only later."""
    set_needed(SLACK_BOT_TOKEN="  ")
    assert settings_problems() == ["SLACK_BOT_TOKEN: must not be blank"]


@pytest.mark.parametrize(
    ("value", "secrets"),
    [("one", ["one"]), ("one,two", ["one", "two"]), (" one , two ,", ["one", "two"]), ("a=b c", ["a=b c"])],
)
def test_there_can_be_several_secrets(set_needed: SetUp, value: str, secrets: list[str]) -> None:
    """Both count while they are rotated; spaces around them don't."""
    set_needed(RALIO_WEBHOOK_SECRET=value, SLACK_SIGNING_SECRET=value)
    settings = read_settings()
    assert [secret.get_secret_value() for secret in settings.ralio_webhook_secret] == secrets
    assert [secret.get_secret_value() for secret in settings.slack_signing_secret] == secrets


@pytest.mark.parametrize(
    "dsn", ["canary", "https://sentry.example.com/1", "https://canary@sentry.example.com/"]
)
def test_a_wrong_sentry_address_is_reported_and_not_repeated(set_needed: SetUp, dsn: str) -> None:
    """It holds a key."""
    set_needed(SENTRY_DSN=dsn)
    assert settings_problems() == ["SENTRY_DSN: must be the DSN that Sentry shows, https://key@host/number"]


SECRETS = ["RALIO_WEBHOOK_SECRET", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AUDIT_KEY", "METRICS_TOKEN"]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ['"canary"', "'canary'", "`canary`", "\u201ccanary\u201d", ' "canary" '])
def test_a_secret_in_quotes_stops_the_start(set_needed: SetUp, name: str, value: str) -> None:
    """An env file that a shell does not read passes them on, and every signature would be wrong."""
    set_needed(**{name: value})
    assert settings_problems() == [f"{name}: must not be in quotes: they would become part of the value"]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("character", ["\ufeff", "\u200b", "\u00a0", "\u202e", "\n", "\x7f"])
def test_a_secret_with_an_invisible_character_stops_the_start(
    set_needed: SetUp, name: str, character: str
) -> None:
    """It came along when the secret was copied."""
    set_needed(**{name: f"can{character}ary"})
    assert settings_problems() == [f"{name}: contains an invisible character: enter it again as plain text"]


@pytest.mark.parametrize("value", ["it's", 'a"b"c', '"', "'a", "a b"])
def test_other_quotes_and_spaces_are_part_of_a_secret(set_needed: SetUp, value: str) -> None:
    """Only a pair around it is a mistake."""
    set_needed(METRICS_TOKEN=value)
    assert read_settings().metrics_token.get_secret_value() == value
