"""The rules for elements: buttons, menus, choices, inputs; and where each can be."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.demo.blocks.objects import (
    ID_MOST,
    LABEL_MOST,
    URL_MOST,
    VALUE_MOST,
    check_confirm,
    check_option,
    check_options,
    check_style,
    check_text,
    check_text_field,
)
from bot.demo.blocks.problems import Problems
from bot.demo.records import Json

_PLACEHOLDER_MOST = 150
_SELECT_OPTIONS_MOST = 100
_OVERFLOW_OPTIONS_MOST = 5
_CHOICE_OPTIONS_MOST = 10
_INPUT_LENGTH_MOST = 3000
_ALT_TEXT_MOST = 2000

_Check = Callable[[Json, str, Problems], None]


def check_element(element: Json, pointer: str, problems: Problems, allowed: frozenset[str]) -> None:
    """Check an element, and that it is allowed where it is."""
    kind = element.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        problems.add(f"{pointer}/type", "unsupported_type", f"unsupported element type: {kind!s:.40}")
        return
    if kind != "image":
        problems.string(element, "action_id", pointer, most=ID_MOST)
        check_confirm(element, pointer, problems)
    _CHECKS[kind](element, pointer, problems)


def _button(element: Json, pointer: str, problems: Problems) -> None:
    check_text_field(element, "text", pointer, problems, most=LABEL_MOST)
    problems.string(element, "value", pointer, most=VALUE_MOST, least=0)
    problems.string(element, "url", pointer, most=URL_MOST)
    problems.string(element, "accessibility_label", pointer, most=LABEL_MOST)
    check_style(element, pointer, problems)


def _overflow(element: Json, pointer: str, problems: Problems) -> None:
    check_options(element, pointer, problems, most=_OVERFLOW_OPTIONS_MOST)


def _select(element: Json, pointer: str, problems: Problems) -> None:
    _placeholder(element, pointer, problems)
    if "option_groups" not in element:
        check_options(element, pointer, problems, most=_SELECT_OPTIONS_MOST)
        _initial_option(element, pointer, problems)
        return
    groups = problems.records(element, "option_groups", pointer, least=1, most=_SELECT_OPTIONS_MOST)
    for index, group in enumerate(groups):
        place = f"{pointer}/option_groups/{index}"
        check_text_field(group, "label", place, problems, most=LABEL_MOST)
        check_options(group, place, problems, most=_SELECT_OPTIONS_MOST)
    _initial_option(element, pointer, problems)


def _initial_option(element: Json, pointer: str, problems: Problems) -> None:
    initial = problems.record(element, "initial_option", pointer)
    groups = element.get("option_groups", [element])
    if initial is None or not isinstance(groups, list):
        return
    check_option(initial, f"{pointer}/initial_option", problems, plain=False)
    lists = [group.get("options") for group in groups if isinstance(group, dict)]
    options = [option for each in lists if isinstance(each, list) for option in each]
    values = [option.get("value") for option in options if isinstance(option, dict)]
    if initial.get("value") not in values:
        problems.add(
            f"{pointer}/initial_option", "invalid_value", "initial option must be one of the options"
        )


def _placeholder(element: Json, pointer: str, problems: Problems) -> None:
    check_text_field(element, "placeholder", pointer, problems, most=_PLACEHOLDER_MOST, required=False)


def _choices(element: Json, pointer: str, problems: Problems) -> None:
    check_options(element, pointer, problems, most=_CHOICE_OPTIONS_MOST, plain=False)
    _initial_option(element, pointer, problems)


def _text_input(element: Json, pointer: str, problems: Problems) -> None:
    _placeholder(element, pointer, problems)
    problems.string(element, "initial_value", pointer, most=_INPUT_LENGTH_MOST, least=0)
    for name, least in (("min_length", 0), ("max_length", 1)):
        value = element.get(name)
        if value is not None and not (type(value) is int and least <= value <= _INPUT_LENGTH_MOST):
            problems.add(f"{pointer}/{name}", "invalid_value", f"must be {least} to {_INPUT_LENGTH_MOST}")


def _image(element: Json, pointer: str, problems: Problems) -> None:
    problems.string(element, "alt_text", pointer, most=_ALT_TEXT_MOST, required=True)
    if "slack_file" not in element:
        problems.string(element, "image_url", pointer, most=URL_MOST, required=True)
    title = problems.record(element, "title", pointer)
    if title is not None:
        check_text(title, f"{pointer}/title", problems, most=VALUE_MOST, plain=True)


_CHECKS: Mapping[str, _Check] = MappingProxyType(
    {
        "button": _button,
        "channels_select": _placeholder,
        "checkboxes": _choices,
        "conversations_select": _placeholder,
        "datepicker": _placeholder,
        "email_text_input": _placeholder,
        "image": _image,
        "multi_static_select": _select,
        "multi_users_select": _placeholder,
        "number_input": _placeholder,
        "overflow": _overflow,
        "plain_text_input": _text_input,
        "radio_buttons": _choices,
        "static_select": _select,
        "timepicker": _placeholder,
        "url_text_input": _placeholder,
        "users_select": _placeholder,
    }
)

_INPUTS_ONLY = frozenset({"email_text_input", "number_input", "plain_text_input", "url_text_input"})
_MENUS = frozenset(_CHECKS) - _INPUTS_ONLY - {"image"}
IN_ACTIONS = _MENUS - {"multi_static_select", "multi_users_select"}
IN_ACCESSORY = _MENUS | {"image"}
IN_INPUT = (_MENUS - {"button", "overflow"}) | _INPUTS_ONLY
image_rules = _image
