"""A person types `/reviews`: only they see the answer."""

from typing import assert_never

from bot.handlers.claim_next import claim_next
from bot.handlers.context import Context
from bot.handlers.person_action import Submission
from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.decide import without_a_queue
from bot.reviews.notifications import ActionRefused
from bot.reviews.review import Action, EntityType
from bot.slack.messages import slash_response as answers
from bot.slack.messages.slash_response import Answer
from bot.slack.requests.slash_commands import Asked, Misspelt, Word
from bot.store.engine.transaction import Reading
from bot.store.tables import subjects, worklist
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import Worklist

NOT_NOW = answers.answer("The bot's database cannot be reached. Try again in a minute.")
MAYBE_NOT_RECORDED = answers.answer(
    "This may not have been recorded: the connection to the bot's database broke. Look at the card in a minute before "
    "you try again."
)
NOT_YET = answers.answer("That takes longer than Slack waits. Look at the card in a moment, or try again.")


async def answer(context: Context, asked: Asked | Misspelt) -> Answer:
    """What the person gets to read; StoreUnavailable when the database cannot be reached."""
    if isinstance(asked, Misspelt):
        return answers.misspelt(asked.text)
    if asked.about is Word.HELP:
        return answers.answer(answers.HELP)
    request = ActionRequest(Action.CLAIM, asked.actor, None, context.clock(), request_id=asked.request_id)
    submission = (request, await context.authority(request))
    if asked.about is Word.NEXT:
        return await _next(context, submission)
    if (reason := without_a_queue(request.person, submission[1])) is not None:
        reviewers = submission[1].who_can_review() if reason is Refused.NOT_A_REVIEWER else ()
        return answers.refused(ActionRefused(reason, action=None, reviewers=reviewers))
    if isinstance(asked.about, Word):
        return await _list(context, asked.about, submission)
    return await _one(context, asked.about, submission)


async def _next(context: Context, submission: Submission) -> Answer:
    result = await context.store.write(claim_next, submission)
    context.record(submission[0], result)
    if isinstance(result.outcome, ActionRefused):
        return answers.refused(result.outcome)
    listed = await context.review(result.outcome.session_id)
    if listed is None:  # claimed by the first copy of a repeated command, and purged since
        return answers.unknown_review(result.outcome.session_id)
    return answers.claimed(listed, context.directory.workspace_url)


async def _list(context: Context, word: Word, submission: Submission) -> Answer:
    now, url = context.clock(), context.directory.workspace_url
    request, authority = submission
    person, queues = request.person, authority.queues_of(request.person)

    async def work() -> Worklist:
        return await context.store.read(lambda reading: worklist.worklist(reading, person, queues, now))

    match word:
        case Word.MINE:
            return answers.mine(await work(), url)
        case Word.OPEN:
            return answers.unclaimed(await work(), url)
        case Word.STATS:
            return answers.stats(await context.store.read(worklist.queue_counts), queues)
        case Word.NEXT | Word.HELP:
            raise AssertionError(f"{word} is answered before")
        case never:
            assert_never(never)


async def _one(context: Context, reference: str, submission: Submission) -> Answer:
    """A review by its session id or number; otherwise a subject's reviews. People see those of their queues only."""
    request, authority = submission
    queues, url = authority.queues_of(request.person), context.directory.workspace_url
    listed = await context.store.read(lambda reading: subjects.by_reference(reading, reference, queues))
    if listed is not None:
        return answers.one(listed, authority.policy(listed.review.queue), url)
    types = [type_ for type_ in EntityType if type_ in queues]

    async def of_subject(reading: Reading) -> dict[EntityType, SubjectReviews]:
        return {type_: await subjects.reviews_of(reading, type_, reference) for type_ in types}

    found = {type_: each for type_, each in (await context.store.read(of_subject)).items() if each.reviews}
    if not found:
        return answers.unknown_review(reference)
    return answers.of_subject(reference, found, authority.policies, url)
