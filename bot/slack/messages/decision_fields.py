"""The fields for a decision: the outcome, its reasons once it is chosen, and a note. Pure."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, StaticSelectElement

from bot.reviews.policy import Outcome, Policy
from bot.slack.messages import buttons
from bot.slack.messages.as_json import PlainOption
from bot.slack.messages.modal_fields import NEEDS_NOTE, note_block, required
from bot.slack.requests.modal_state import OUTCOME, REASON, Entered, reason_block, reason_value


def decision_fields(rules: Policy, entered: Entered, four_eyes: frozenset[str] = frozenset()) -> list[Block]:
    """The fields, filled in with what was entered; outcomes in `four_eyes` say that they need confirmation."""
    outcomes = [
        PlainOption(outcome.label, key, "Needs confirmation by a second person" if key in four_eyes else None)
        for key, outcome in rules.outcomes.items()
    ]
    chosen = next((each for each in outcomes if each.value == entered.outcome), None)
    blocks: list[Block] = [
        InputBlock(
            block_id=OUTCOME,
            label=required("Outcome"),
            element=StaticSelectElement(
                action_id=buttons.OUTCOME, placeholder="Choose", options=outcomes, initial_option=chosen
            ),
            # Choosing one shows its reasons.
            dispatch_action=True,
        )
    ]
    outcome = rules.outcomes.get(entered.outcome or "")
    if outcome is None or not outcome.reasons:
        return [*blocks, note_block(entered)]
    blocks.append(_reason_field(entered.outcome or "", outcome, entered))
    return [*blocks, note_block(entered, is_required=entered.reason in outcome.note_required)]


def _reason_field(key: str, outcome: Outcome, entered: Entered) -> Block:
    """Each outcome has its own block id: otherwise Slack would keep the reason chosen for the previous outcome."""
    options = _reasons(key, outcome)
    value = reason_value(key, entered.reason or "")
    element = StaticSelectElement(
        action_id=REASON,
        placeholder="Choose",
        options=options,
        initial_option=next((each for each in options if each.value == value), None),
    )
    return InputBlock(
        block_id=reason_block(key),
        label=required("Reason") if outcome.reason_required else "Reason",
        element=element,
        optional=not outcome.reason_required,
        # Choosing one can make the note required.
        dispatch_action=bool(outcome.note_required) or None,
    )


def _reasons(key: str, outcome: Outcome) -> Sequence[PlainOption]:
    return [
        PlainOption(label, reason_value(key, reason), NEEDS_NOTE if reason in outcome.note_required else None)
        for reason, label in outcome.reasons.items()
    ]
