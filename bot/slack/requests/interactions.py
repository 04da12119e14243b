"""What a signed interaction of Slack means: from the form's `payload` to a person's wish.

Payloads as on https://docs.slack.dev/reference/interaction-payloads. Only what is needed is read; unknown keys, and
whatever else the app may receive, are left alone.
"""

from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from pydantic import ValidationError

from bot.reviews.review import Action
from bot.slack.messages import buttons
from bot.slack.requests.actor import Actor
from bot.slack.requests.modal_state import Entered, FormState, read_entered
from bot.slack.requests.payloads import Interaction, Pressed


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A person asks for something about a review; `channel` is where they saw it, None for their home tab.

    `trigger_id` allows a form to be shown within three seconds; `seen_revision` is the review's on the card they saw.
    """

    actor: Actor
    action: Action
    session_id: str
    channel: str | None
    trigger_id: str
    seen_revision: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimNextPressed:
    """A person wants the review that waits for longest."""

    actor: Actor
    trigger_id: str


@dataclass(frozen=True, slots=True)
class OutcomeChosen:
    """A person chose an outcome in the form that is open as `view_id`."""

    actor: Actor
    form: FormState
    entered: Entered
    view_id: str
    view_hash: str


@dataclass(frozen=True, slots=True)
class FormSubmitted:
    """A person filled in a form."""

    actor: Actor
    form: FormState
    entered: Entered


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """A signed interaction that asks for nothing that the bot does."""

    what: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Signed, but not one of Slack's documented payloads; `problem` names the place, never a value."""

    problem: str


Read = ButtonPressed | ClaimNextPressed | OutcomeChosen | FormSubmitted | NothingToDo | NotUnderstood


def read_interaction(body: bytes) -> Read:
    """Read the form of a request whose signature was found right; never raises."""
    try:
        payload = form_payload(body)
    except (ValueError, KeyError):
        return NotUnderstood("the form has no single field payload")
    try:
        interaction = Interaction.model_validate_json(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return NotUnderstood(f"payload.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}")
    match interaction.type:
        case "block_actions":
            return _pressed(interaction)
        case "view_submission":
            return _submitted(interaction)
        case other:
            return NothingToDo(other)


def form_payload(body: bytes) -> str:
    """Return the value of the form's one field `payload`; KeyError or ValueError for any other form."""
    (payload,) = parse_qs(body.decode("utf-8"), strict_parsing=True, max_num_fields=20)["payload"]
    return payload


def _submitted(interaction: Interaction) -> Read:
    view = interaction.view
    if view is None or view.callback_id != buttons.FORM:
        return NothingToDo("view_submission")
    form, actor = FormState.read(view.private_metadata), interaction.actor()
    if form is None or actor is None:
        return NotUnderstood("payload.view: not a form of this bot, or without a user")
    return FormSubmitted(actor, form, read_entered(view.values()))


def _pressed(interaction: Interaction) -> Read:
    if not interaction.actions:
        return NotUnderstood("payload.actions: empty")
    pressed = interaction.actions[0]
    actor = interaction.actor()
    match pressed.action_id:
        case buttons.MENU:
            action, value = _menu_action(pressed), _menu_session(interaction, pressed)
        case buttons.OUTCOME:
            return _outcome_chosen(interaction, pressed, actor)
        case buttons.HOME_CLAIM_NEXT:
            return (
                ClaimNextPressed(actor, interaction.trigger_id)
                if actor
                else NotUnderstood("payload.user: missing")
            )
        case buttons.HOME_CLAIM:
            action, value = Action.CLAIM, pressed.value
        case other:
            action, value = buttons.BUTTONS.get(other), pressed.value
    if action is None:
        return NothingToDo(pressed.action_id)
    about = buttons.read_value(value or "")
    if actor is None or about is None:
        return NotUnderstood("payload: a button without a user or a session")
    return _button(interaction, actor, action, about)


def _button(interaction: Interaction, actor: Actor, action: Action, about: tuple[str, int | None]) -> Read:
    is_at_home = interaction.actions[0].action_id == buttons.HOME_CLAIM
    channel = interaction.channel_id()
    if channel is None and not is_at_home:
        return NotUnderstood("payload.channel: missing")
    session_id, step = about
    return ButtonPressed(
        actor, action, session_id, None if is_at_home else channel, interaction.trigger_id, step
    )


def _menu_action(pressed: Pressed) -> Action | None:
    chosen = pressed.chosen()
    return next((action for action in buttons.MENU_ACTIONS if action.value == chosen), None)


def _menu_session(interaction: Interaction, pressed: Pressed) -> str | None:
    """The session stands in the block's id; whoever leaves that out may still send the message's metadata."""
    return buttons.session_of_block(pressed.block_id) or interaction.session_of_message()


def _outcome_chosen(interaction: Interaction, pressed: Pressed, actor: Actor | None) -> Read:
    view, outcome = interaction.view, pressed.chosen()
    form = FormState.read(view.private_metadata) if view else None
    if view is None or form is None or actor is None or outcome is None:
        return NothingToDo(pressed.action_id)
    entered = replace(read_entered(view.values()), outcome=outcome)
    return OutcomeChosen(actor, form, entered, view.id, view.hash)
