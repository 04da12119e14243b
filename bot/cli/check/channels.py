"""What `check` says about each channel, by its name, and about channels that seem to be mixed up."""

from collections.abc import AsyncIterator, Iterator, Mapping

from bot.cli.check.line import CheckLine, failed, passed, skipped, warned
from bot.cli.check.refusal import ADVICE, refused
from bot.clock import Clock
from bot.slack.api.call_results import NOT_OFFERED, CallResult, ResultKind
from bot.slack.api.client import Place, SlackClient
from bot.slack.api.health import EXPOSED_ADVICE, exposure

OPERATIONS = "operations"
_OF_RELATED_PARTIES = ("related", "party", "parties")


async def channel_lines(
    slack_client: SlackClient, channels: Mapping[str, str], operations: str, clock: Clock
) -> AsyncIterator[CheckLine]:
    """Yield a line for each channel, and one for each pair that seems to be mixed up."""
    names: dict[str, str] = {}
    for queue, channel in [*channels.items(), (OPERATIONS, operations)]:
        check = f"channel {queue}"
        if not channel:
            yield skipped(check, "not set: problems that need an operator are only logged", "set OPS_CHANNEL")
            continue
        result = await slack_client.channel_info(channel)
        details = result.answer.get("channel") or {}
        names[queue] = str(details.get("name") or "")
        yield await _channel(slack_client, check, channel, result, clock)
    for line in mixed_up(channels, operations, names):
        yield line


def mixed_up(channels: Mapping[str, str], operations: str, names: Mapping[str, str]) -> Iterator[CheckLine]:
    """Yield a warning for channels that are the same, and for those of the queues if their names suggest a swap."""
    user, related_party = channels["user"], channels["related-party"]
    if user == related_party:
        yield warned(
            "channels",
            f"both queues post to {_called(names.get('user'), user)}: everyone there sees all reviews",
            "give each queue its own channel, unless one team handles both",
        )
    elif _is_of_related_parties(names.get("user")) and not _is_of_related_parties(names.get("related-party")):
        yield warned(
            "channels",
            f"they look swapped: users go to {_called(names.get('user'), user)}, related parties to "
            f"{_called(names.get('related-party'), related_party)}",
            "if so, swap USER_REVIEW_CHANNEL and RELATED_PARTY_REVIEW_CHANNEL",
        )
    for queue, channel in channels.items():
        if operations == channel:
            yield warned(
                "channels",
                f"alerts for operators go to the {queue} queue's reviewers: "
                f"OPS_CHANNEL is {_called(names.get(queue), channel)}, too",
                "give operators their own channel",
            )


async def _channel(
    slack_client: SlackClient, check: str, channel: str, result: CallResult, clock: Clock
) -> CheckLine:
    if result.kind is not ResultKind.DONE and result.error not in NOT_OFFERED:
        return refused(slack_client, check, channel, result)
    details = result.answer.get("channel") or {}
    called = _called(details.get("name"), channel)
    for flag, error in (
        (details.get("is_archived"), "is_archived"),
        (details.get("is_member") is False, "not_in_channel"),
    ):
        if flag:
            return failed(check, f"{called}: {error}", ADVICE[error])
    now_s = clock() / 1000
    page = await slack_client.history(Place(channel), now_s - 3600, now_s, "")
    if isinstance(page, CallResult):
        return refused(slack_client, check, f"{called} cannot be read", page)
    if result.kind is not ResultKind.DONE:
        return skipped(check, f"{called} can be read; whether the bot is in it is unknown: {result.error}")
    usable = f"{called}: exists, the bot is in it and can read it"
    if readers := exposure(details):
        return warned(check, f"{usable}, but it is {readers}", EXPOSED_ADVICE)
    return passed(check, usable)


def _called(name: object, channel: str) -> str:
    """The channel's name and id; the id alone where Slack doesn't tell the name."""
    return f"#{name} ({channel})" if name else channel


def _is_of_related_parties(name: str | None) -> bool:
    return any(word in (name or "").lower() for word in _OF_RELATED_PARTIES)
