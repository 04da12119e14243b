"""What `check` would find wrong stands in /readyz from the start, and nobody is asked anew for it."""

import asyncio
import time
from email.utils import formatdate
from typing import Any

from pydantic import SecretStr

from bot.settings.file import BotFile
from bot.slack.api.scopes import NEEDED
from tests.support.bot import Bot, running, until
from tests.support.proxy import changing_headers
from tests.support.ralio_api import running_ralio_api
from tests.support.slack import OPERATIONS_CHANNEL, RELATED_PARTY_CHANNEL, USER_CHANNEL, LocalSlack


async def problems(bot: Bot) -> dict[str, Any]:
    """What /readyz names; the status says the same."""
    async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
        told: dict[str, Any] = (await answer.json())["problems"]
        assert (answer.status == 200) is (told == {})
    return told


async def the_only_problem(bot: Bot) -> tuple[str, str]:
    """Its name and its words, once everything has been looked at."""

    async def one() -> list[tuple[str, str]]:
        told = await problems(bot)
        return list(told.items()) if len(told) == 1 and "slack_token" not in told else []

    ((name, words),) = await until(one, f"not one problem: {await problems(bot)}")
    return name, words


async def test_a_missing_scope(database_url: str, slack: LocalSlack) -> None:
    """By its name."""
    granted = ",".join(sorted(set(NEEDED) - {"groups:history"}))
    async with (
        changing_headers(slack.api_url, {"x-oauth-scopes": granted}) as url,
        running(database_url, slack, slack_api_url=url) as bot,
    ):
        assert await the_only_problem(bot) == ("slack_scopes", "missing: groups:history")


async def test_a_scope_that_reviews_go_on_without(database_url: str, slack: LocalSlack) -> None:
    """A platform need not take the bot out of service for it."""
    granted = ",".join(sorted(set(NEEDED) - {"commands"}))
    async with (
        changing_headers(slack.api_url, {"x-oauth-scopes": granted}) as url,
        running(database_url, slack, slack_api_url=url) as bot,
    ):

        async def warned() -> bool:
            async with bot.slack.session.get(f"{bot.address}/readyz") as answer:
                told = await answer.json()
            return answer.status == 200 and told["warnings"].get("slack_scopes") == "missing: commands"

        await until(warned, "it is not ready with a warning")


async def test_a_channel_that_too_many_people_can_read(bot: Bot, slack: LocalSlack) -> None:
    """Cards hold no personal data, but a public channel, or one that another company shares, is a warning."""

    async def warnings() -> dict[str, str]:
        async with slack.session.get(f"{bot.address}/readyz") as answer:
            told = await answer.json()
        channels = dict(told["warnings"].get("channels", {}))
        return channels if told["ready"] and len(channels) == 3 else {}

    channels = await until(warnings, "not every channel is a warning")
    assert channels == {
        USER_CHANNEL: "public and shared with another company",
        RELATED_PARTY_CHANNEL: "public and shared with another company",
        OPERATIONS_CHANNEL: "public",
    }


async def test_a_private_channel_of_the_workspace_is_no_warning(database_url: str, slack: LocalSlack) -> None:
    """That is what the README recommends."""
    for channel in (USER_CHANNEL, RELATED_PARTY_CHANNEL, OPERATIONS_CHANNEL):
        await slack.change_channel(channel, is_private=True, is_ext_shared=False)
    async with running(database_url, slack) as bot:

        async def ready() -> bool:
            async with slack.session.get(f"{bot.address}/readyz") as answer:
                told = await answer.json()
            return bool(told["ready"] and told["warnings"] == {})

        await until(ready, "it is not ready without a warning")


async def test_a_clock_that_is_wrong(database_url: str, slack: LocalSlack) -> None:
    """Every click would be refused as too old."""
    late = formatdate(time.time() + 400, usegmt=True)
    async with (
        changing_headers(slack.api_url, {"Date": late}) as url,
        running(database_url, slack, slack_api_url=url) as bot,
    ):
        name, words = await the_only_problem(bot)
        assert (name, "behind Slack's" in words) == ("clock", True)


async def test_a_user_group_that_cannot_be_read(database_url: str, slack: LocalSlack) -> None:
    """Before anybody of it has clicked."""
    file = BotFile.model_validate({"queues": {"user": {"reviewers": ["S0NOBODY01"]}}})
    async with running(database_url, slack, file=file) as bot:
        name, words = await the_only_problem(bot)
        assert (name, "usergroups.users.list of S0NOBODY01" in words) == ("people", True)


async def test_credentials_that_ralio_refuses(database_url: str, slack: LocalSlack) -> None:
    """Before the first review is asked about."""
    async with running_ralio_api() as ralio_api:
        changes = ralio_api.settings | {"ralio_api_key": SecretStr("wrong")}
        async with running(database_url, slack, **changes) as bot:
            name, words = await the_only_problem(bot)
            assert (name, "the login was rejected" in words) == ("ralio_api", True)


async def test_no_question_makes_slack_busy(bot: Bot) -> None:
    """However often a platform asks."""

    async def ready() -> bool:
        return await problems(bot) == {}

    await until(ready, "it never becomes ready")
    await asyncio.sleep(0.3)
    before = len(await bot.slack.control("GET", "calls?limit=20000"))
    assert before > 0
    for _ in range(20):
        assert await problems(bot) == {}
    assert len(await bot.slack.control("GET", "calls?limit=20000")) == before
