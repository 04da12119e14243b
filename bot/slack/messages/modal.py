"""The modals behind the buttons, such as resolve, snooze or add note. Pure.

A modal carries its whole state in its private_metadata, so any instance of the bot can handle its submission.
Limits: https://docs.slack.dev/reference/views/modal-views.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DatePickerElement,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View as SdkView

from bot.reviews.policy import MAX_WORDS, Outcome, Policy
from bot.reviews.review import Action, Review
from bot.slack.api.client import View
from bot.slack.messages import buttons
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, number, people
from bot.slack.messages.status_text import verdict_words
from bot.slack.requests.modal_state import (
    DAY,
    NOTE,
    OUTCOME,
    REASON,
    TO,
    WORDS,
    Entered,
    ModalState,
    reason_value,
)

TITLES: Mapping[Action, str] = MappingProxyType(
    {
        Action.RESOLVE: "Resolve the review",
        Action.SEND_BACK: "Send back",
        Action.TAKE_OVER: "Take over",
        Action.REOPEN: "Reopen the review",
        Action.REASSIGN: "Reassign",
        Action.ESCALATE: "Escalate",
        Action.RECORD_DECISION: "Record decision",
        Action.ADD_NOTE: "Add note",
        Action.SNOOZE: "Snooze the review",
    }
)
_SUBMITS: Mapping[Action, str] = MappingProxyType(
    {
        Action.RESOLVE: "Resolve",
        Action.SEND_BACK: "Send back",
        Action.TAKE_OVER: "Take over",
        Action.REOPEN: "Reopen",
        Action.REASSIGN: "Reassign",
        Action.ESCALATE: "Escalate",
        Action.RECORD_DECISION: "Record",
        Action.ADD_NOTE: "Add note",
        Action.SNOOZE: "Snooze",
    }
)
_WHY: Mapping[Action, str] = MappingProxyType(
    {
        Action.SEND_BACK: "Why do you send this decision back?",
        Action.TAKE_OVER: "Why do you take this review over?",
        Action.REOPEN: "Why do you reopen this review?",
        Action.REASSIGN: "What should they know?",
        Action.ESCALATE: "Message to the leads",
        Action.ADD_NOTE: "Note",
    }
)
MOST_REASONS_AT_ONCE = 100
"""Slack accepts 250 kB per view; with more reasons, they appear only after an outcome is chosen."""

NO_PERSONAL_DATA = "Everybody in the channel will read this. No names, numbers or other personal data."

RECORDED_AFTERWARDS = (
    "Record what was decided in Ralio's portal. This only documents it: no second person has to confirm it."
)


def modal(
    state: ModalState, review: Review, rules: Policy, entered: Entered | None = None, remark: str = ""
) -> View:
    """The modal for an action, with what was entered before; `remark` (mrkdwn) stands above the fields."""
    entered = entered or Entered()
    blocks: list[Block] = []
    if remark:
        blocks.append(SectionBlock(text=MarkdownTextObject(text=remark)))
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=_about(review))]))
    match state.action:
        case Action.RESOLVE:
            four_eyes = frozenset(key for key in rules.outcomes if rules.needs_four_eyes(key, review))
            blocks += _decision_blocks(rules, entered, four_eyes)
        case Action.RECORD_DECISION:
            about = f"{verdict_words(review.session_state)}. {RECORDED_AFTERWARDS}"
            blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
            blocks += _decision_blocks(rules, entered)
        case Action.REASSIGN:
            blocks += [
                _person_block(review, rules, entered),
                _words_block(state.action, entered, optional=True),
            ]
        case Action.SNOOZE:
            blocks += _snooze_blocks(rules, entered)
        case _:
            blocks.append(_words_block(state.action, entered, optional=False))
    return SdkView(
        type="modal",
        callback_id=buttons.FORM,
        title=TITLES[state.action],
        submit=_SUBMITS[state.action],
        close="Cancel",
        private_metadata=state.text(),
        blocks=blocks,
    ).to_dict()


def closing_modal(title: str, text: str) -> View:
    """Replaces a modal that can no longer be submitted; `text` is mrkdwn."""
    blocks = [SectionBlock(text=MarkdownTextObject(text=text))]
    return SdkView(type="modal", title=title, close="Close", blocks=blocks).to_dict()


def _about(review: Review) -> str:
    subject = f", subject {code(review.subject_id)}" if review.subject_id else ""
    what = f"{QUEUE_NAMES[review.queue].capitalize()} review{number(review.id)}"
    return f"{what}, session {code(review.session_id)}{subject}"


def _decision_blocks(rules: Policy, entered: Entered, four_eyes: frozenset[str] = frozenset()) -> list[Block]:
    outcomes = [
        _option(outcome.label, key, "A second person has to confirm it" if key in four_eyes else None)
        for key, outcome in rules.outcomes.items()
    ]
    chosen = next((option for option in outcomes if option.value == entered.outcome), None)
    blocks: list[Block] = [
        InputBlock(
            block_id=OUTCOME,
            label="Outcome",
            element=StaticSelectElement(
                action_id=buttons.OUTCOME, placeholder="Choose", options=outcomes, initial_option=chosen
            ),
            # Choosing one replaces the list of reasons.
            dispatch_action=True,
        )
    ]
    if (reason := _reason_block(rules, entered)) is not None:
        blocks.append(reason)
    return [*blocks, _note_block(entered)]


def _reason_block(rules: Policy, entered: Entered) -> Block | None:
    """The reasons of the chosen outcome, or of all outcomes in groups while none is chosen.

    Each outcome has its own block id: otherwise Slack would keep the reason chosen for the previous outcome.
    """
    chosen = rules.outcomes.get(entered.outcome or "")
    if chosen is None:
        groups = [
            OptionGroup(label=outcome.label, options=_reasons(key, outcome))
            for key, outcome in rules.outcomes.items()
            if outcome.reasons
        ]
        if not 0 < sum(len(outcome.reasons) for outcome in rules.outcomes.values()) <= MOST_REASONS_AT_ONCE:
            return None
        element = StaticSelectElement(action_id=REASON, placeholder="Choose", option_groups=groups)
        return InputBlock(block_id=REASON, label="Reason", element=element, optional=True)
    outcome_key = entered.outcome or ""
    options = _reasons(outcome_key, chosen)
    if not options:
        return None
    value = reason_value(outcome_key, entered.reason or "")
    before = next((option for option in options if option.value == value), None)
    element = StaticSelectElement(
        action_id=REASON, placeholder="Choose", options=options, initial_option=before
    )
    return InputBlock(
        block_id=f"{REASON}_{outcome_key}",
        label="Reason",
        element=element,
        optional=not chosen.reason_required,
    )


def _reasons(key: str, outcome: Outcome) -> Sequence[Option]:
    return [
        _option(label, reason_value(key, reason), "Needs a note" if reason in outcome.note_required else None)
        for reason, label in outcome.reasons.items()
    ]


def _snooze_blocks(rules: Policy, entered: Entered) -> list[Block]:
    """The day on which work goes on, what the review waits for, and a note."""
    rule = rules.snooze
    hint = f"At most {rule.max_days} days from today. You keep the review, and its deadline pauses."
    day = DatePickerElement(action_id=DAY, placeholder="Choose a date", initial_date=entered.day)
    blocks: list[Block] = [InputBlock(block_id=DAY, label="Snooze until", hint=hint, element=day)]
    if rule.reasons:
        options = [
            _option(label, reason_value("", code_), "Needs a note" if code_ in rule.note_required else None)
            for code_, label in rule.reasons.items()
        ]
        before = next(
            (each for each in options if each.value == reason_value("", entered.reason or "")), None
        )
        element = StaticSelectElement(
            action_id=REASON, placeholder="Choose", options=options, initial_option=before
        )
        blocks.append(InputBlock(block_id=REASON, label="Reason", element=element))
    return [*blocks, _note_block(entered)]


def _option(label: str, value: str, description: str | None = None) -> Option:
    return Option(text=PlainTextObject(text=label), value=value, description=description)


def _note_block(entered: Entered) -> Block:
    return InputBlock(
        block_id=NOTE,
        label="Note",
        hint=NO_PERSONAL_DATA,
        optional=True,
        element=PlainTextInputElement(
            action_id=NOTE, multiline=True, max_length=MAX_WORDS, initial_value=entered.words
        ),
    )


def _words_block(action: Action, entered: Entered, *, optional: bool) -> Block:
    return InputBlock(
        block_id=WORDS,
        label=_WHY[action],
        hint=NO_PERSONAL_DATA,
        optional=optional,
        element=PlainTextInputElement(
            action_id=WORDS, multiline=True, max_length=MAX_WORDS, initial_value=entered.words
        ),
    )


def _person_block(review: Review, rules: Policy, entered: Entered) -> Block:
    named = [id_ for id_ in rules.roster.named() if id_ != review.claimed_by]
    element = UserSelectElement(action_id=TO, placeholder="Choose a person", initial_user=entered.to)
    hint = None if named else "Any member of the queue's channel may have it."
    return InputBlock(block_id=TO, label="Who shall have this review?", hint=hint, element=element)


def who_may_line(review: Review, rules: Policy) -> str:
    """The people a review can be reassigned to, for above the fields; empty if anyone may have it."""
    named = [id_ for id_ in rules.roster.named() if id_ != review.claimed_by]
    return f"These people may review this queue: {people(named, away=rules.roster.away)}." if named else ""
