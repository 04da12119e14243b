"""The rules for blocks, messages and views as Slack enforces them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.demo.blocks.elements import IN_ACCESSORY, IN_ACTIONS, IN_INPUT, check_element, image_rules
from bot.demo.blocks.objects import ID_MOST, TEXT_MOST, check_text, check_text_field
from bot.demo.blocks.problems import Problem, Problems
from bot.demo.blocks.rich_text import check_rich_text
from bot.demo.records import Json

MESSAGE_BLOCKS_MOST = 50
VIEW_BLOCKS_MOST = 100
ALL_TEXT_MOST = 13_200
_FIELDS_MOST = 10
_FIELD_TEXT_MOST = 2000
_HEADER_MOST = 150
_CONTEXT_MOST = 10
_ACTIONS_MOST = 25
_INPUT_LABEL_MOST = 2000
_ALERT_LEVELS = ("default", "info", "warning", "error", "success")
_ONLY_IN_MODALS = frozenset({"alert"})
_NO_ELEMENT = frozenset({"image"})

_Check = Callable[[Json, str, Problems], None]


def block_problems(
    blocks: object, most: int = MESSAGE_BLOCKS_MOST, *, in_modal: bool = False
) -> list[Problem]:
    """Return every broken rule of a list of blocks; pointers start at the list."""
    problems = Problems()
    if not isinstance(blocks, list):
        problems.add("", "invalid_type", "must be a list of blocks")
        return problems.found
    if len(blocks) > most:
        problems.add("", "too_many_items", f"no more than {most} items allowed [input:{len(blocks)}]")
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        _check_block(block, f"/{index}", problems, block_ids, in_modal=in_modal)
    return problems.found


def all_text_length(value: object) -> int:
    """Return the characters of every `text` in blocks taken together."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(all_text_length(item) for item in value.values())
    if isinstance(value, list):
        return sum(all_text_length(item) for item in value)
    return 0


def _check_block(
    block: object, pointer: str, problems: Problems, block_ids: set[str], *, in_modal: bool
) -> None:
    if not isinstance(block, dict):
        problems.add(pointer, "invalid_type", "must be an object")
        return
    kind = block.get("type")
    if kind is None:
        problems.add(pointer, "missing_field", "missing required field: type")
        return
    if not isinstance(kind, str) or kind not in _CHECKS or (kind in _ONLY_IN_MODALS and not in_modal):
        problems.add(f"{pointer}/type", "unsupported_type", f"unsupported block type: {kind!s:.40}")
        return
    problems.string(block, "block_id", pointer, most=ID_MOST)
    _check_block_id(block.get("block_id"), pointer, problems, block_ids)
    _CHECKS[kind](block, pointer, problems)
    _check_action_ids(block, pointer, problems)


def _check_block_id(block_id: object, pointer: str, problems: Problems, block_ids: set[str]) -> None:
    if not isinstance(block_id, str):
        return
    if block_id in block_ids:
        problems.add(f"{pointer}/block_id", "duplicate_value", f"block_id already exists: {block_id:.60}")
    block_ids.add(block_id)


def _check_action_ids(block: Json, pointer: str, problems: Problems) -> None:
    if block["type"] not in ("actions", "context"):
        return
    elements = block.get("elements")
    seen: set[str] = set()
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if not isinstance(action_id, str):
            continue
        if action_id in seen:
            place = f"{pointer}/elements/{index}/action_id"
            problems.add(place, "duplicate_value", f"action_id already exists: {action_id:.60}")
        seen.add(action_id)


def _section(block: Json, pointer: str, problems: Problems) -> None:
    text = problems.record(block, "text", pointer, required="fields" not in block)
    if text is not None:
        check_text(text, f"{pointer}/text", problems, most=TEXT_MOST)
    if "fields" in block:
        fields = problems.records(block, "fields", pointer, least=1, most=_FIELDS_MOST)
        for index, item in enumerate(fields):
            check_text(item, f"{pointer}/fields/{index}", problems, most=_FIELD_TEXT_MOST)
    accessory = problems.record(block, "accessory", pointer)
    if accessory is not None:
        check_element(accessory, f"{pointer}/accessory", problems, IN_ACCESSORY)


def _header(block: Json, pointer: str, problems: Problems) -> None:
    check_text_field(block, "text", pointer, problems, most=_HEADER_MOST)


def _context(block: Json, pointer: str, problems: Problems) -> None:
    elements = problems.records(block, "elements", pointer, least=1, most=_CONTEXT_MOST)
    for index, element in enumerate(elements):
        place = f"{pointer}/elements/{index}"
        if element.get("type") in ("plain_text", "mrkdwn"):
            check_text(element, place, problems, most=TEXT_MOST)
        else:
            check_element(element, place, problems, _NO_ELEMENT)


def _actions(block: Json, pointer: str, problems: Problems) -> None:
    elements = problems.records(block, "elements", pointer, least=1, most=_ACTIONS_MOST)
    for index, element in enumerate(elements):
        check_element(element, f"{pointer}/elements/{index}", problems, IN_ACTIONS)


def _input(block: Json, pointer: str, problems: Problems) -> None:
    check_text_field(block, "label", pointer, problems, most=_INPUT_LABEL_MOST)
    check_text_field(block, "hint", pointer, problems, most=_INPUT_LABEL_MOST, required=False)
    element = problems.record(block, "element", pointer, required=True)
    if element is not None:
        check_element(element, f"{pointer}/element", problems, IN_INPUT)


def _alert(block: Json, pointer: str, problems: Problems) -> None:
    text = problems.record(block, "text", pointer, required=True)
    if text is not None:
        check_text(text, f"{pointer}/text", problems, most=TEXT_MOST)
    level = block.get("level", "default")
    if level not in _ALERT_LEVELS:
        problems.add(f"{pointer}/level", "invalid_value", f"must be one of {', '.join(_ALERT_LEVELS)}")


def _divider(_block: Json, _pointer: str, _problems: Problems) -> None:
    """A line has no rules."""


_CHECKS: Mapping[str, _Check] = MappingProxyType(
    {
        "actions": _actions,
        "alert": _alert,
        "context": _context,
        "divider": _divider,
        "header": _header,
        "image": image_rules,
        "input": _input,
        "rich_text": check_rich_text,
        "section": _section,
    }
)
