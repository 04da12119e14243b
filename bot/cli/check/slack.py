"""What `check` looks at in Slack: the token, its scopes, the clock, each channel, the people, the messages."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from bot.cli.check.channels import channel_lines
from bot.cli.check.line import CheckLine, State, failed, passed, skipped
from bot.cli.check.messages import messages_line
from bot.cli.check.people import people_lines
from bot.clock import Clock, system_clock
from bot.outbound import proxy_advice
from bot.settings.environment import Settings
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import SlackClient, open_slack_client
from bot.slack.api.health import MOST_SKEW_S, missing_scopes, skew
from bot.slack.api.scopes import NEEDED

SLACKS_OWN_URL = "https://slack.com/api/"


async def slack_lines(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[CheckLine]:
    """Yield one line for each check; if the token does not work, the other checks are skipped."""
    token = settings.slack_bot_token.get_secret_value()
    async with open_slack_client(
        settings.slack_api_url, token, settings.slack_posts_per_second, clock, settings.proxy
    ) as slack_client:
        answer = await slack_client.test_token()
        line = _token(answer, settings.slack_api_url)
        yield line
        if line.state is not State.PASSED:
            what = "scopes, clock, channels, people and messages were not checked"
            yield skipped("slack", what, "fix the token first")
            return
        yield _clock(slack_client)
        for line in _scopes(slack_client):
            yield line
        async for line in channel_lines(slack_client, settings.channels, settings.operations_channel, clock):
            yield line
        async for line in people_lines(
            slack_client,
            settings.policies,
            is_trusting=settings.slack_without_users_info,
            bot=str(answer.answer.get("user_id")),
        ):
            yield line
        yield await messages_line(slack_client, settings.policies, settings.portal_url_template)


def _token(result: CallResult, url: str) -> CheckLine:
    if result.kind is ResultKind.TOKEN_WRONG:
        advice = "set SLACK_BOT_TOKEN to the app's current Bot User OAuth Token (xoxb-...)"
        return failed("slack token", f"Slack rejected it: {result.error}", advice)
    if result.kind is not ResultKind.DONE:
        advice = "check SLACK_API_URL and the network connection"
        if not urlsplit(url).path.strip("/"):
            advice = f"SLACK_API_URL has no path; Slack's own address is {SLACKS_OWN_URL}"
        advice = proxy_advice(result.error) or advice
        return failed("slack token", f"{url} did not confirm it: {result.error}", advice)
    answer = result.answer
    if not answer.get("bot_id"):
        advice = "set SLACK_BOT_TOKEN to the Bot User OAuth Token, which starts with xoxb-"
        return failed("slack token", "it is a user token, not a bot token", advice)
    bot = f"{answer.get('user') or 'bot'} ({answer.get('user_id')})"
    return passed(
        "slack token", f"{bot} in the workspace {answer.get('team') or '?'} ({answer.get('team_id')})"
    )


def _clock(slack_client: SlackClient) -> CheckLine:
    offset = slack_client.clock_offset_s
    if offset is None:
        return skipped("clock", "Slack's answer had no Date header")
    words = skew(offset)
    if abs(offset) < MOST_SKEW_S:
        return passed("clock", words)
    return failed("clock", f"this machine's clock is {words}", "synchronise the machine's clock (NTP)")


def _scopes(slack_client: SlackClient) -> list[CheckLine]:
    granted = slack_client.granted_scopes
    if granted is None:
        return [skipped("scopes", "Slack's answer didn't list the granted scopes")]
    missing = missing_scopes(granted)
    advice = "add it under 'OAuth & Permissions' (or paste the manifest), and reinstall the app"
    return [
        failed(f"scope {scope}", f"missing; it is needed to {reason}", advice)
        if scope in missing
        else passed(f"scope {scope}", "granted")
        for scope, reason in NEEDED.items()
    ]
