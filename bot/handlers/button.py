"""A person presses a button that acts at once: the action is carried out or refused."""

from bot.handlers.context import Context
from bot.handlers.person_action import carry_out
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import Place
from bot.slack.messages.ephemeral import click_not_recorded
from bot.slack.messages.modal import closing_modal
from bot.slack.requests.interactions import ActionClicked, Click


async def press(context: Context, click: ActionClicked) -> str:
    """Carry out the action; returns how it ended. StoreUnavailable: nothing is recorded."""
    request = click.request
    asked = (request, await context.authority(request))
    return context.record(request, await context.store.write_batched(carry_out, asked))


async def apologise(context: Context, click: Click, *, is_certain: bool) -> None:
    """Tell the person at once that the click was not, or may not have been, recorded: nothing can be queued now."""
    request = click.request
    message = click_not_recorded(request.session_id, is_certain=is_certain)
    if request.channel is not None:
        slack_client = context.slack_client
        result = await slack_client.post_ephemeral(request.channel, request.person, message)
        if result.kind in (ResultKind.CHANNEL_WRONG, ResultKind.PERSON_UNREACHABLE):
            await slack_client.post(Place(request.person), message)
    else:
        await context.slack_client.open_modal(click.trigger_id, closing_modal("Not recorded", message.text))
