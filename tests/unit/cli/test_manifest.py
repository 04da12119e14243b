"""`manifest` prints a manifest for the address that it is given, if Slack accepts that address."""

import json

import pytest
from click.testing import CliRunner

from bot.__main__ import main


def test_the_manifest_is_json_with_the_address() -> None:
    """Spaces around the address and a slash after it don't matter."""
    result = CliRunner().invoke(main, ["manifest", "--url", " https://reviews.example.com/ "])
    assert result.exit_code == 0
    settings = json.loads(result.stdout)["settings"]
    assert settings["interactivity"]["request_url"] == "https://reviews.example.com/slack/interactions"


@pytest.mark.parametrize(
    "url",
    [
        "http://reviews.example.com",
        "https://",
        "https://reviews.example.com?x=1",
        "https://reviews.example.com/#x",
        "https://ana@reviews.example.com",
        "reviews.example.com",
    ],
)
def test_an_address_that_slack_would_refuse_is_a_usage_error(url: str) -> None:
    """With an example of an address that works."""
    result = CliRunner().invoke(main, ["manifest", "--url", url])
    assert result.exit_code == 2
    assert "must be the bot's public address, such as https://reviews.example.com" in result.stderr
