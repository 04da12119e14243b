"""A person presses a button or chooses from a menu."""

from dataclasses import dataclass

from bot.demo.bot_client import BotAnswer
from bot.demo.interactions.elements import Press, pressed_action
from bot.demo.interactions.errors import InteractionError
from bot.demo.interactions.payloads import acting_person, envelope, message_part, own_view, view_part
from bot.demo.interactions.selection import view_values
from bot.demo.local_slack import LocalSlack
from bot.demo.records import TEAM_ID, Json


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """A message, which may be gone by now; `origin` is this Slack's own address."""

    channel: str
    ts: str
    origin: str


async def click_in_message(
    slack: LocalSlack, user: str, place: MessagePlace, press: Press, copies: int = 1
) -> BotAnswer:
    """Send the bot a `block_actions` of a message, `copies` times; InteractionError when there is nothing to press."""
    workspace = slack.workspace
    person = acting_person(workspace, user)
    channel = workspace.channels.get(place.channel)
    if channel is None:
        raise InteractionError(f"no_such_channel: {place.channel}")
    message = channel.messages.get(place.ts)
    if message is None and press.action is None:
        raise InteractionError(f"no_such_message: {place.ts}")
    action = pressed_action(message.blocks if message else [], press, workspace.timestamps.next())
    token = slack.response_urls.issue(channel.id, user, place.ts)
    payload = envelope("block_actions", person)
    payload |= message_part(channel, place.ts, message, f"{place.origin}/actions/{TEAM_ID}/{token}")
    return await _send(slack, payload, action, user, copies)


async def click_in_view(slack: LocalSlack, user: str, view_id: str, press: Press, entered: Json) -> BotAnswer:
    """Send the bot a `block_actions` of a modal or home tab, with what was entered so far."""
    person = acting_person(slack.workspace, user)
    view = own_view(slack.workspace, user, view_id)
    blocks = view.body["blocks"]
    action = pressed_action(blocks, press, slack.workspace.timestamps.next())
    payload = envelope("block_actions", person) | view_part(view, view_values(blocks, entered))
    return await _send(slack, payload, action, user)


async def _send(slack: LocalSlack, payload: Json, action: Json, user: str, copies: int = 1) -> BotAnswer:
    payload["trigger_id"] = slack.workspace.triggers.issue(user)
    payload["actions"] = [action]
    return await slack.bot.interaction(payload, copies)
