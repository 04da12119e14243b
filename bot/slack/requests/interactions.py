"""What a signed Slack interaction requests: from the field `payload` to an action request.

Payloads as on https://docs.slack.dev/reference/interaction-payloads. Only what is needed is read; unknown keys, and
interactions of other parts of the same app, are ignored.
"""

from dataclasses import dataclass, replace
from datetime import date

from pydantic import ValidationError

from bot.reviews.action_request import ActionRequest, Actor
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.reviews.snooze import Snooze
from bot.slack.messages import buttons
from bot.slack.requests import modal_state
from bot.slack.requests.modal_state import Entered, ModalState, read_entered
from bot.slack.requests.payloads import Interaction, Pressed, form_fields, request_id
from bot.store.tables.worklist import Expanded

MAX_FIELDS = 20


@dataclass(frozen=True, slots=True)
class ActionClicked:
    """A person pressed a button whose action needs nothing else. `trigger_id` opens a modal within three seconds."""

    request: ActionRequest
    trigger_id: str


@dataclass(frozen=True, slots=True)
class ModalRequested:
    """A person pressed a button whose action needs a modal, which `trigger_id` opens within three seconds."""

    request: ActionRequest
    trigger_id: str


@dataclass(frozen=True, slots=True)
class HistoryRequested:
    """A person wants to see everything that happened, in a modal, which `trigger_id` opens within three seconds."""

    request: ActionRequest
    trigger_id: str


@dataclass(frozen=True, slots=True)
class HistoryPageTurned:
    """A person wants another page of the history that is open as `view_id`; the newest is page 0."""

    request: ActionRequest
    page: int
    view_id: str
    view_hash: str


@dataclass(frozen=True, slots=True)
class ClaimNextClicked:
    """A person wants the review that has waited longest. `trigger_id` opens a modal within three seconds."""

    request: ActionRequest
    trigger_id: str


@dataclass(frozen=True, slots=True)
class HomeListClicked:
    """A person wants to see more of a list on their home tab; `expanded` is None to see less again.

    `trigger_id` opens a modal within three seconds.
    """

    actor: Actor
    expanded: Expanded | None
    trigger_id: str


@dataclass(frozen=True, slots=True)
class OutcomeChosen:
    """A person chose an outcome or a reason in the modal that is open as `view_id`; `request` is the modal's.

    `chosen_at` is Slack's time of the choice.
    """

    request: ActionRequest
    state: ModalState
    entered: Entered
    view_id: str
    view_hash: str
    chosen_at: str


@dataclass(frozen=True, slots=True)
class ModalSubmitted:
    """A person submitted a modal; `entered` is what it shows again if something is wrong."""

    request: ActionRequest
    state: ModalState
    entered: Entered


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """A signed interaction that requests nothing the bot offers."""

    what: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Signed, but not one of Slack's documented payloads; `problem` names the place, never a value."""

    problem: str


Click = ActionClicked | ModalRequested | HistoryRequested | ClaimNextClicked
Read = (
    Click | HistoryPageTurned | HomeListClicked | OutcomeChosen | ModalSubmitted | NothingToDo | NotUnderstood
)


def read_interaction(body: bytes, now: int, signature: str = "") -> Read:
    """Read the form of a request with this right signature, received at `now` (milliseconds); never raises."""
    try:
        payload = form_payload(body)
    except ValueError:
        return NotUnderstood("the form has no single field payload")
    try:
        interaction = Interaction.model_validate_json(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return NotUnderstood(f"payload.{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}")
    match interaction.type:
        case "block_actions":
            return _identified(_pressed(interaction, now), interaction, signature)
        case "view_submission":
            return _identified(_submitted(interaction, now), interaction, signature)
        case other:
            return NothingToDo(other)


def form_payload(body: bytes) -> str:
    """Return the value of the form's one field `payload`; ValueError for any other form."""
    if not all(b"=" in field for field in body.split(b"&")):
        raise ValueError("a field without a value")
    (payload,) = [value for name, value in form_fields(body, MAX_FIELDS) if name == "payload" and value]
    return payload


def _identified(read: Read, interaction: Interaction, signature: str) -> Read:
    """The same, with what identifies the request; a form and the press that opened it are two requests."""
    if isinstance(read, HistoryPageTurned | HomeListClicked | OutcomeChosen | NothingToDo | NotUnderstood):
        return read
    what = f"{interaction.type}:{read.request.session_id}"
    identity = request_id(what, interaction.trigger_id, signature)
    return replace(read, request=replace(read.request, request_id=identity))


def _submitted(interaction: Interaction, now: int) -> Read:
    view = interaction.view
    if view is None or view.callback_id != buttons.FORM:
        return NothingToDo("view_submission")
    state, actor = ModalState.read(view.private_metadata), interaction.actor()
    if state is None or actor is None:
        return NotUnderstood("payload.view: not a form of this bot, or without a user")
    entered = read_entered(view.values())
    return ModalSubmitted(_request_of_modal(state, entered, actor, now), state, entered)


def _request_of_modal(state: ModalState, entered: Entered, actor: Actor, now: int) -> ActionRequest:
    """A refusal is shown in the modal itself, so the request names no channel."""
    decision = snooze = None
    if state.action in buttons.DECIDES:
        decision = Decision(entered.outcome or "", entered.reason, entered.words)
    if state.action is Action.SNOOZE:
        snooze = Snooze(_date(entered.day), entered.reason, entered.words)
    return ActionRequest(
        state.action,
        actor,
        state.session_id,
        now,
        decision=decision,
        target=entered.to,
        snooze=snooze,
        comment=None if decision or snooze else entered.words,
        seen_revision=state.revision,
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _pressed(interaction: Interaction, now: int) -> Read:  # noqa: C901 - one case each
    if not interaction.actions:
        return NotUnderstood("payload.actions: empty")
    pressed = interaction.actions[0]
    actor = interaction.actor()
    match pressed.action_id:
        case buttons.MENU:
            action, value = _menu_action(pressed), _menu_session(interaction, pressed)
        case buttons.OUTCOME | modal_state.REASON:
            return _outcome_chosen(interaction, pressed, actor, now)
        case buttons.HISTORY_OLDER | buttons.HISTORY_NEWER:
            return _page_turned(interaction, pressed, actor, now)
        case buttons.HOME_CLAIM_NEXT:
            if actor is None:
                return NotUnderstood("payload.user: missing")
            request = ActionRequest(Action.CLAIM, actor, None, now, from_home=True)
            return ClaimNextClicked(request, interaction.trigger_id)
        case buttons.HOME_MORE | buttons.HOME_PREVIOUS | buttons.HOME_LESS:
            if actor is None:
                return NotUnderstood("payload.user: missing")
            is_less = pressed.action_id == buttons.HOME_LESS
            expanded = None if is_less else Expanded.read(pressed.value or "")
            return HomeListClicked(actor, expanded, interaction.trigger_id)
        case buttons.HOME_CLAIM:
            action, value = Action.CLAIM, pressed.value
        case other:
            action, value = buttons.BUTTONS.get(other), pressed.value
    if action is None:
        return NothingToDo(pressed.action_id)
    about = buttons.read_value(value or "")
    if actor is None or about is None:
        return NotUnderstood("payload: a button without a user or a session")
    return _clicked(interaction, actor, action, about, now)


def _clicked(
    interaction: Interaction, actor: Actor, action: Action, about: tuple[str, int | None], now: int
) -> Read:
    is_at_home = interaction.is_at_home or interaction.actions[0].action_id == buttons.HOME_CLAIM
    channel = None if is_at_home else interaction.channel_id()
    if channel is None and not is_at_home:
        return NotUnderstood("payload.channel: missing")
    session_id, revision = about
    request = ActionRequest(
        action,
        actor,
        session_id,
        now,
        seen_revision=revision,
        channel=channel,
        message_ts=None if is_at_home else interaction.message_ts(),
        from_home=is_at_home,
        from_list=interaction.is_in_list and not is_at_home,
    )
    if action is Action.SEE_HISTORY:
        return HistoryRequested(request, interaction.trigger_id)
    if action in buttons.OPENS_MODAL:
        return ModalRequested(request, interaction.trigger_id)
    return ActionClicked(request, interaction.trigger_id)


def _menu_action(pressed: Pressed) -> Action | None:
    chosen = pressed.chosen()
    return next((action for action in buttons.MENU_ACTIONS if action.value == chosen), None)


def _menu_session(interaction: Interaction, pressed: Pressed) -> str | None:
    """The session is in the block's id, or where Slack leaves that out in the message's metadata."""
    return buttons.session_of_block(pressed.block_id) or interaction.session_of_message()


def _page_turned(interaction: Interaction, pressed: Pressed, actor: Actor | None, now: int) -> Read:
    view, about = interaction.view, buttons.read_value(pressed.value or "")
    if view is None or actor is None or about is None:
        return NothingToDo(pressed.action_id)
    session_id, page = about
    request = ActionRequest(Action.SEE_HISTORY, actor, session_id, now)
    return HistoryPageTurned(request, page or 0, view.id, view.hash)


def _outcome_chosen(interaction: Interaction, pressed: Pressed, actor: Actor | None, now: int) -> Read:
    view, chosen = interaction.view, pressed.chosen()
    state = ModalState.read(view.private_metadata) if view else None
    if (
        view is None
        or state is None
        or actor is None
        or chosen is None
        or state.action not in buttons.DECIDES
    ):
        return NothingToDo(pressed.action_id)
    entered = read_entered(view.values())
    if pressed.action_id == buttons.OUTCOME:
        entered = replace(entered, outcome=chosen)
    # Only what is submitted depends on the revision that the person saw.
    request = ActionRequest(state.action, actor, state.session_id, now)
    chosen_at = pressed.action_ts or f"{now / 1000:.6f}"
    return OutcomeChosen(request, state, entered, view.id, view.hash, chosen_at)
