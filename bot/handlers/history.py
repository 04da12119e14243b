"""A person looks at everything that happened to a review: the modal opens, and its pages are turned."""

import structlog

from bot.handlers.context import Context
from bot.handlers.modal import show
from bot.handlers.person_action import check, check_incomplete
from bot.reviews.notifications import ActionRefused
from bot.reviews.review import Review
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import View
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.history_modal import TITLE, history_modal
from bot.slack.messages.modal import closing_modal
from bot.slack.requests.interactions import HistoryPageTurned, HistoryRequested
from bot.store.tables.history import HistoryPage, history_page

NOT_SHOWN = "I can't show this page because the database can't be reached. Try again in a minute."

_log = structlog.get_logger(__name__)


async def open_history(context: Context, click: HistoryRequested) -> str:
    """Open the modal with the newest page, if the person can review the queue; returns how it ended."""
    request = click.request
    authority = await context.authority(request)
    result = await context.store.write(check, (request, authority))
    if result.refused is not None or result.review is None or result.is_repetition:
        return context.record(request, result)
    review = result.review
    view = history_modal(review, await _page(context, review, 0), authority.policy(review.queue))
    return "history_shown" if await show(context, click, review, view) else "history_not_shown"


async def turn_page(context: Context, turned: HistoryPageTurned) -> str:
    """Show another page in the open modal."""
    request = turned.request
    authority = await context.authority(request)
    result = await context.store.write(check_incomplete, (request, authority))
    refusal, review = result.outcome, result.review
    if isinstance(refusal, ActionRefused):
        counted = context.record(request, result)
        view: View = closing_modal(TITLE, why_refused(refusal))
    elif review is None:
        return "unknown_review"
    else:
        counted = "history_shown"
        view = history_modal(
            review, await _page(context, review, turned.page), authority.policy(review.queue)
        )
    call = await context.slack_client.update_modal(turned.view_id, turned.view_hash, view)
    if call.kind is not ResultKind.DONE:
        _log.warning("history_page_not_shown", error=call.error)
        return "history_not_shown"
    return counted


async def apologise(context: Context, turned: HistoryPageTurned) -> str | None:
    """Say in the open modal that its page can't be turned now; returns the error code if Slack doesn't show it."""
    view = closing_modal(TITLE, NOT_SHOWN)
    result = await context.slack_client.update_modal(turned.view_id, turned.view_hash, view)
    return None if result.kind is ResultKind.DONE else result.cause


async def _page(context: Context, review: Review, number: int) -> HistoryPage:
    review_id = review.id or 0
    return await context.store.read(lambda reading: history_page(reading, review_id, number))
