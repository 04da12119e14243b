"""Whether Slack accepts `alert` blocks in modals: a server that replaces it may not.

A view in the answer to a submission can't be sent again in another form, so the bot asks beforehand.
https://docs.slack.dev/reference/block-kit/blocks/alert-block
"""

import asyncio

from slack_sdk.models.blocks import AlertBlock, MarkdownTextObject
from slack_sdk.models.views import View as SdkView

from bot.slack.api.call_results import NOT_OFFERED, ResultKind
from bot.slack.api.client import SlackClient, View

ANSWER_LIMIT_S = 1.0
"""A person is waiting; Slack's answer to a submission is due within three seconds."""


class AlertSupport:
    """Asks Slack once, and again if it didn't answer."""

    def __init__(self) -> None:
        self._known: bool | None = None

    async def is_in(self, slack_client: SlackClient) -> bool:
        """Whether this Slack accepts the block; false while that is unknown."""
        if self._known is None:
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    result = await slack_client.validate(_example())
            except TimeoutError:
                return False
            if result.kind is ResultKind.DONE:
                self._known = True
            elif result.kind is ResultKind.PAYLOAD_WRONG or result.error in NOT_OFFERED:
                self._known = False
        return self._known is True


def _example() -> View:
    block = AlertBlock(text=MarkdownTextObject(text="An example."), level="warning")
    return SdkView(type="modal", title="Example", close="Close", blocks=[block]).to_dict()
