"""A person presses a button that acts at once: the action is carried out or refused."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.handlers.context import Context
from bot.handlers.person_action import carry_out
from bot.slack.api.call_results import CallResult, ResultKind
from bot.slack.api.client import Message, Place
from bot.slack.messages.ephemeral import click_not_recorded
from bot.slack.messages.modal import closing_modal
from bot.slack.requests.interactions import ActionClicked, Click

APOLOGISE_AGAIN_S = 1.0


async def press(context: Context, click: ActionClicked) -> str:
    """Carry out the action; returns how it ended. StoreUnavailable: nothing is recorded."""
    request = click.request
    asked = (request, await context.authority(request))
    return context.record(request, await context.store.write_batched(carry_out, asked))


async def apologise(context: Context, click: Click, *, is_certain: bool) -> str | None:
    """Tell the person at once that the click was not, or may not have been, recorded: nothing can be queued now.

    Returns None, or the error code if they could not be notified. Has no time limit while Slack asks to wait.
    """
    request, slack_client = click.request, context.slack_client
    message = click_not_recorded(request.session_id, is_certain=is_certain)
    if request.channel is None:
        return await tell_at_home(context, request.person, click.trigger_id, "Not recorded", message)
    channel = request.channel
    result = await _while_slack_is_busy(lambda: slack_client.post_ephemeral(channel, request.person, message))
    if result.kind in (ResultKind.CHANNEL_WRONG, ResultKind.PERSON_UNREACHABLE):
        result = await _while_slack_is_busy(lambda: slack_client.post(Place(request.person), message))
    return _error(result)


async def tell_at_home(
    context: Context, person: str, trigger_id: str, title: str, message: Message
) -> str | None:
    """Show the message in a modal to a person who pressed on the home tab; after three seconds, send it to them.

    Returns None, or the error code if they could not be notified. Has no time limit while Slack asks to wait.
    """
    slack_client = context.slack_client
    result = await slack_client.open_modal(trigger_id, closing_modal(title, message.text))
    if result.kind is not ResultKind.DONE:
        result = await _while_slack_is_busy(lambda: slack_client.post(Place(person), message))
    return _error(result)


async def _while_slack_is_busy(call: Callable[[], Awaitable[CallResult]]) -> CallResult:
    """Call again after as long as Slack asks for; after a lost answer too, because twice is better than never."""
    while True:
        result = await call()
        if result.kind not in (ResultKind.WAIT, ResultKind.UNKNOWN):
            return result
        await asyncio.sleep(max(result.retry_after_s, APOLOGISE_AGAIN_S))


def _error(result: CallResult) -> str | None:
    return None if result.kind is ResultKind.DONE else result.cause
