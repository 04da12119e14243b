"""Finds the button or menu that a person means, and makes the action that Slack sends for it."""

from dataclasses import dataclass

from bot.demo.blocks.completion import interactive_elements
from bot.demo.interactions.errors import InteractionError
from bot.demo.interactions.selection import find_option, options, selection
from bot.demo.records import Json

_SENT_FIELDS = ("type", "action_id", "text", "value", "style", "url", "placeholder")


@dataclass(frozen=True, slots=True)
class Press:
    """What a person presses: by `action_id`, by `label`, or a raw `action`; `choice` is an option or id."""

    action_id: str | None = None
    block_id: str | None = None
    label: str | None = None
    choice: object = None
    action: Json | None = None


def pressed_action(blocks: list[Json], press: Press, action_ts: str) -> Json:
    """Return the entry of `actions` for a press; InteractionError when there is no such element."""
    if press.action is not None:
        return {**press.action, "action_ts": action_ts}
    if press.action_id is None and press.label is None:
        raise InteractionError("name an action_id, a label or an action", 400)
    for block in blocks:
        if press.block_id not in (None, block["block_id"]):
            continue
        for element in interactive_elements(block):
            if _is_meant(element, press):
                return _action(block, element, press, action_ts)
    raise InteractionError(f"no_such_element: {press.action_id or press.label}")


def _is_meant(element: Json, press: Press) -> bool:
    if press.action_id is not None:
        return bool(element["action_id"] == press.action_id)
    return press.label is not None and press.label.casefold() in _labels(element)


def _labels(element: Json) -> list[str]:
    texts = [element["text"]] if "text" in element else []
    texts += [option["text"] for option in options(element)]
    return [text["text"].casefold() for text in texts]


def _action(block: Json, element: Json, press: Press, action_ts: str) -> Json:
    action = {name: element[name] for name in _SENT_FIELDS if name in element}
    action |= {"block_id": block["block_id"], "action_ts": action_ts}
    if element["type"] == "button":
        return action
    choice = press.choice if press.choice is not None else press.label
    if choice is None:
        raise InteractionError("name an option: value, selected_option or selected_user", 400)
    if element["type"] == "overflow":
        return {**action, "selected_option": find_option(element, choice)}
    return {**action, **selection(element, choice)}
