"""How `check` reports that Slack refused something that it asked."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.cli.check.line import CheckLine, failed, skipped
from bot.slack.api.call_results import NOT_OFFERED, CallResult, ResultKind
from bot.slack.api.client import SlackClient
from bot.slack.api.health import missing_scopes

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "channel_not_found": "check the channel's id; if the channel is private, invite the bot",
        "is_archived": "unarchive the channel, or set another one",
        "not_in_channel": "invite the bot to the channel: /invite",
        "missing_scope": "add the missing scope to the app and reinstall it",
        "user_not_found": "check the id: a person's profile, '...', 'Copy member ID'",
        "no_such_subteam": "check the user group's id",
        "plan_upgrade_required": "this plan has no user groups: name people by their ids",
    }
)


def refused(slack_client: SlackClient, check: str, what: str, result: CallResult) -> CheckLine:
    """Report what Slack refused; it is skipped, not failed, if another line already names the cause."""
    is_scope = result.needed in missing_scopes(slack_client.granted_scopes)
    words = f"{what}: {result.error} {result.needed}".rstrip()
    if result.error in NOT_OFFERED:
        return failed(check, words, "the server at SLACK_API_URL doesn't offer this Slack method")
    if result.kind is ResultKind.WAIT or is_scope:
        return skipped(check, words, ADVICE.get(result.error, "try again in a minute"))
    return failed(check, words, ADVICE.get(result.error, "ask the workspace's administrators"))
