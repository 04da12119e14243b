"""What `check` looks at in Slack: the token, its scopes, the clock, each channel, the people, the cards."""

from collections.abc import AsyncIterator, Mapping, Sequence

from bot.cli.check.line import CheckLine, State, failed, passed, skipped, warned
from bot.clock import Clock, system_clock
from bot.outbound import proxy_advice
from bot.reviews.audit.entry import RALIO, AuditEntry
from bot.reviews.checks import Check, Checks
from bot.reviews.policy import Policy
from bot.reviews.review import (
    Action,
    EntityType,
    Review,
    SessionState,
    Status,
)
from bot.settings.environment import Settings
from bot.slack.api.call_results import NOT_OFFERED, CallResult, ResultKind
from bot.slack.api.client import Place, SlackClient, open_slack_client
from bot.slack.api.health import EXPOSED_ADVICE, MOST_SKEW_S, exposure, missing_scopes, skew
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
    """Yield one line for each check; if the token does not work, the other checks are skipped."""
    token = settings.slack_bot_token.get_secret_value()
    async with open_slack_client(
        settings.slack_api_url, token, settings.slack_posts_per_second, clock, settings.proxy
    ) as slack_client:
        line = _token(await slack_client.test_token(), settings.slack_api_url)
        yield line
        if line.state is not State.PASSED:
            what = "scopes, clock, channels, people and cards were not checked"
            yield skipped("slack", what, "fix the token first")
            return
        yield _clock(slack_client)
        for line in _scopes(slack_client):
            yield line
        for name, channel in [*settings.channels.items(), ("operations", settings.operations_channel)]:
            yield await _channel(slack_client, name, channel, clock)
        is_trusting = settings.slack_without_users_info
        yield await _people(slack_client, settings.policies, is_trusting=is_trusting)
        yield await _cards(slack_client, settings.policies)


def _token(result: CallResult, url: str) -> CheckLine:
    if result.kind is ResultKind.TOKEN_WRONG:
        advice = (
            "set SLACK_BOT_TOKEN to the Bot User OAuth Token (xoxb-...) of the app as it is installed now"
        )
        return failed("slack token", f"Slack refuses it: {result.error}", advice)
    if result.kind is not ResultKind.DONE:
        advice = proxy_advice(result.error) or "check SLACK_API_URL and the way out to the network"
        return failed("slack token", f"{url} did not confirm it: {result.error}", advice)
    answer = result.answer
    if not answer.get("bot_id"):
        advice = "set SLACK_BOT_TOKEN to the Bot User OAuth Token, which begins with xoxb-"
        return failed("slack token", "it is a person's, not the bot's", advice)
    return passed("slack token", f"bot {answer.get('user_id')} of workspace {answer.get('team_id')}")


def _clock(slack_client: SlackClient) -> CheckLine:
    offset = slack_client.clock_offset_s
    if offset is None:
        return skipped("clock", "Slack's answer had no Date")
    words = skew(offset)
    if abs(offset) < MOST_SKEW_S:
        return passed("clock", words)
    return failed("clock", f"this machine's clock is {words}", "let the machine keep its time (NTP)")


def _scopes(slack_client: SlackClient) -> list[CheckLine]:
    granted = slack_client.granted_scopes
    if granted is None:
        return [skipped("scopes", "Slack's answer did not tell which ones were granted")]
    missing = missing_scopes(granted)
    advice = "add it under 'OAuth & Permissions' (or paste the manifest), and install the app again"
    return [
        failed(f"scope {scope}", f"missing; it is needed to {reason}", advice)
        if scope in missing
        else passed(f"scope {scope}", "granted")
        for scope, reason in NEEDED.items()
    ]


async def _channel(slack_client: SlackClient, name: str, channel: str, clock: Clock) -> CheckLine:
    check = f"channel {name}"
    if not channel:
        return skipped(check, "none is set: what needs an operator is only logged", "set OPS_CHANNEL")
    result = await slack_client.channel_info(channel)
    if result.kind is not ResultKind.DONE and result.error not in NOT_OFFERED:
        return _refused(slack_client, check, channel, result)
    details = result.answer.get("channel") or {}
    for flag, error in (
        (details.get("is_archived"), "is_archived"),
        (not _is_member(details), "not_in_channel"),
    ):
        if flag:
            return failed(check, f"{channel}: {error}", _ADVICE[error])
    now_s = clock() / 1000
    page = await slack_client.history(Place(channel), now_s - 3600, now_s, "")
    if isinstance(page, CallResult):
        return _refused(slack_client, check, f"{channel} cannot be read", page)
    if result.kind is not ResultKind.DONE:
        return skipped(check, f"{channel} can be read; whether the bot is in it nobody tells: {result.error}")
    usable = f"{channel}: exists, the bot is in it and can read it"
    if readers := exposure(details):
        return warned(check, f"{usable}, but it is {readers}", EXPOSED_ADVICE)
    return passed(check, usable)


def _is_member(details: Mapping[str, object]) -> bool:
    return details.get("is_member") is not False


def _refused(slack_client: SlackClient, check: str, what: str, result: CallResult) -> CheckLine:
    """Report what Slack refused; it is skipped, not failed, if another line already names the cause."""
    is_scope = result.needed in missing_scopes(slack_client.granted_scopes)
    words = f"{what}: {result.error} {result.needed}".rstrip()
    if result.error in NOT_OFFERED:
        return failed(
            check, words, "SLACK_API_URL leads to a server that does not know this question of Slack's"
        )
    if result.kind is ResultKind.WAIT or is_scope:
        return skipped(check, words, _ADVICE.get(result.error, "try again in a minute"))
    return failed(check, words, _ADVICE.get(result.error, "ask the workspace's administrators"))


def _no_users_info(error: str, *, is_trusting: bool) -> CheckLine:
    if is_trusting:
        what = f"not checked: users.info: {error}; guests and deactivated accounts can act"
        return skipped("people", what, "SLACK_WITHOUT_USERS_INFO is set")
    advice = "use a server that offers users.info, or set SLACK_WITHOUT_USERS_INFO=1 to let everyone act"
    return failed("people", f"no one can act: users.info: {error}", advice)


async def _people(slack_client: SlackClient, rules: Mapping[str, Policy], *, is_trusting: bool) -> CheckLine:
    """Check the people in the file: a person whom Slack does not know could never claim anything."""
    rosters = [each.roster for each in rules.values()]
    groups = sorted(set().union(*(each.reviewer_groups | each.lead_groups for each in rosters)))
    people = sorted(set().union(*(each.reviewers | each.leads for each in rosters)))
    for group in groups:
        result = await slack_client.group_members(group)
        if result.kind is not ResultKind.DONE:
            return _refused(slack_client, "people", group, result)
    channels = sorted({each.channel for each in rosters if each.is_for_channel})
    members = await _members(slack_client, channels)
    if isinstance(members, CheckLine):
        return members
    for person in people:
        result = await slack_client.user_info(person)
        if result.error in NOT_OFFERED:
            return _no_users_info(result.error, is_trusting=is_trusting)
        if result.kind is not ResultKind.DONE:
            return _refused(slack_client, "people", person, result)
        if (result.answer.get("user") or {}).get("deleted"):
            return failed("people", f"{person} is deactivated", "take the id out of the file")
    known = f"{len(people)} people and {len(groups)} user groups are known to Slack"
    if members:
        open_to = f"where no reviewers are named, the channel's members can claim ({len(members)})"
        return passed("people", f"{known}; {open_to}" if groups or people else open_to)
    return passed("people", known)


async def _members(slack_client: SlackClient, channels: Sequence[str]) -> set[str] | CheckLine:
    """The members of the channels of queues without named reviewers, or what to report."""
    members: set[str] = set()
    for channel in channels:
        result = await slack_client.channel_members(channel)
        if result.kind is ResultKind.CHANNEL_WRONG:
            return skipped("people", f"members of {channel}: {result.error}", "fix the channel first")
        if result.kind is not ResultKind.DONE:
            return _refused(slack_client, "people", f"members of {channel}", result)
        members.update(result.answer["members"])
    return members


async def _cards(slack_client: SlackClient, rules: Mapping[str, Policy]) -> CheckLine:
    """Let Slack validate real cards, with the outcomes and reasons of the file."""
    for queue, each in rules.items():
        for review in _samples(queue):
            entry = AuditEntry(0, RALIO, Action.RECEIVE, None, review.status, 1)
            result = await slack_client.validate_blocks(card(review, [entry], each).blocks)
            if result.kind is ResultKind.PAYLOAD_WRONG:
                advice = "report it, with this line"
                return failed(
                    "cards", f"Slack would refuse the card of a review that is {review.status}", advice
                )
            if result.kind is not ResultKind.DONE:
                return skipped("cards", f"not checked: blocks.validate: {result.error}")
    return passed("cards", "Slack takes their blocks")


def _samples(queue: str) -> list[Review]:
    """Return a made-up review in each status that a card can show."""
    return [
        Review(
            session_id="00000000-0000-0000-0000-000000000000",
            entity_type=EntityType(queue),
            queue=queue,
            session_state=SessionState.VERIFIED if status is Status.CLOSED else SessionState.REVIEW,
            session_event_at=0,
            session_event_id="sample",
            status=status,
            checks=Checks((Check("identity", "refused", ("sample",)),)),
            claimed_by="U00000000" if status in {Status.CLAIMED, Status.PROPOSED} else None,
            decided_by="U00000000" if status in {Status.PROPOSED, Status.DECIDED} else None,
            outcome="sample" if status in {Status.PROPOSED, Status.DECIDED} else None,
            opened_at=0,
        )
        for status in Status
    ]
