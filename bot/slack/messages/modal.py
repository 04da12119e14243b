"""The modals behind the buttons, such as resolve, snooze or add note. Pure.

A modal carries its whole state in its private_metadata, so any instance of the bot can handle its submission.
Limits: https://docs.slack.dev/reference/views/modal-views.
"""

from collections.abc import Mapping
from types import MappingProxyType

from slack_sdk.models.blocks import (
    AlertBlock,
    Block,
    ContextBlock,
    DatePickerElement,
    InputBlock,
    MarkdownTextObject,
    SectionBlock,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View as SdkView

from bot.reviews.policy import Policy
from bot.reviews.review import Action, Review
from bot.reviews.sent_back import FormerProposal
from bot.slack.api.client import View
from bot.slack.messages import buttons
from bot.slack.messages.as_json import PlainOption, as_json
from bot.slack.messages.card_checks import check_lists
from bot.slack.messages.decision_fields import decision_fields
from bot.slack.messages.modal_fields import NEEDS_NOTE, note_block, required, words_block
from bot.slack.messages.mrkdwn import QUEUE_NAMES, code, number, one_line, people, person
from bot.slack.messages.status_text import verdict_words
from bot.slack.requests.modal_state import DAY, REASON, TO, Entered, ModalState, reason_value

TITLES: Mapping[Action, str] = MappingProxyType(
    {
        Action.RESOLVE: "Record a decision",
        Action.SEND_BACK: "Send back",
        Action.TAKE_OVER: "Take over",
        Action.REOPEN: "Reopen",
        Action.REASSIGN: "Reassign",
        Action.ESCALATE: "Escalate",
        Action.RECORD_DECISION: "Record decision",
        Action.ADD_NOTE: "Add note",
        Action.SNOOZE: "Snooze",
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
        Action.SEND_BACK: "Why are you sending this back?",
        Action.TAKE_OVER: "Why are you taking this over?",
        Action.REOPEN: "Why are you reopening this?",
        Action.REASSIGN: "What should they know?",
        Action.ESCALATE: "Message to the leads",
        Action.ADD_NOTE: "Note",
    }
)

RECORDED_AFTERWARDS = (
    "Record what was decided in Ralio's portal. This is for the record only and needs no confirmation."
)

WHY_LENGTH = 300


def modal(
    state: ModalState,
    review: Review,
    rules: Policy,
    entered: Entered | None = None,
    remark: str = "",
    *,
    warning: str = "",
    takes_alerts: bool = False,
) -> View:
    """The modal for an action, with what was entered before.

    `remark` (mrkdwn) is above the fields, and so is `warning`, as an alert if Slack accepts that block.
    """
    entered = entered or Entered()
    blocks: list[Block] = []
    if warning:
        blocks.append(_warning(warning, takes_alerts=takes_alerts))
    if remark:
        blocks.append(_section(remark))
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=_about(review))]))
    match state.action:
        case Action.RESOLVE:
            four_eyes = frozenset(key for key in rules.outcomes if rules.needs_four_eyes(key, review))
            blocks += [_section(text) for text in check_lists(review)]
            blocks += decision_fields(rules, entered, four_eyes)
        case Action.RECORD_DECISION:
            blocks += [_section(text) for text in check_lists(review)]
            about = f"{verdict_words(review.session_state)}. {RECORDED_AFTERWARDS}"
            blocks.append(ContextBlock(elements=[MarkdownTextObject(text=about)]))
            blocks += decision_fields(rules, entered)
        case Action.REASSIGN:
            blocks += [
                _person_block(review, rules, entered),
                words_block(_WHY[state.action], entered, optional=True),
            ]
        case Action.SNOOZE:
            blocks += _snooze_blocks(rules, entered)
        case _:
            blocks.append(words_block(_WHY[state.action], entered, optional=False))
    return as_json(
        SdkView(
            type="modal",
            callback_id=buttons.FORM,
            title=TITLES[state.action],
            submit=_SUBMITS[state.action],
            close="Cancel",
            private_metadata=state.text(),
            blocks=blocks,
        )
    )


def closing_modal(title: str, text: str) -> View:
    """Replaces a modal that can no longer be submitted; `text` is mrkdwn."""
    return as_json(SdkView(type="modal", title=title, close="Close", blocks=[_section(text)]))


def sent_back_line(former: FormerProposal) -> str:
    """Who sent the person's proposal back, and why; empty if no one did."""
    if not former.sent_back_by:
        return ""
    why = f": {code(one_line(former.why, WHY_LENGTH))}" if former.why else ""
    return f"{person(former.sent_back_by)} sent your decision back{why}"


def who_can_line(review: Review, rules: Policy) -> str:
    """The people a review can be reassigned to, for above the fields; empty if anyone can have it."""
    named = [id_ for id_ in rules.roster.named() if id_ != review.claimed_by]
    return f"Reviewers of this queue: {people(named, away=rules.roster.away)}." if named else ""


def _section(text: str) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=text))


def _warning(text: str, *, takes_alerts: bool) -> Block:
    if takes_alerts:
        return AlertBlock(text=MarkdownTextObject(text=text), level="warning")
    return _section(f"⚠️ {text}")


def _about(review: Review) -> str:
    subject = f" · subject {code(review.subject_id)}" if review.subject_id else ""
    what = f"*{QUEUE_NAMES[review.queue].capitalize()} review{number(review.id)}*"
    return f"{what} · session {code(review.session_id)}{subject}"


def _snooze_blocks(rules: Policy, entered: Entered) -> list[Block]:
    """The day on which work continues, what the review is waiting for, and a note."""
    rule = rules.snooze
    hint = f"At most {rule.max_days} days from today. You keep the review, and its deadline pauses."
    day = DatePickerElement(action_id=DAY, placeholder="Choose a date", initial_date=entered.day)
    blocks: list[Block] = [InputBlock(block_id=DAY, label=required("Snooze until"), hint=hint, element=day)]
    if rule.reasons:
        options = [
            PlainOption(label, reason_value("", code_), NEEDS_NOTE if code_ in rule.note_required else None)
            for code_, label in rule.reasons.items()
        ]
        before = next(
            (each for each in options if each.value == reason_value("", entered.reason or "")), None
        )
        element = StaticSelectElement(
            action_id=REASON, placeholder="Choose", options=options, initial_option=before
        )
        blocks.append(InputBlock(block_id=REASON, label=required("Reason"), element=element))
    return [*blocks, note_block(entered)]


def _person_block(review: Review, rules: Policy, entered: Entered) -> Block:
    named = [id_ for id_ in rules.roster.named() if id_ != review.claimed_by]
    element = UserSelectElement(action_id=TO, placeholder="Choose a person", initial_user=entered.to)
    hint = None if named else "Any member of the queue's channel can have it."
    return InputBlock(block_id=TO, label=required("Reassign to"), hint=hint, element=element)
