"""The same local Slack and running bot as the scenarios have."""

from tests.scenarios.conftest import _nothing_is_left, bot, slack

__all__ = ["_nothing_is_left", "bot", "slack"]
