"""What a person chose or typed in an element, in the shape that Slack sends."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.demo.blocks.completion import interactive_elements
from bot.demo.interactions.errors import InteractionError
from bot.demo.records import Json

_WITHOUT_STATE = ("button", "overflow")
_OPTION_TYPES = ("overflow", "radio_buttons", "static_select")
_OPTIONS_TYPES = ("checkboxes", "multi_static_select")
_FIELD: Mapping[str, str] = MappingProxyType(
    {
        "channels_select": "selected_channel",
        "checkboxes": "selected_options",
        "conversations_select": "selected_conversation",
        "datepicker": "selected_date",
        "email_text_input": "value",
        "multi_static_select": "selected_options",
        "multi_users_select": "selected_users",
        "number_input": "value",
        "overflow": "selected_option",
        "plain_text_input": "value",
        "radio_buttons": "selected_option",
        "static_select": "selected_option",
        "timepicker": "selected_time",
        "url_text_input": "value",
        "users_select": "selected_user",
    }
)


def selection(element: Json, given: object) -> Json:
    """Return the field that carries a choice, such as `selected_option`.

    `given` is a text, an option's value or label, an id, a whole option, or a list of these; InteractionError when an
    option does not exist.
    """
    kind = element["type"]
    field = _FIELD[kind]
    if kind in _OPTION_TYPES:
        return {field: find_option(element, given)}
    if kind in _OPTIONS_TYPES:
        chosen = given if isinstance(given, list) else [given]
        return {field: [find_option(element, each) for each in chosen]}
    if field == "selected_users":
        return {field: given if isinstance(given, list) else [given]}
    return {field: given}


def options(element: Json) -> list[Json]:
    """Return the options of a menu or choice, also those in groups."""
    groups = element.get("option_groups", [element])
    return [option for group in groups for option in group.get("options", [])]


def find_option(element: Json, given: object) -> Json:
    """Return the option with this value or label; InteractionError when there is none."""
    wanted = given.get("value") if isinstance(given, dict) else given
    found = options(element)
    for option in found:
        if option["value"] == wanted:
            return option
    for option in found:
        if isinstance(wanted, str) and option["text"]["text"].casefold() == wanted.casefold():
            return option
    raise InteractionError(f"no_such_option: {wanted!s:.80}")


def view_values(blocks: list[Json], given: Json) -> Json:
    """Return `state.values` of a view: what was given, else each element's initial value, else nothing.

    `given` maps block ids to action ids to values; a block with one element may map to the value itself.
    """
    values: Json = {}
    for block in blocks:
        entered = given.get(block["block_id"])
        for element in interactive_elements(block):
            if element["type"] in _WITHOUT_STATE:
                continue
            state = _element_state(element, entered)
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def _element_state(element: Json, entered: object) -> Json:
    given = entered
    if isinstance(entered, dict) and not _is_value(entered, element["action_id"]):
        given = entered.get(element["action_id"])
    if isinstance(given, dict) and "type" in given:
        return given
    kind = element["type"]
    if given is None or given == "":
        return {"type": kind, **_initial(element)}
    return {"type": kind, **selection(element, given)}


def _is_value(entered: Json, action_id: str) -> bool:
    """Tell a value (an option, a whole state) from a mapping of action ids to values."""
    return action_id not in entered and ("type" in entered or "value" in entered)


def _initial(element: Json) -> Json:
    field = _FIELD[element["type"]]
    initial = element.get(field.replace("selected_", "initial_") if field != "value" else "initial_value")
    empty: list[str] | None = [] if field in ("selected_options", "selected_users") else None
    return {field: empty if initial is None else initial}
