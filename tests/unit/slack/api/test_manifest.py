"""The manifest asks Slack for what the code really uses, no more and no less, in the form that Slack takes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.slack.api.manifest import EVENTS, manifest
from bot.slack.api.scopes import NEEDED
from bot.slack.requests.events import OtherEvent, read_event
from bot.slack.requests.slash_commands import Word

ROOT = Path(__file__).parents[4]
URL = "https://reviews.example.com"
SCOPES_OF_METHODS = {
    "auth.test": set(),
    "blocks.validate": set(),
    "bots.info": {"users:read"},
    "chat.delete": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""From the methods' pages on https://docs.slack.dev/reference/methods, for the kinds of channels that the bot uses."""


def test_the_scopes_are_those_of_the_methods_that_are_called() -> None:
    """And `commands` for the slash command."""
    source = (ROOT / "bot/slack/api/client.py").read_text(encoding="utf-8")
    functions = set(re.findall(r"_client\.(\w+)\(", source)) - {"api_call"}
    called = {name.replace("_", ".") for name in functions} | set(
        re.findall(r'(?:_asked|api_call)\("([\w.]+)"', source)
    )
    assert called == set(SCOPES_OF_METHODS)
    assert set(NEEDED) == set().union(*SCOPES_OF_METHODS.values()) | {"commands"}
    assert manifest(URL)["oauth_config"]["scopes"]["bot"] == list(NEEDED)


def test_the_addresses_are_the_routes_of_the_code() -> None:
    """Every route for Slack, and nothing else."""
    source = (ROOT / "bot/app.py").read_text(encoding="utf-8")
    routes = set(re.findall(r'web\.post\("(/slack/[^"]+)"', source))
    assert {url.removeprefix(URL) for url in re.findall(rf"{URL}[^\"]+", json.dumps(manifest(URL)))} == routes


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_that_is_asked_for_is_understood(event: str) -> None:
    """What the bot does not use would only cost requests."""
    body = {"type": "event_callback", "event": {"type": event, "user": "UANA000001", "tab": "home"}}
    assert not isinstance(read_event(json.dumps(body).encode()), OtherEvent)


def test_it_keeps_to_slacks_limits() -> None:
    """From https://docs.slack.dev/reference/app-manifest."""
    asked = manifest(URL)
    assert len(asked["display_information"]["name"]) <= 35
    assert len(asked["display_information"]["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}", asked["display_information"]["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", asked["features"]["bot_user"]["display_name"])
    (command,) = asked["features"]["slash_commands"]
    assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
    assert len(command["description"]) <= 2000


def test_the_one_in_the_repository_is_the_one_that_is_printed() -> None:
    """With an address to replace."""
    printed = CliRunner().invoke(main, ["manifest", "--url", "https://your-host/"])
    assert printed.exit_code == 0
    assert printed.stdout == (ROOT / "config/slack-app-manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "url",
    ["http://example.com", "example.com", "https://", "https://example.com/?a=b", "https://a@example.com"],
)
def test_an_address_that_slack_would_not_take(url: str) -> None:
    """It says what one looks like."""
    refused = CliRunner().invoke(main, ["manifest", "--url", url])
    assert (refused.exit_code, "https://reviews.example.com" in refused.stderr) == (2, True)


def test_the_hint_names_every_word() -> None:
    """Slack shows it while a person types the command."""
    (command,) = manifest(URL)["features"]["slash_commands"]
    assert [word for word in Word if word not in command["usage_hint"]] == []
