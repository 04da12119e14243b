"""What Slack itself says about every shape that the bot shows there (blocks.validate)."""

import asyncio
from collections.abc import Mapping

from bot.cli.check.line import CheckLine, failed, passed, skipped
from bot.cli.check.shapes import shapes
from bot.reviews.policy import Policy
from bot.slack.api.call_results import NOT_OFFERED, CallResult, ResultKind
from bot.slack.api.client import Message, SlackClient, View

CHECK = "messages"
LONGEST_WAIT_S = 5.0


async def messages_line(
    slack_client: SlackClient, rules: Mapping[str, Policy], portal_url_template: str
) -> CheckLine:
    """Let Slack validate every message, form, home tab and digest, with the outcomes and reasons of the file."""
    for count, (what, content) in enumerate(shapes(rules, portal_url_template)):
        result = await _validated(slack_client, content)
        if result.kind is ResultKind.PAYLOAD_WRONG:
            where = "; ".join(result.details) or result.error
            advice = "if the label comes from the configuration file, shorten it; otherwise report this line as a bug"
            return failed(CHECK, f"Slack would refuse the {what}: {where}", advice)
        if result.error in NOT_OFFERED:
            return skipped(CHECK, "not checked: blocks.validate isn't available here")
        if result.kind is not ResultKind.DONE:
            return skipped(
                CHECK, f"{count} messages accepted, the rest not checked: blocks.validate: {result.error}"
            )
    return passed(CHECK, "Slack accepts every message, form, home tab and digest")


async def _validated(slack_client: SlackClient, content: Message | View) -> CallResult:
    """Ask, and once more after a short wait if Slack asks for one."""
    result = await slack_client.validate(content)
    if result.kind is ResultKind.WAIT and result.retry_after_s <= LONGEST_WAIT_S:
        await asyncio.sleep(result.retry_after_s)
        result = await slack_client.validate(content)
    return result
