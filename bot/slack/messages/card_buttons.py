"""The card's buttons and the menu beside them, by the status of the review. Pure."""

from slack_sdk.models.blocks import (
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    MarkdownTextObject,
    OverflowMenuElement,
)

from bot.reviews.policy import Policy
from bot.reviews.review import TRANSITIONS, Action, Review, Status
from bot.slack.messages import buttons
from bot.slack.messages.as_json import PlainOption
from bot.slack.messages.mrkdwn import cut, person
from bot.slack.messages.review_title import outcome_text

CONFIRMATION_LENGTH = 300
"""What Slack's confirmation dialog can show."""


def elements(review: Review, rules: Policy, portal: str = "") -> list[InteractiveElement]:
    """The buttons for the status, `History`, the link to the session at `portal` (empty if unknown), and the menu."""
    shown: list[InteractiveElement] = [*state_buttons(review, rules)]
    if portal:
        shown.append(portal_button(portal))
    shown.append(_button("History", buttons.HISTORY, review))
    if options := _options(review):
        shown.append(OverflowMenuElement(action_id=buttons.MENU, options=options))
    return shown


def resolve_button(review: Review) -> ButtonElement:
    """`Resolve`, which opens the modal for a decision."""
    return _button("Resolve", "review_resolve", review, style="primary")


def release_button(review: Review) -> ButtonElement:
    """`Release`. A late press frees the claim that the person saw, never a newer one."""
    return _button("Release", "review_release", review, step=review.revision)


def confirm_button(review: Review, rules: Policy) -> ButtonElement:
    """`Confirm`, which asks first. People only confirm a proposal that they have seen: it works for no later one."""
    button = _button("Confirm", "review_confirm", review, style="primary", step=review.revision)
    button.confirm = _confirmation(review, rules)
    return button


def send_back_button(review: Review) -> ButtonElement:
    """`Send back`, which opens the modal for the reason."""
    return _button("Send back", "review_send_back", review)


def portal_button(url: str) -> ButtonElement:
    """`Open in portal`, a link to the session's page at Ralio."""
    return ButtonElement(text="Open in portal", action_id=buttons.PORTAL_OPEN, url=url)


def state_buttons(review: Review, rules: Policy) -> list[ButtonElement]:
    """The buttons that change the review, which lists have, too."""
    match review.status:
        case Status.OPEN:
            return [_button("Claim", "review_claim", review, style="primary", step=review.revision)]
        case Status.CLAIMED:
            return [resolve_button(review), release_button(review)]
        case Status.PROPOSED:
            return [confirm_button(review, rules), send_back_button(review)]
        case Status.DECIDED:
            return [_button("Reopen", "review_reopen", review)]
        case Status.CLOSED if review.lacks_decision:
            return [_button("Record decision", "review_record_decision", review)]
        case Status.CLOSED:
            return []


def _button(
    label: str, action_id: str, review: Review, style: str | None = None, step: int | None = None
) -> ButtonElement:
    value = buttons.value(review.session_id, step)
    return ButtonElement(text=label, action_id=action_id, value=value, style=style)


def _confirmation(review: Review, rules: Policy) -> ConfirmObject:
    """Slack asks before it reports the press, so no one confirms another outcome than they meant to."""
    who = person(review.decided_by) if review.decided_by else "someone"
    text = f"{who} proposed {outcome_text(review, rules)}."
    return ConfirmObject(
        title="Confirm this decision?",
        text=MarkdownTextObject(text=cut(text, CONFIRMATION_LENGTH)),
        confirm="Confirm",
        deny="Cancel",
    )


def _options(review: Review) -> list[PlainOption]:
    hidden = Action.RESUME if review.snoozed_until is None else Action.SNOOZE
    return [
        PlainOption(label, action.value)
        for action, label in buttons.MENU_ACTIONS.items()
        if (review.status, action) in TRANSITIONS and action is not hidden
    ]
