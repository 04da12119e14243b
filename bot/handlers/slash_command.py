"""A person types `/reviews`: the answer is theirs alone."""

from typing import assert_never

from bot.handlers import actions
from bot.handlers.actions import Wish
from bot.handlers.desk import Desk
from bot.reviews.decide import Refused, not_allowed
from bot.reviews.notifications import ActionRefused
from bot.reviews.permissions import Membership
from bot.reviews.policy import NO_POLICY
from bot.reviews.review import Action
from bot.slack.messages import slash_response as answers
from bot.slack.messages.slash_response import Answer
from bot.slack.requests.slash_commands import Asked, Misspelt, Word
from bot.store.tables import worklist
from bot.store.tables.worklist import Worklist

NOT_NOW = answers.answer("The bot's database cannot be reached. Try again in a minute.")
NOT_YET = answers.answer("That takes longer than Slack waits. Look at the card in a moment, or try again.")


async def answer(desk: Desk, asked: Asked | Misspelt) -> Answer:
    """What the person gets to read; StoreUnavailable when the database cannot be reached."""
    if isinstance(asked, Misspelt):
        return answers.misspelt(asked.text)
    if asked.about is Word.HELP:
        return answers.answer(answers.HELP)
    wish = await desk.wish(asked.actor, Action.CLAIM, None)
    if asked.about is Word.NEXT:
        return await _next(desk, wish)
    queues = _queues(wish)
    if not queues:
        return answers.refused(ActionRefused(_why_not(wish), action=None))
    if isinstance(asked.about, Word):
        return await _list(desk, asked.about, asked.actor.person, queues)
    return await _one(desk, asked.about, queues, wish)


async def _next(desk: Desk, wish: Wish) -> Answer:
    verdict = await desk.store.write(actions.claim_next, wish)
    desk.note(wish, verdict)
    if isinstance(verdict.outcome, ActionRefused):
        return answers.refused(verdict.outcome)
    listed = await desk.review(verdict.outcome.session_id)
    assert listed is not None  # noqa: S101 - it was claimed just now, and reviews are never removed
    return answers.claimed(listed, desk.directory.workspace_url)


async def _list(desk: Desk, word: Word, person: str, queues: list[str]) -> Answer:
    now, url = desk.clock(), desk.directory.workspace_url

    async def work() -> Worklist:
        return await desk.store.read(lambda reading: worklist.worklist(reading, person, queues, now))

    match word:
        case Word.MINE:
            return answers.mine(await work(), url)
        case Word.OPEN:
            return answers.unclaimed(await work(), url)
        case Word.STATS:
            return answers.stats(await desk.store.read(worklist.queue_counts), queues)
        case Word.NEXT | Word.HELP:
            raise AssertionError(f"{word} is answered before")
        case never:
            assert_never(never)


async def _one(desk: Desk, session_id: str, queues: list[str], wish: Wish) -> Answer:
    listed = await desk.review(session_id)
    if listed is None or listed.review.queue not in queues:
        return answers.unknown_session(session_id)
    rules = wish.rules.get(listed.review.queue, NO_POLICY)
    return answers.one(listed, rules, desk.directory.workspace_url)


def _queues(wish: Wish) -> list[str]:
    """The queues that the person may look into: those that they may work on."""
    if wish.request.standing is not Membership.MEMBER:
        return []
    return [queue for queue, rules in wish.rules.items() if rules.roster.may_review(wish.request.person)]


def _why_not(wish: Wish) -> Refused:
    if (why := not_allowed(wish.request.standing)) is not None:
        return why
    are_known = all(rules.roster.is_known for rules in wish.rules.values())
    return Refused.NOT_A_REVIEWER if are_known else Refused.CANNOT_CHECK
