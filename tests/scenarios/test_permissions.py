"""Who may do anything is asked of Slack at click time; where it cannot be asked for too long, nobody may."""

import json
from typing import Any

import pytest

from bot.settings.file import BotFile
from bot.slack.api.cache import ASK_AGAIN_S, FRESH_S, USABLE_S
from bot.slack.api.users import JOINED_S, WORKSPACE_AGAIN_S
from tests.support.bot import Bot, running, until
from tests.support.people import TEAM, Person, new_review, record
from tests.support.slack import ANA, BEN, CHLOE, DAN, LocalSlack, running_slack

GROUP = BotFile.model_validate({"queues": {"user": {"reviewers": ["SREVIEWERS"], "leads": ["SLEADS0001"]}}})


async def _refused(bot: Bot, person: Person, session_id: str, sentence: str, why: str) -> None:
    """The person's claim changes nothing; they are told why, and it is on record."""
    told = len(await person.notes())
    await person.send_press(session_id)
    await bot.settled()

    async def newest() -> list[str]:
        return (await person.notes())[told:]

    (note,) = await until(newest, "nobody is told")
    assert sentence in note
    assert record(bot, session_id)[-1] == (person.id, "claim", why)
    assert bot.review(session_id)["status"] == "open"


FLAGS: list[tuple[dict[str, Any], str, str]] = [
    ({"is_restricted": True}, "guests can't work on reviews", "guest"),
    ({"is_restricted": True, "is_ultra_restricted": True}, "guests can't work on reviews", "guest"),
    ({"is_bot": True}, "Only people can work on reviews", "bot"),
    ({"team_id": "T0OTHER001"}, "Only members of this workspace can work on reviews", "outsider"),
    ({"deleted": True}, "Your account is deactivated", "deactivated"),
]


async def test_only_members_of_the_workspace_may_do_anything(bot: Bot, slack: LocalSlack) -> None:
    """Guests, bots, people of other organisations and deactivated ones are told why, in a queue that is for all."""
    session_id = await new_review(bot)
    people = [Person(bot, person) for person in await slack.add_people(len(FLAGS))]
    for person, (flags, sentence, why) in zip(people, FLAGS, strict=True):
        await person.change(**flags)
        await _refused(bot, person, session_id, sentence, why)


ELSEWHERE: list[dict[str, Any]] = [
    {"team": {"id": "T0OTHER001"}},
    {"api_app_id": "A0OTHER001"},
    {"user": {"id": DAN, "team_id": "T0OTHER001"}},
]


@pytest.mark.parametrize("envelope", ELSEWHERE, ids=["workspace", "app", "person"])
async def test_a_press_from_elsewhere_is_refused(bot: Bot, envelope: dict[str, Any]) -> None:
    """Signed, yet from another workspace, for another app, or by somebody of another workspace in a shared channel."""
    session_id = await new_review(bot)
    await Person(bot, DAN).send_press(session_id, **envelope)
    await until(Person(bot, DAN).notes, "Dan is not told")
    await bot.settled()
    assert record(bot, session_id) == [(DAN, "claim", "outsider")]


async def test_a_press_that_does_not_say_where_it_comes_from_is_judged_by_the_person(bot: Bot) -> None:
    """`team` is null in an organisation of workspaces, and `team_id` may be missing."""
    session_id = await new_review(bot)
    await Person(bot, DAN).send_press(session_id, team=None, api_app_id=None, user={"id": DAN})
    await bot.settled()
    assert record(bot, session_id) == [(DAN, "claim", None)]


async def test_the_apps_id_need_not_be_known(database_url: str, slack: LocalSlack) -> None:
    """Without the scope for it the signature alone says that it is our app."""
    await slack.fault("bots.info", "error", error="missing_scope")
    async with running(database_url, slack) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        assert bot.review(session_id)["claimed_by"] == ANA


async def test_a_user_groups_members_are_reviewers(database_url: str, slack: LocalSlack) -> None:
    """Who is taken out of the group is refused as soon as the remembered answer is too old."""
    async with running(database_url, slack, file=GROUP) as bot:
        first, second, third = [await new_review(bot) for _ in range(3)]
        ben, dan = Person(bot, BEN), Person(bot, DAN)
        await ben.press(first, "Claim")
        assert bot.review(first)["claimed_by"] == BEN
        await _refused(
            bot,
            dan,
            second,
            "Ask one of: <!subteam^SLEADS0001>, <!subteam^SREVIEWERS>.",
            "not_a_reviewer",
        )
        await slack.control("PUT", "usergroups/SREVIEWERS", {"users": [ANA, DAN]})
        await ben.send_press(second)
        assert bot.review(second)["claimed_by"] == BEN
        bot.clock.advance(FRESH_S + 1)
        await _refused(bot, ben, third, "you aren't a reviewer of the user queue", "not_a_reviewer")
        await dan.send_press(third)
        assert bot.review(third)["claimed_by"] == DAN
        await bot.settled()


async def test_while_slack_is_away_those_who_are_known_go_on_for_an_hour(
    database_url: str, slack: LocalSlack
) -> None:
    """Whoever is not known is refused at once; after an hour everybody is, until Slack answers again."""
    async with running(database_url, slack, file=GROUP) as bot:
        sessions = [await new_review(bot) for _ in range(4)]
        ana, chloe = Person(bot, ANA), Person(bot, CHLOE)
        stranger = Person(bot, (await slack.add_people(1))[0])
        await ana.press(sessions[0], "Claim")
        for method in ("users.info", "usergroups.users.list"):
            await slack.fault(method, "server_error")
        bot.clock.advance(USABLE_S - 60)
        await ana.send_press(sessions[1])
        assert bot.review(sessions[1])["claimed_by"] == ANA
        await _refused(
            bot,
            stranger,
            sessions[2],
            "Slack isn't answering, so I can't check your permissions",
            "cannot_check",
        )
        bot.clock.advance(61)
        await _refused(
            bot, ana, sessions[2], "Slack isn't answering, so I can't check your permissions", "cannot_check"
        )
        assert "I can't check your permissions" in (await ana.notes())[-1]
        await slack.no_faults()
        bot.clock.advance(ASK_AGAIN_S + 1)
        await ana.send_press(sessions[2])
        assert bot.review(sessions[2])["claimed_by"] == ANA
        await chloe.send_press(sessions[3])
        assert bot.review(sessions[3])["claimed_by"] == CHLOE
        await bot.settled()


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("users.info", "missing_scope"),
        ("usergroups.users.list", "missing_scope"),
        ("usergroups.users.list", "plan_upgrade_required"),
        ("usergroups.users.list", "no_such_subteam"),
    ],
)
async def test_what_slack_never_answers_lets_nobody_in(
    database_url: str, slack: LocalSlack, method: str, error: str
) -> None:
    """A missing scope, a plan without groups or a wrong id fails closed, and the bot goes on otherwise."""
    await slack.fault(method, "error", error=error)
    async with running(database_url, slack, file=GROUP) as bot:
        session_id = await new_review(bot)
        await _refused(
            bot,
            Person(bot, ANA),
            session_id,
            "Slack isn't answering, so I can't check your permissions",
            "cannot_check",
        )


async def test_people_named_by_their_ids_need_no_group(database_url: str, slack: LocalSlack) -> None:
    """On a plan without user groups a list of ids does, also beside a group that nobody knows."""
    await slack.fault("usergroups.users.list", "error", error="plan_upgrade_required")
    file = BotFile.model_validate({"queues": {"user": {"reviewers": [ANA, "SREVIEWERS"]}}})
    async with running(database_url, slack, file=file) as bot:
        session_id = await new_review(bot)
        await Person(bot, ANA).press(session_id, "Claim")
        assert bot.review(session_id)["claimed_by"] == ANA


async def test_people_are_asked_about_once(bot: Bot, slack: LocalSlack) -> None:
    """A click that follows within minutes costs no call."""
    session_id = await new_review(bot)
    people = [Person(bot, person) for person in await slack.add_people(20)]
    bot.clock.advance(JOINED_S + 1)
    for person in [*people, *people]:
        await person.send_press(session_id)
    await bot.settled()
    asked = [call["arguments"]["user"] for call in await slack.calls("users.info")]
    assert sorted(set(asked) & {person.id for person in people}) == sorted(person.id for person in people)
    assert len(asked) == len(set(asked))


async def test_a_form_is_checked_when_it_is_sent(database_url: str, slack: LocalSlack) -> None:
    """Who was a reviewer when it opened and is none when it is sent decides nothing."""
    async with running(database_url, slack, file=TEAM) as bot:
        session_id = await new_review(bot)
        ana = Person(bot, ANA)
        await ana.press(session_id, "Claim")
        await ana.press(session_id, "Resolve")
        form = await ana.form()
    async with running(
        database_url, slack, file=BotFile.model_validate({"queues": {"user": {"reviewers": [BEN]}}})
    ) as bot:
        ana = Person(bot, ANA)
        answer = await ana.submit(outcome="Approve")
        assert answer["response_action"] == "update"
        assert "you aren't a reviewer of the user queue" in json.dumps(await ana.form())
        assert (await ana.form())["id"] == form["id"]
        assert bot.review(session_id)["status"] == "claimed"
        await bot.settled()


async def test_a_workspace_that_joins_an_organisation_needs_no_restart(bot: Bot, slack: LocalSlack) -> None:
    """Requests then name the organisation: the bot asks whose token it has before it refuses anyone."""
    session_id = await new_review(bot)
    ana = Person(bot, ANA)
    await ana.send_press(session_id)
    await bot.settled()
    await slack.control("PUT", "organisation", {"enterprise_id": "E0ACME0001"})
    bot.clock.advance(WORKSPACE_AGAIN_S + 1)
    envelope = {
        "team": None,
        "enterprise": {"id": "E0ACME0001"},
        "user": {"id": ANA, "team_id": "E0ACME0001"},
    }
    await ana.send_press(session_id, "review_release", **envelope)
    await bot.settled()
    assert record(bot, session_id) == [(ANA, "claim", None), (ANA, "release", None)]
    elsewhere = envelope | {"enterprise": {"id": "E0OTHER001"}}
    await ana.send_press(session_id, "review_claim", **elsewhere)
    await bot.settled()
    assert record(bot, session_id)[-1] == (ANA, "claim", "outsider")


async def test_a_large_channel_does_not_use_up_the_rate_at_which_people_can_be_asked_about(
    database_url: str,
) -> None:
    """At Slack's own pace, right after the start: who clicks then is known at once, and no call is refused."""
    async with running_slack(posts_per_second=1.0) as slack:
        members = await slack.add_people(190)
        async with running(database_url, slack, slack_posts_per_second=1.0) as bot:
            session_id = await new_review(bot)
            await Person(bot, members[-1]).send_press(session_id)
            await bot.settled()
            assert record(bot, session_id) == [(members[-1], "claim", None)]
            calls = await slack.calls("users.info")
            assert {call["status"] for call in calls} == {200}
            assert len(calls) < 20
