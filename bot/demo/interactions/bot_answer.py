"""What the bot says in an answer, instead of by a call of the Web API."""

from bot.demo.interactions.errors import InteractionError
from bot.demo.local_slack import LocalSlack
from bot.demo.records import BOT_USER_ID, Json, Message
from bot.demo.response_urls import ResponseUrl
from bot.demo.web_api.call import Call
from bot.demo.web_api.chat import POST_TEXT_MOST
from bot.demo.web_api.content import read_content
from bot.demo.web_api.errors import SlackError


def post_bot_answer(slack: LocalSlack, channel: str, said: Json, ephemeral_to: str | None) -> Message:
    """Store what the bot said, for all or for one person; InteractionError when Slack would refuse it."""
    try:
        content = read_content(Call("answer", said, ""), text_most=POST_TEXT_MOST)
    except SlackError as error:
        raise InteractionError(f"the bot's answer is refused: {error.code} {error.details}", 502) from None
    message = Message(
        ts=slack.workspace.timestamps.next(),
        channel=channel,
        user=BOT_USER_ID,
        text=content.text or "",
        blocks=content.blocks or [],
        ephemeral_to=ephemeral_to,
    )
    return slack.workspace.add_message(message)


def answer_later(slack: LocalSlack, url: ResponseUrl, said: Json) -> None:
    """Do what the bot posts to a response URL: replace or delete the message, or say something new."""
    channel = slack.workspace.channels[url.channel]
    original = channel.messages.get(url.message_ts or "")
    if original is not None and said.get("delete_original"):
        slack.workspace.remove_message(original)
    elif original is not None and said.get("replace_original"):
        fresh = post_bot_answer(slack, url.channel, said, original.ephemeral_to)
        channel.remove(fresh)
        original.text, original.blocks = fresh.text, fresh.blocks
        original.edited_count += 1
        original.edited_ts = fresh.ts
        slack.workspace.changed()
    else:
        post_bot_answer(
            slack, url.channel, said, None if said.get("response_type") == "in_channel" else url.user
        )
