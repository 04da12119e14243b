"""A person works with a modal: it opens, shows an outcome's reasons, is submitted, or says what is wrong in a field."""

from dataclasses import replace
from typing import Any

import structlog

from bot.handlers.context import Context
from bot.handlers.person_action import ActionResult, carry_out, check, check_incomplete
from bot.reviews.action_request import ActionRequest, Refused
from bot.reviews.notifications import ActionRefused
from bot.reviews.permissions import Membership
from bot.reviews.policy import MAX_WORDS, NO_POLICY, TOO_LONG, Policy
from bot.reviews.review import Action, Review
from bot.reviews.sent_back import FormerProposal, former_proposal
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import Place, View
from bot.slack.messages.ephemeral import changed_meanwhile, modal_not_shown, why_refused
from bot.slack.messages.modal import TITLES, closing_modal, modal, sent_back_line, who_can_line
from bot.slack.messages.personal_data import looks_like
from bot.slack.requests.interactions import HistoryRequested, ModalRequested, ModalSubmitted, OutcomeChosen
from bot.slack.requests.modal_state import (
    DAY,
    NOTE,
    OUTCOME,
    REASON,
    TO,
    WORDS,
    Entered,
    ModalState,
    digest,
    reason_block,
)
from bot.store.tables import audit

NOT_RECORDED = "I couldn't record this because the database can't be reached. Try again in a minute."
MAYBE_NOT_RECORDED = (
    "This may not have been recorded, because the connection to the database broke. Check the card in a minute before "
    "you submit it again."
)
STILL_RECORDING = "This isn't recorded yet. Check the card in a moment before you submit it again."
LATEST_CHANGES = 20
"""How far back a proposal that was sent back is looked for."""

_ABOUT_THE_TARGET = {
    Refused.CANNOT_GIVE_TO: "This person can't review this queue.",
    Refused.HAS_IT_ALREADY: "This person already has the review.",
}

Answer = dict[str, Any]
"""What Slack should do with a submitted modal, as JSON."""

_log = structlog.get_logger(__name__)


async def open_modal(context: Context, click: ModalRequested) -> str:
    """Open the modal if the action would be granted now; returns how it ended."""
    request = click.request
    authority = await context.authority(request)
    result = await context.store.write(check, (request, authority))
    if result.refused is not None or result.review is None or result.is_repetition:
        return context.record(request, result)
    review, policy = result.review, authority.policy(result.review.queue)
    state = ModalState(request.action, review.session_id, review.revision, request.channel)
    remark, entered = who_can_line(review, policy) if request.action is Action.REASSIGN else "", Entered()
    if request.action is Action.RESOLVE and (former := await _sent_back(context, review)) is not None:
        decision = former.decision
        entered = Entered(outcome=decision.outcome, reason=decision.reason, words=decision.note)
        remark = sent_back_line(former)
    view = modal(state, review, policy, entered, remark)
    return "form_shown" if await show(context, click, review, view) else "form_not_shown"


async def show(
    context: Context, click: ModalRequested | HistoryRequested, review: Review, view: View
) -> bool:
    """Open a modal about a review for the person who pressed; if Slack doesn't, tell them, and return False."""
    request = click.request
    call = await context.slack_client.open_modal(click.trigger_id, view)
    if call.kind is ResultKind.DONE:
        return True
    _log.warning("modal_not_shown", action=request.action, error=call.error, details=call.details or None)
    message = modal_not_shown(request.action, review.session_id)
    if request.channel is not None:
        await context.slack_client.post_ephemeral(request.channel, request.person, message)
    else:  # pressed on the home tab
        await context.slack_client.post(Place(request.person), message)
    return False


async def _sent_back(context: Context, review: Review) -> FormerProposal | None:
    """The holder's last proposal, if it came back to them."""
    review_id = review.id or 0
    history = await context.store.read(
        lambda reading: audit.recent_changes(reading, review_id, LATEST_CHANGES)
    )
    return former_proposal(history, review.claimed_by or "")


async def narrow(context: Context, chosen: OutcomeChosen) -> str:
    """Show the reasons of the chosen outcome, and whether the note is required; submitting works without that, too.

    The newest choice wins. A second one that was made before Slack had the first one's view carries its old hash.
    """
    request, updates = chosen.request, context.modal_updates
    if not updates.note(chosen.view_id, chosen.chosen_at):
        return "form_outdated"
    authority = await context.authority(request)
    result = await context.store.write(check_incomplete, (request, authority))
    refusal, review = result.outcome, result.review
    if isinstance(refusal, ActionRefused):
        counted = context.record(request, result)
        view = closing_modal(TITLES[chosen.state.action], why_refused(refusal))
    elif review is None:
        return "unknown_review"
    else:
        counted = "form_narrowed"
        view = modal(chosen.state, review, authority.policy(review.queue), chosen.entered)
    call = await context.slack_client.update_modal(chosen.view_id, chosen.view_hash, view)
    if call.error == "hash_conflict":
        if not updates.is_newest(chosen.view_id, chosen.chosen_at):
            return "form_outdated"
        call = await context.slack_client.update_modal(chosen.view_id, "", view)
    if call.kind is not ResultKind.DONE:
        _log.warning("modal_not_narrowed", error=call.error)
        return "form_not_narrowed"
    return counted


async def submit(context: Context, submitted: ModalSubmitted) -> tuple[str, Answer | None]:
    """Carry out a submitted modal; returns how it ended, and what Slack should do with the modal: None closes it.

    StoreUnavailable: nothing is recorded.
    """
    state = submitted.state
    authority = await context.authority(submitted.request)
    listed = await context.review(state.session_id)
    policy = authority.policy(listed.review.queue) if listed else NO_POLICY
    request = _without_unknown_reason(submitted.request, policy)
    if listed is not None and (
        objection := await _objection(context, submitted, request, listed.review, policy)
    ):
        # Whether the person can act comes first: the objection is about a review, which not everyone can see.
        incomplete = replace(request, decision=None, snooze=None)
        checked = await context.store.write(check_incomplete, (incomplete, authority))
        if checked.refused is None:
            return objection
        return context.record(request, checked), _answer(submitted, policy, checked, target_unknown=False)
    result = await context.store.write_batched(carry_out, (request, authority))
    target_unknown = authority.target_membership is Membership.UNKNOWN
    answer = _answer(submitted, policy, result, target_unknown=target_unknown)
    return context.record(request, result), answer


async def _objection(
    context: Context, submitted: ModalSubmitted, request: ActionRequest, review: Review, policy: Policy
) -> tuple[str, Answer] | None:
    """What the person must complete or check again; None for a form that can be carried out."""
    state, entered = submitted.state, submitted.entered
    if complaints := _complaints(request, policy):
        if REASON in complaints and entered.blocks.get(REASON) != reason_block(entered.outcome or ""):
            # The modal shows no reasons, or another outcome's, because Slack did not update it.
            return "incomplete", _update(modal(state, review, policy, entered, warning=complaints[REASON]))
        return "incomplete", _errors(complaints, entered, _FALLBACK.get(state.action, WORDS))
    typed, known_ids = entered.words or "", (review.session_id, review.subject_id)
    if (kind := looks_like(typed, known_ids)) and digest(typed) != state.warned:
        takes_alerts = await context.alerts.is_in(context.slack_client)
        return "warned", _update(_warned(state, review, policy, entered, kind, takes_alerts=takes_alerts))
    return None


def complain(entered: Entered, text: str) -> Answer:
    """A complaint about the modal as a whole, on the first field that it has."""
    block = next(iter(entered.blocks.values()), NOTE)
    return {"response_action": "errors", "errors": {block: text}}


def _answer(
    submitted: ModalSubmitted, policy: Policy, result: ActionResult, *, target_unknown: bool
) -> Answer | None:
    """Close the modal of a granted action; otherwise say in it why not."""
    refusal, review = result.outcome, result.review
    if not isinstance(refusal, ActionRefused):
        return None
    state, entered, text = submitted.state, submitted.entered, why_refused(refusal)
    if refusal.reason in _ABOUT_THE_TARGET:
        return _errors({TO: _ABOUT_THE_TARGET[refusal.reason]}, entered, TO)
    if target_unknown and refusal.reason is Refused.CANNOT_CHECK:
        return _errors(
            {TO: "Slack isn't answering, so I can't check this person. Try again in a minute."}, entered, TO
        )
    if refusal.reason is Refused.CHANGED_MEANWHILE and review is not None:
        warning = f"{changed_meanwhile(refusal)} Check it, then submit again."
        return _update(modal(state.at_revision(review.revision), review, policy, entered, warning=warning))
    return _update(closing_modal(TITLES[state.action], text))


def _without_unknown_reason(request: ActionRequest, policy: Policy) -> ActionRequest:
    """Drop the reason where the outcome has none: without an outcome chosen, the modal offers those of all outcomes."""
    decision = request.decision
    outcome = policy.outcomes.get(decision.outcome) if decision else None
    if decision is None or outcome is None or outcome.reasons:
        return request
    return replace(request, decision=replace(decision, reason=None))


_FALLBACK = {
    Action.RESOLVE: OUTCOME,
    Action.RECORD_DECISION: OUTCOME,
    Action.REASSIGN: TO,
    Action.SNOOZE: DAY,
}
"""The field that shows complaints about fields that the modal does not have."""


_MISSING = {Action.ESCALATE: "Write a message to the leads.", Action.ADD_NOTE: "Write a note."}


def _complaints(request: ActionRequest, policy: Policy) -> dict[str, str]:
    """What is missing or wrong, by field."""
    too_long = {WORDS: TOO_LONG} if len(request.comment or "") > MAX_WORDS else {}
    if request.decision is not None:
        return policy.complaints(request.decision)
    if request.snooze is not None:
        return policy.snooze_complaints(request.snooze, request.requested_at)
    if request.action is Action.REASSIGN:
        return too_long if request.target else {TO: "Choose a person."}
    return too_long if request.comment else {WORDS: _MISSING.get(request.action, "Say why.")}


def _errors(complaints: dict[str, str], entered: Entered, otherwise: str) -> Answer:
    errors = {entered.block_of(name, otherwise): text for name, text in complaints.items()}
    return {"response_action": "errors", "errors": errors}


def _warned(
    state: ModalState, review: Review, policy: Policy, entered: Entered, kind: str, *, takes_alerts: bool
) -> View:
    warning = (
        f"This looks like it contains {kind}. Everyone in the channel can read it, and personal data doesn't belong "
        "here. Remove it, or submit again to keep it."
    )
    remark = who_can_line(review, policy) if state.action is Action.REASSIGN else ""
    warned = state.warned_of(entered.words or "")
    return modal(warned, review, policy, entered, remark, warning=warning, takes_alerts=takes_alerts)


def _update(view: View) -> Answer:
    return {"response_action": "update", "view": view}
