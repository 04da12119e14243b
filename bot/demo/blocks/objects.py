"""The rules for the parts that blocks are made of: texts, confirm dialogs, options."""

from bot.demo.blocks.problems import Problems
from bot.demo.records import Json

TEXT_MOST = 3000
ID_MOST = 255
VALUE_MOST = 2000
URL_MOST = 3000
LABEL_MOST = 75
_CONFIRM_LIMITS = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
_OPTION_VALUE_MOST = 150
_STYLES = ("primary", "danger")
_TEXT_KEYS = {"type", "text", "emoji", "verbatim"}


def check_text(text: Json, pointer: str, problems: Problems, *, most: int, plain: bool = False) -> None:
    """Check a text object; `plain` refuses mrkdwn."""
    kind = text.get("type")
    if kind not in ("plain_text", "mrkdwn") or (plain and kind != "plain_text"):
        problems.add(f"{pointer}/type", "invalid_type", f"unsupported text type: {kind!s:.40}")
    problems.string(text, "text", pointer, most=most, required=True)
    for name in text.keys() - _TEXT_KEYS:
        problems.add(f"{pointer}/{name}", "unknown_field", f"invalid additional property: {name:.40}")


def check_text_field(
    holder: Json, name: str, pointer: str, problems: Problems, *, most: int, required: bool = True
) -> None:
    """Check a field that must be a plain_text object."""
    text = problems.record(holder, name, pointer, required=required)
    if text is not None:
        check_text(text, f"{pointer}/{name}", problems, most=most, plain=True)


def check_confirm(holder: Json, pointer: str, problems: Problems) -> None:
    """Check the confirm dialog of an element, when it has one."""
    confirm = problems.record(holder, "confirm", pointer)
    if confirm is None:
        return
    place = f"{pointer}/confirm"
    for name, most in _CONFIRM_LIMITS.items():
        text = problems.record(confirm, name, place, required=name != "deny")
        if text is not None:
            check_text(text, f"{place}/{name}", problems, most=most, plain=name != "text")
    check_style(confirm, place, problems)


def check_style(holder: Json, pointer: str, problems: Problems) -> None:
    """Check the style of a button or a confirm dialog."""
    style = holder.get("style")
    if style is not None and style not in _STYLES:
        problems.add(f"{pointer}/style", "invalid_value", f"must be primary or danger: {style!s:.40}")


def check_options(holder: Json, pointer: str, problems: Problems, *, most: int, plain: bool = True) -> None:
    """Check `options`: 1 to `most`, each with a label and a unique value."""
    options = problems.records(holder, "options", pointer, least=1, most=most)
    values: set[object] = set()
    for index, option in enumerate(options):
        place = f"{pointer}/options/{index}"
        check_option(option, place, problems, plain=plain)
        value = option.get("value")
        if isinstance(value, str) and value in values:
            problems.add(f"{place}/value", "duplicate_value", f"duplicate option value: {value:.40}")
        if isinstance(value, str):
            values.add(value)


def check_option(option: Json, pointer: str, problems: Problems, *, plain: bool = True) -> None:
    """Check one option of a menu or a choice."""
    text = problems.record(option, "text", pointer, required=True)
    if text is not None:
        check_text(text, f"{pointer}/text", problems, most=LABEL_MOST, plain=plain)
    problems.string(option, "value", pointer, most=_OPTION_VALUE_MOST, required=True)
    description = problems.record(option, "description", pointer)
    if description is not None:
        check_text(description, f"{pointer}/description", problems, most=LABEL_MOST, plain=plain)
