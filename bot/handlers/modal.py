"""A person fills in a form: it is taken, or the form says on the field what is wrong with it."""

from dataclasses import replace
from typing import Any

import structlog

from bot.handlers import actions
from bot.handlers.desk import Desk, Words
from bot.reviews.decide import Refused
from bot.reviews.notifications import ActionRefused
from bot.reviews.permissions import Membership
from bot.reviews.policy import MAX_WORDS, NO_POLICY, TOO_LONG, Decision, Policy
from bot.reviews.review import Action, Review
from bot.slack.api.call_results import ResultKind
from bot.slack.api.client import View
from bot.slack.messages.ephemeral import why_refused
from bot.slack.messages.modal import TITLES, closing_modal, modal, who_may_line
from bot.slack.messages.personal_data import looks_like
from bot.slack.requests.interactions import FormSubmitted, OutcomeChosen
from bot.slack.requests.modal_state import NOTE, OUTCOME, TO, WORDS, Entered, FormState, digest

UNKNOWN = "The bot does not know this session any more."
NOT_RECORDED = "This could not be recorded: the bot's database cannot be reached. Try again in a minute."
STILL_RECORDING = "This is not recorded yet. Look at the card in a moment before you send it again."

_ABOUT_THE_TARGET = {
    Refused.CANNOT_GIVE_TO: "This person may not review this queue.",
    Refused.HAS_IT_ALREADY: "This person has the review already.",
}

Answer = dict[str, Any]
_log = structlog.get_logger(__name__)


async def submit(desk: Desk, submitted: FormSubmitted) -> tuple[str, Answer | None]:
    """Take a form in; how it ended, and what Slack has to do with the form: None closes it.

    StoreUnavailable: nothing is recorded.
    """
    state, entered = submitted.form, submitted.entered
    listed = await desk.review(state.session_id)
    if listed is None:
        return "unknown_review", _update(closing_modal(TITLES[state.action], UNKNOWN))
    rules = (await desk.directory.rules()).get(listed.review.queue, NO_POLICY)
    entered = _fitting(entered, rules)
    if (complaint := _complaint(state, entered, rules)) is not None:
        return "incomplete", complaint
    known_ids = (listed.review.session_id, listed.review.subject_id)
    if (kind := looks_like(entered.words or "", known_ids)) and digest(entered.words or "") != state.warned:
        return "warned", _update(_warned(state, listed.review, rules, entered, kind))
    return await _take(desk, submitted, entered, rules)


async def narrow(desk: Desk, chosen: OutcomeChosen) -> str:
    """Show the reasons of the chosen outcome alone; the form works without that, too."""
    listed = await desk.review(chosen.form.session_id)
    if listed is None:
        return "unknown_review"
    rules = desk.directory.configured.get(listed.review.queue, NO_POLICY)
    view = modal(chosen.form, listed.review, rules, chosen.entered)
    result = await desk.slack_client.update_modal(chosen.view_id, chosen.view_hash, view)
    if result.kind is not ResultKind.DONE:
        _log.warning("form_not_narrowed", error=result.error)
    return "form_narrowed" if result.kind is ResultKind.DONE else "form_not_narrowed"


def complain(entered: Entered, text: str) -> Answer:
    """A complaint about the form as a whole, on whichever field it has."""
    block = next(iter(entered.blocks.values()), NOTE)
    return {"response_action": "errors", "errors": {block: text}}


async def _take(
    desk: Desk, submitted: FormSubmitted, entered: Entered, rules: Policy
) -> tuple[str, Answer | None]:
    state = submitted.form
    decision = None
    if state.action is Action.RESOLVE:
        decision = Decision(entered.outcome or "", entered.reason, entered.words)
    words = None if decision else entered.words
    given = Words(decision, entered.to, words, state.revision)
    wish = await desk.wish(submitted.actor, state.action, state.session_id, given)
    if entered.to is not None:
        standing = await desk.directory.standing(entered.to)
        wish = replace(wish, request=replace(wish.request, to_standing=standing))
    verdict = await desk.store.write_batched(actions.act, wish)
    result = desk.note(wish, verdict)
    if not isinstance(verdict.outcome, ActionRefused):
        return result, None
    target_unknown = wish.request.to is not None and wish.request.to_standing is Membership.UNKNOWN
    return result, _refused(
        state, entered, rules, verdict.outcome, verdict.review, target_unknown=target_unknown
    )


def _refused(
    state: FormState,
    entered: Entered,
    rules: Policy,
    refusal: ActionRefused,
    review: Review | None,
    *,
    target_unknown: bool,
) -> Answer:
    why, text = refusal.reason, why_refused(refusal)
    if why in _ABOUT_THE_TARGET:
        return _errors({TO: _ABOUT_THE_TARGET[why]}, entered, TO)
    if target_unknown and why is Refused.CANNOT_CHECK:
        return _errors({TO: "Slack does not answer who this is now. Try again in a minute."}, entered, TO)
    if why is Refused.CHANGED_MEANWHILE and review is not None:
        newer = state.at_revision(review.revision)
        remark = (
            f"⚠️ {text.replace('Look at the card and press again.', 'Check it, then send this form again.')}"
        )
        return _update(modal(newer, review, rules, entered, remark))
    return _update(closing_modal(TITLES[state.action], text))


def _fitting(entered: Entered, rules: Policy) -> Entered:
    """Without its outcome's reasons the form offers those of all: one that the outcome does not have is dropped."""
    outcome = rules.outcomes.get(entered.outcome or "")
    has_none = outcome is not None and not outcome.reasons
    return replace(entered, reason=None) if has_none else entered


def _complaint(state: FormState, entered: Entered, rules: Policy) -> Answer | None:
    complaints, otherwise = _complaints(state, entered, rules)
    return _errors(complaints, entered, otherwise) if complaints else None


def _complaints(state: FormState, entered: Entered, rules: Policy) -> tuple[dict[str, str], str]:
    """What is missing or wrong by field, and the field that complaints fall back on."""
    too_long = {WORDS: TOO_LONG} if len(entered.words or "") > MAX_WORDS else {}
    match state.action:
        case Action.RESOLVE:
            decision = Decision(entered.outcome or "", entered.reason, entered.words)
            return rules.complaints(decision), OUTCOME
        case Action.REASSIGN:
            return (too_long if entered.to else {TO: "Choose a person."}), TO
        case _:
            return (too_long if entered.words else {WORDS: "Say why."}), WORDS


def _errors(complaints: dict[str, str], entered: Entered, otherwise: str) -> Answer:
    errors = {entered.block_of(name, otherwise): text for name, text in complaints.items()}
    return {"response_action": "errors", "errors": errors}


def _warned(state: FormState, review: Review, rules: Policy, entered: Entered, kind: str) -> View:
    remark = (
        f"⚠️ What you wrote looks as if it held {kind}. Personal data does not belong here: everybody in the channel "
        "can read it. Take it out, or send the form once more to keep it as it is."
    )
    if state.action is Action.REASSIGN and (line := who_may_line(review, rules)):
        remark += f"\n{line}"
    return modal(state.warned_of(entered.words or ""), review, rules, entered, remark)


def _update(view: View) -> Answer:
    return {"response_action": "update", "view": view}
