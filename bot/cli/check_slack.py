"""What `check` finds out about Slack: the token, its scopes, the clock, each channel, the people, the cards."""

from collections.abc import AsyncIterator, Mapping

from bot.cli.check_line import CheckLine, State, fine, unknown, wrong
from bot.clock import Clock, system_clock
from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.policy import Policy
from bot.reviews.review import Action, Check, EntityType, Review, SessionState, Status
from bot.settings.environment import Settings
from bot.slack.api.call_results import NOT_OFFERED, CallResult, Ending
from bot.slack.api.client import Gateway, Place, open_gateway
from bot.slack.api.health import MOST_SKEW_S, missing_scopes, skew
from bot.slack.api.scopes import NEEDED
from bot.slack.messages.card import card

_ADVICE: Mapping[str, str] = {
    "channel_not_found": "check the channel's id; if the channel is private, invite the bot",
    "is_archived": "unarchive the channel, or set another one",
    "not_in_channel": "invite the bot to the channel: /invite",
    "missing_scope": "add the scope that is missing to the app, and install it again",
    "user_not_found": "check the id: a person's profile, '...', 'Copy member ID'",
    "no_such_subteam": "check the user group's id",
    "plan_upgrade_required": "this plan has no user groups: name people by their ids",
}


async def slack_lines(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[CheckLine]:
    """Everything about Slack, a line each; without a token that works only that it does not."""
    token = settings.slack_bot_token.get_secret_value()
    async with open_gateway(settings.slack_api_url, token, settings.slack_posts_per_second, clock) as gateway:
        line = _token(await gateway.test_token(), settings.slack_api_url)
        yield line
        if line.state is not State.OK:
            what = "scopes, clock, channels, people and cards were not checked"
            yield unknown("slack", what, "mend the token first")
            return
        yield _clock(gateway)
        for line in _scopes(gateway):
            yield line
        for name, channel in [*settings.channels.items(), ("operations", settings.operations_channel)]:
            yield await _channel(gateway, name, channel, clock)
        yield await _people(gateway, settings.file.rules())
        yield await _cards(gateway, settings.file.rules())


def _token(result: CallResult, url: str) -> CheckLine:
    if result.ending is Ending.TOKEN_WRONG:
        advice = (
            "set SLACK_BOT_TOKEN to the Bot User OAuth Token (xoxb-...) of the app as it is installed now"
        )
        return wrong("slack token", f"Slack refuses it: {result.error}", advice)
    if result.ending is not Ending.DONE:
        advice = "check SLACK_API_URL and the way out to the network"
        return wrong("slack token", f"{url} did not confirm it: {result.error}", advice)
    answer = result.answer
    if not answer.get("bot_id"):
        advice = "set SLACK_BOT_TOKEN to the Bot User OAuth Token, which begins with xoxb-"
        return wrong("slack token", "it is a person's, not the bot's", advice)
    return fine("slack token", f"bot {answer.get('user_id')} of workspace {answer.get('team_id')}")


def _clock(gateway: Gateway) -> CheckLine:
    offset = gateway.clock_offset_s
    if offset is None:
        return unknown("clock", "Slack's answer had no Date")
    words = skew(offset)
    if abs(offset) < MOST_SKEW_S:
        return fine("clock", words)
    return wrong("clock", f"this machine's clock is {words}", "let the machine keep its time (NTP)")


def _scopes(gateway: Gateway) -> list[CheckLine]:
    granted = gateway.granted_scopes
    if granted is None:
        return [unknown("scopes", "Slack's answer did not tell which ones were granted")]
    missing = missing_scopes(granted)
    advice = "add it under 'OAuth & Permissions' (or paste the manifest), and install the app again"
    return [
        wrong(f"scope {scope}", f"missing; it is needed to {reason}", advice)
        if scope in missing
        else fine(f"scope {scope}", "granted")
        for scope, reason in NEEDED.items()
    ]


async def _channel(gateway: Gateway, name: str, channel: str, clock: Clock) -> CheckLine:
    check = f"channel {name}"
    if not channel:
        return unknown(check, "none is set: what needs an operator is only logged", "set OPS_CHANNEL")
    result = await gateway.channel(channel)
    if result.ending is not Ending.DONE and result.error not in NOT_OFFERED:
        return _refused(gateway, check, channel, result)
    details = result.answer.get("channel") or {}
    for flag, error in (
        (details.get("is_archived"), "is_archived"),
        (not _is_member(details), "not_in_channel"),
    ):
        if flag:
            return wrong(check, f"{channel}: {error}", _ADVICE[error])
    now_s = clock() / 1000
    page = await gateway.history(Place(channel), now_s - 3600, now_s, "")
    if isinstance(page, CallResult):
        return _refused(gateway, check, f"{channel} cannot be read", page)
    if result.ending is not Ending.DONE:
        return unknown(check, f"{channel} can be read; whether the bot is in it nobody tells: {result.error}")
    return fine(check, f"{channel}: exists, the bot is in it and can read it")


def _is_member(details: Mapping[str, object]) -> bool:
    return details.get("is_member") is not False


def _refused(gateway: Gateway, check: str, what: str, result: CallResult) -> CheckLine:
    """What has another cause, told by another line, is not told as wrong a second time."""
    is_scope = result.error == "missing_scope"
    words = f"{what}: {result.error} {result.needed}".rstrip()
    if result.error in NOT_OFFERED:
        return wrong(
            check, words, "SLACK_API_URL leads to a server that does not know this question of Slack's"
        )
    if result.ending is Ending.WAIT or (is_scope and gateway.granted_scopes is not None):
        return unknown(check, words, _ADVICE.get(result.error, "try again in a minute"))
    return wrong(check, words, _ADVICE.get(result.error, "ask the workspace's administrators"))


async def _people(gateway: Gateway, rules: Mapping[str, Policy]) -> CheckLine:
    """Those that the file names: whoever Slack does not know could never claim anything."""
    rosters = [each.roster for each in rules.values()]
    groups = sorted(set().union(*(each.reviewer_groups | each.lead_groups for each in rosters)))
    people = sorted(set().union(*(each.reviewers | each.leads for each in rosters)))
    for group in groups:
        result = await gateway.group_members(group)
        if result.ending is not Ending.DONE:
            return _refused(gateway, "people", group, result)
    for person in people:
        result = await gateway.person(person)
        if result.error in NOT_OFFERED:
            return unknown("people", f"not checked: users.info: {result.error}")
        if result.ending is not Ending.DONE:
            return _refused(gateway, "people", person, result)
        if (result.answer.get("user") or {}).get("deleted"):
            return wrong("people", f"{person} is deactivated", "take the id out of the file")
    if not groups and not people:
        return fine("people", "none are named: everybody who sees a card may claim it")
    return fine("people", f"{len(people)} people and {len(groups)} user groups are known to Slack")


async def _cards(gateway: Gateway, rules: Mapping[str, Policy]) -> CheckLine:
    """The cards as they really are, with the outcomes and reasons of the file."""
    for queue, each in rules.items():
        for review in _samples(queue):
            entry = AuditEntry(0, RALIO, Action.RECEIVE, None, review.status, 1)
            result = await gateway.validate(card(review, [entry], each).blocks)
            if result.ending is Ending.PAYLOAD_WRONG:
                advice = "report it, with this line"
                return wrong(
                    "cards", f"Slack would refuse the card of a review that is {review.status}", advice
                )
            if result.ending is not Ending.DONE:
                return unknown("cards", f"not checked: blocks.validate: {result.error}")
    return fine("cards", "Slack takes their blocks")


def _samples(queue: str) -> list[Review]:
    """A made-up review in every state in which a card can be."""
    return [
        Review(
            session_id="00000000-0000-0000-0000-000000000000",
            entity_type=EntityType(queue),
            queue=queue,
            session_state=SessionState.VERIFIED if status is Status.CLOSED else SessionState.REVIEW,
            session_event_at=0,
            session_event_id="sample",
            status=status,
            checks=(Check("identity", "refused", ("sample",)),),
            claimed_by="U00000000" if status in {Status.CLAIMED, Status.PROPOSED} else None,
            decided_by="U00000000" if status in {Status.PROPOSED, Status.DECIDED} else None,
            outcome="sample" if status in {Status.PROPOSED, Status.DECIDED} else None,
            opened_at=0,
        )
        for status in Status
    ]
