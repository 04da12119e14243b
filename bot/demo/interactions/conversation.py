"""A person opens the app's home tab, types a slash command, or says something in a channel."""

from bot.demo.bot_client import BotAnswer
from bot.demo.interactions.bot_answer import post_bot_answer
from bot.demo.interactions.errors import InteractionError
from bot.demo.interactions.payloads import VERIFICATION_TOKEN, acting_person
from bot.demo.local_slack import LocalSlack
from bot.demo.records import (
    APP_ID,
    BOT_USER_ID,
    SLACKBOT_ID,
    TEAM_DOMAIN,
    TEAM_ID,
    Channel,
    Json,
    Message,
)
from bot.demo.web_api.shapes import view_shape

COMMANDS = ("/reviews",)
"""The app's slash commands, as in its manifest."""

NO_COMMAND = (
    '{command} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as '
    'commands. If you are trying to send a message and not run a command, try preceding the "/" with an empty space.'
)
"""What Slackbot says."""


async def open_home(slack: LocalSlack, user: str) -> BotAnswer:
    """Send the bot `app_home_opened`."""
    workspace = slack.workspace
    acting_person(workspace, user)
    home = workspace.homes.get(user)
    channel = workspace.direct_channel(user)
    event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
    event["event_ts"] = workspace.timestamps.next()
    if home is not None:
        event["view"] = view_shape(home)
    authorization = {"team_id": TEAM_ID, "user_id": BOT_USER_ID, "is_bot": True}
    return await slack.bot.event(
        {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": slack.config.time() // 1000,
            "authorizations": [{"enterprise_id": None, **authorization, "is_enterprise_install": False}],
            "event": event,
        }
    )


async def run_command(
    slack: LocalSlack, user: str, channel_id: str, command: str, text: str, origin: str, copies: int = 1
) -> BotAnswer:
    """Send the bot a slash command, `copies` times, and show its first answer to the person.

    Slackbot refuses a command that the app does not have; the bot hears nothing of it.
    """
    person = acting_person(slack.workspace, user)
    channel = find_channel(slack, channel_id)
    if command not in COMMANDS:
        _say_as_slackbot(slack, channel, user, NO_COMMAND.format(command=command))
        return BotAnswer(None, "", 0.0, "not_a_command")
    token = slack.response_urls.issue(channel.id, user, None)
    answer = await slack.bot.command(
        {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.im_user else channel.name,
            "user_id": user,
            "user_name": person.handle,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": f"{origin}/commands/{TEAM_ID}/{token}",
            "trigger_id": slack.workspace.triggers.issue(user),
        },
        copies,
    )
    _show_answer(slack, channel, user, command, answer)
    return answer


def say(slack: LocalSlack, user: str, channel_id: str, text: str, thread_ts: str | None) -> Message:
    """Store what a person wrote in a channel."""
    acting_person(slack.workspace, user)
    channel = find_channel(slack, channel_id)
    ts = slack.workspace.timestamps.next()
    return slack.workspace.add_message(Message(ts, channel.id, user, text, thread_ts=thread_ts))


def find_channel(slack: LocalSlack, channel_id: str) -> Channel:
    """Return a channel; InteractionError when there is none."""
    channel = slack.workspace.channels.get(channel_id)
    if channel is None:
        raise InteractionError(f"no_such_channel: {channel_id}")
    return channel


def _show_answer(slack: LocalSlack, channel: Channel, user: str, command: str, answer: BotAnswer) -> None:
    if not answer.acknowledged:
        reason = "operation_timeout" if answer.error == "timeout" else "dispatch_failed"
        text = f'{command} failed with the error "{reason}"'
        _say_as_slackbot(slack, channel, user, text)
        return
    said = answer.body_json()
    if isinstance(said, dict) and (said.get("text") or said.get("blocks")):
        in_channel = said.get("response_type") == "in_channel"
        post_bot_answer(slack, channel.id, said, None if in_channel else user)
    elif answer.body:
        # Slack shows whatever is no message as plain text, an empty JSON object too.
        post_bot_answer(slack, channel.id, {"text": answer.body}, user)


def _say_as_slackbot(slack: LocalSlack, channel: Channel, user: str, text: str) -> None:
    ts = slack.workspace.timestamps.next()
    slack.workspace.add_message(Message(ts, channel.id, SLACKBOT_ID, text, ephemeral_to=user))
