"""The card's buttons and the menu beside them, by the status of the review. Pure."""

from slack_sdk.models.blocks import (
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
)

from bot.reviews.policy import Policy
from bot.reviews.review import TRANSITIONS, Review, Status
from bot.slack.messages import buttons
from bot.slack.messages.mrkdwn import cut, escaped, person
from bot.slack.messages.status_text import reason_words

CONFIRMATION_LENGTH = 300
"""What Slack's confirmation dialog can show."""


def elements(review: Review, rules: Policy) -> list[InteractiveElement]:
    """The buttons for the status, and the menu beside them."""
    match review.status:
        case Status.OPEN:
            return [_button("Claim", "review_claim", review, style="primary", step=review.revision)]
        case Status.CLAIMED:
            resolve = _button("Resolve", "review_resolve", review, style="primary")
            # A late press frees the claim that the person saw, never a newer one.
            release = _button("Release", "review_release", review, step=review.revision)
            return [resolve, release, _menu(review)]
        case Status.PROPOSED:
            # People only confirm a proposal that they have seen: this button works for no later one.
            confirm = _button("Confirm", "review_confirm", review, style="primary", step=review.revision)
            confirm.confirm = _confirmation(review, rules)
            return [confirm, _button("Send back", "review_send_back", review), _menu(review)]
        case Status.DECIDED:
            return [_button("Reopen", "review_reopen", review), _menu(review)]
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
    outcome = f"*{escaped(rules.label_of(review.outcome))}*{reason_words(review, rules)}"
    text = f"{outcome}, proposed by {person(review.decided_by or '')}."
    return ConfirmObject(
        title="Confirm this decision?",
        text=MarkdownTextObject(text=cut(text, CONFIRMATION_LENGTH)),
        confirm="Confirm",
        deny="Cancel",
    )


def _menu(review: Review) -> OverflowMenuElement:
    options = [
        Option(text=PlainTextObject(text=label), value=action.value)
        for action, label in buttons.MENU_ACTIONS.items()
        if (review.status, action) in TRANSITIONS
    ]
    return OverflowMenuElement(action_id=buttons.MENU, options=options)
