"""A person presses a button: it is done, refused, or answered with a form that asks for more."""

import structlog

from bot.handlers import actions
from bot.handlers.actions import Verdict, Wish
from bot.handlers.desk import Desk, Words
from bot.reviews.policy import NO_POLICY
from bot.reviews.review import Action
from bot.slack.api.call_results import ResultKind
from bot.slack.messages.buttons import ASKS_MORE
from bot.slack.messages.ephemeral import click_not_recorded, modal_not_shown
from bot.slack.messages.modal import closing_modal, modal, who_may_line
from bot.slack.requests.interactions import ButtonPressed, ClaimNextPressed
from bot.slack.requests.modal_state import FormState

_log = structlog.get_logger(__name__)


def opens_form(pressed: ButtonPressed) -> bool:
    """Whether nothing is recorded yet, so that nobody has to wait for it."""
    return pressed.action in ASKS_MORE


async def press(desk: Desk, pressed: ButtonPressed) -> str:
    """Do what the button says, or show its form; answers with how it ended. StoreUnavailable: nothing is recorded."""
    wish = await desk.wish(
        pressed.actor,
        pressed.action,
        pressed.session_id,
        Words(seen_revision=pressed.seen_revision),
        pressed.channel,
        from_home=pressed.channel is None,
    )
    if opens_form(pressed):
        verdict = await desk.store.write(actions.ask, wish)
        if verdict.refused is None:
            return await _show_form(desk, pressed, wish, verdict)
    else:
        verdict = await desk.store.write_batched(actions.act, wish)
    return desk.note(wish, verdict)


async def claim_next(desk: Desk, pressed: ClaimNextPressed) -> str:
    """Claim what waits for longest; the home tab tells what it was."""
    wish = await desk.wish(pressed.actor, Action.CLAIM, None, from_home=True)
    return desk.note(wish, await desk.store.write(actions.claim_next, wish))


async def apologise(desk: Desk, pressed: ButtonPressed | ClaimNextPressed) -> None:
    """Nothing was recorded, and nothing can be queued: tell the person straight away, once."""
    session_id = pressed.session_id if isinstance(pressed, ButtonPressed) else None
    message = click_not_recorded(session_id)
    channel = pressed.channel if isinstance(pressed, ButtonPressed) else None
    if channel is not None:
        await desk.slack_client.post_ephemeral(channel, pressed.actor.person, message)
    else:
        await desk.slack_client.open_modal(pressed.trigger_id, closing_modal("Not recorded", message.text))


async def _show_form(desk: Desk, pressed: ButtonPressed, wish: Wish, verdict: Verdict) -> str:
    review = verdict.review
    assert review is not None  # noqa: S101 - a wish about no review is refused
    rules = wish.rules.get(review.queue, NO_POLICY)
    state = FormState(pressed.action, review.session_id, review.revision, pressed.channel)
    remark = who_may_line(review, rules) if pressed.action is Action.REASSIGN else ""
    result = await desk.slack_client.open_modal(
        pressed.trigger_id, modal(state, review, rules, remark=remark)
    )
    if result.kind is ResultKind.DONE:
        return "form_shown"
    _log.warning("form_not_shown", action=pressed.action, error=result.error)
    if pressed.channel is not None:
        message = modal_not_shown(pressed.action, review.session_id)
        await desk.slack_client.post_ephemeral(pressed.channel, pressed.actor.person, message)
    return "form_not_shown"
