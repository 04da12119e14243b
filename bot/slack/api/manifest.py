"""The Slack app's manifest: everything that must be set up in Slack, in one text to paste.

The format is described on https://docs.slack.dev/reference/app-manifest. Pure.
"""

from typing import Any

from bot.slack.api.scopes import NEEDED

COMMAND = "/reviews"
USAGE_HINT = "[mine | open | overdue | team | next | stats | help | number | id | link]"
EVENTS = ("app_home_opened",)
INTERACTIONS_PATH, COMMANDS_PATH, EVENTS_PATH = "/slack/interactions", "/slack/commands", "/slack/events"


def manifest(url: str) -> dict[str, Any]:
    """The manifest of a bot that Slack reaches at this address, which has no slash at its end."""
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "KYC Review Bot",
            "description": "Manual KYC reviews that your team claims and decides in Slack",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,  # without it the bot couldn't send direct messages
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "review-bot", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "url": url + COMMANDS_PATH,
                    "description": "Shows your review work",
                    "usage_hint": USAGE_HINT,
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(NEEDED)}},
        "settings": {
            "event_subscriptions": {"request_url": url + EVENTS_PATH, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": url + INTERACTIONS_PATH},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
