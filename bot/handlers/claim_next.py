"""A person claims the review that has waited longest, from the home tab or with `/reviews next`."""

from dataclasses import replace

from bot.handlers.context import Context
from bot.handlers.person_action import ActionResult, Submission, carry_out_on, recall, repeated, save_refusal
from bot.reviews.decide import refuse_claim_next
from bot.slack.requests.interactions import ClaimNextClicked
from bot.store.engine.transaction import Transaction
from bot.store.tables import reviews


async def press(context: Context, click: ClaimNextClicked) -> str:
    """Claim the next review; the home tab shows which one it was."""
    request = click.request
    asked = (request, await context.authority(request))
    return context.record(request, await context.store.write(claim_next, asked))


def claim_next(transaction: Transaction, submission: Submission) -> ActionResult:
    """Claim the review that has waited longest among those that the person can take."""
    request, authority = submission
    if (answer := recall(transaction, request)) is not None:
        return repeated(transaction, answer)
    session_id = reviews.oldest_open(transaction, authority.queues_of(request.person))
    if session_id is None:
        return save_refusal(transaction, submission, refuse_claim_next(request, authority))
    claim = replace(request, session_id=session_id)
    (result,) = carry_out_on(transaction, [(claim, authority)], reviews.load(transaction, [session_id]))
    return result
