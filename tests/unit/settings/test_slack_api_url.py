"""The base address of Slack's Web API."""

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.settings.slack_api_url import SlackApiUrl

ADAPTER = TypeAdapter(SlackApiUrl)


@pytest.mark.parametrize(
    "url", ["https://slack.com", "https://slack.com/", "https://www.slack.com/api2/", "http://slack.com/api/"]
)
def test_slacks_own_address_needs_its_path_and_https(url: str) -> None:
    """Its web pages answer everything else, and the token would cross the network in the clear."""
    with pytest.raises(ValidationError, match=r"must be https://slack\.com/api/, with its path"):
        ADAPTER.validate_python(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://slack.com/api/",
        "https://slack.com/api",
        "https://slack-gov.com/api/",
        "http://127.0.0.1:8765/api/",
        "https://chat.example.com",
    ],
)
def test_other_addresses_are_taken_as_they_are(url: str) -> None:
    """A server that stands in for Slack can have any path."""
    assert ADAPTER.validate_python(url) == url
