"""A person types `/reviews`: only they see the answer."""

from collections.abc import Sequence
from typing import assert_never

from bot.handlers.claim_next import claim_next
from bot.handlers.context import Context
from bot.handlers.person_action import Submission
from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.decide import without_a_queue
from bot.reviews.notifications import ActionRefused
from bot.reviews.review import Action, EntityType
from bot.slack.messages import slash_response as answers
from bot.slack.messages.review_rows import Reader, reader_of
from bot.slack.messages.slash_response import LIST_LENGTH, Answer
from bot.slack.requests.slash_commands import Asked, CardLink, Misspelt, Word
from bot.store.engine.transaction import Reading
from bot.store.tables import subjects, worklist
from bot.store.tables.subjects import SubjectReviews
from bot.store.tables.worklist import OF_LEADS, ListName, ReviewList, Scope

NOT_NOW = answers.answer("The bot's database can't be reached. Try again in a minute.")
MAYBE_NOT_RECORDED = answers.answer(
    "This may not have been recorded, because the connection to the database broke. Look at the card in a minute "
    "before you try again."
)
NOT_YET = answers.answer("This is taking too long. Check the card in a moment, or try again.")


async def answer(context: Context, asked: Asked | Misspelt) -> Answer:
    """What the person gets to read; StoreUnavailable when the database cannot be reached."""
    about = None if isinstance(asked, Misspelt) else asked.about
    if about is Word.HELP:
        return answers.answer(answers.HELP)
    request_id = asked.request_id if isinstance(asked, Asked) else ""
    request = ActionRequest(Action.CLAIM, asked.actor, None, context.clock(), request_id=request_id)
    submission = (request, await context.authority(request))
    if about is Word.NEXT:
        return await _next(context, submission)
    reason = without_a_queue(request.person, submission[1])
    if isinstance(asked, Misspelt) and reason in (None, Refused.CANNOT_CHECK):
        return answers.misspelt(asked.text)
    if reason is not None:
        reviewers = submission[1].who_can_review()
        return answers.refused(ActionRefused(reason, action=None, reviewers=reviewers))
    reader = _reader(context, submission)
    match about:
        case Word():
            return await _list(context, about, reader)
        case CardLink():
            return await _linked(context, about, reader)
        case str():
            return await _one(context, about, reader)
        case None:
            raise AssertionError("misspelt text is answered before")


def _reader(context: Context, submission: Submission) -> Reader:
    request, authority = submission
    return reader_of(request.person, authority, context.directory.workspace_url, request.requested_at)


async def _next(context: Context, submission: Submission) -> Answer:
    result = await context.store.write(claim_next, submission)
    context.record(submission[0], result)
    if isinstance(result.outcome, ActionRefused):
        return answers.refused(result.outcome)
    listed = await context.review(result.outcome.session_id)
    if listed is None:  # claimed by the first copy of a repeated command, and purged since
        return answers.unknown_review(result.outcome.session_id)
    return answers.claimed(listed, _reader(context, submission))


async def _list(context: Context, word: Word, reader: Reader) -> Answer:
    match word:
        case Word.MINE:
            return answers.lists(await _read(context, (ListName.MINE, ListName.TO_CONFIRM), reader), reader)
        case Word.OPEN:
            return answers.lists(await _read(context, (ListName.UNCLAIMED,), reader), reader)
        case Word.OVERDUE:
            return answers.lists(await _read(context, (ListName.OVERDUE,), reader), reader)
        case Word.TEAM:
            return await _team(context, reader)
        case Word.STATS:
            return answers.stats(await context.store.read(worklist.queue_counts), reader.queues)
        case Word.NEXT | Word.HELP:
            raise AssertionError(f"{word} is answered before")
        case never:
            assert_never(never)


async def _team(context: Context, reader: Reader) -> Answer:
    if not reader.led:
        rosters = [reader.policies[queue].roster for queue in reader.queues]
        leads = dict.fromkeys(lead for roster in rosters for lead in roster.named_leads())
        return answers.leads_only(tuple(leads))
    names = (*OF_LEADS, ListName.VERDICT_MISSING)
    found = await _read(context, names, reader, LIST_LENGTH // 2)
    workloads = await context.store.read(lambda reading: worklist.team(reading, _scope(reader)))
    return answers.team(workloads, found, reader)


async def _read(
    context: Context, names: Sequence[ListName], reader: Reader, page: int = LIST_LENGTH
) -> dict[ListName, ReviewList]:
    async def query(reading: Reading) -> dict[ListName, ReviewList]:
        scope = _scope(reader)
        return {name: await worklist.review_list(reading, name, scope, page) for name in names}

    return await context.store.read(query)


def _scope(reader: Reader) -> Scope:
    return Scope(reader.person, reader.queues, reader.led, reader.now)


async def _linked(context: Context, link: CardLink, reader: Reader) -> Answer:
    """The review behind a link to its card, or to a former card."""
    listed = await context.store.read(
        lambda reading: subjects.by_message(reading, link.channel, link.message_ts, reader.queues)
    )
    return answers.one(listed, reader) if listed is not None else answers.unknown_link()


async def _one(context: Context, reference: str, reader: Reader) -> Answer:
    """A review by its session id or number; otherwise a subject's reviews. People see those of their queues only."""
    queues = reader.queues
    listed = await context.store.read(lambda reading: subjects.by_reference(reading, reference, queues))
    if listed is not None:
        return answers.one(listed, reader)
    types = [type_ for type_ in EntityType if type_ in queues]

    async def of_subject(reading: Reading) -> dict[EntityType, SubjectReviews]:
        return {type_: await subjects.reviews_of(reading, type_, reference) for type_ in types}

    found = {type_: each for type_, each in (await context.store.read(of_subject)).items() if each.reviews}
    return answers.of_subject(reference, found, reader) if found else answers.unknown_review(reference)
