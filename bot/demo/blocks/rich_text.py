"""The rules for rich_text blocks, which hold text as a tree instead of mrkdwn."""

from bot.demo.blocks.problems import Problems
from bot.demo.records import Json

_MOST_PARTS = 1000
_CONTAINERS = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
_LEAVES = frozenset({
    "broadcast", "channel", "color", "date", "emoji", "link", "team", "text", "user", "usergroup",
})  # fmt: skip
_REQUIRED = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "usergroup": "usergroup_id",
    "emoji": "name",
}


def check_rich_text(block: Json, pointer: str, problems: Problems) -> None:
    """Check a rich_text block: sections, lists, preformatted parts, quotes."""
    for index, part in enumerate(problems.records(block, "elements", pointer, least=1, most=_MOST_PARTS)):
        _check_part(part, f"{pointer}/elements/{index}", problems)


def _check_part(part: Json, pointer: str, problems: Problems) -> None:
    kind = part.get("type")
    if kind == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            problems.add(f"{pointer}/style", "invalid_value", "must be bullet or ordered")
        for index, item in enumerate(problems.records(part, "elements", pointer, least=1, most=_MOST_PARTS)):
            _check_container(item, f"{pointer}/elements/{index}", problems)
        return
    _check_container(part, pointer, problems)


def _check_container(part: Json, pointer: str, problems: Problems) -> None:
    kind = part.get("type")
    if kind not in _CONTAINERS:
        problems.add(f"{pointer}/type", "unsupported_type", f"unsupported rich text part: {kind!s:.40}")
        return
    for index, leaf in enumerate(problems.records(part, "elements", pointer, least=0, most=_MOST_PARTS)):
        _check_leaf(leaf, f"{pointer}/elements/{index}", problems)


def _check_leaf(leaf: Json, pointer: str, problems: Problems) -> None:
    kind = leaf.get("type")
    if not isinstance(kind, str) or kind not in _LEAVES:
        problems.add(f"{pointer}/type", "unsupported_type", f"unsupported rich text element: {kind!s:.40}")
        return
    name = _REQUIRED.get(kind)
    if name is not None and not (isinstance(leaf.get(name), str) and leaf[name]):
        problems.add(f"{pointer}/{name}", "missing_field", f"missing required field: {name}")
