"""The rules for modals and home tabs."""

from bot.demo.blocks.objects import ID_MOST, check_text_field
from bot.demo.blocks.problems import Problem, Problems
from bot.demo.blocks.validation import VIEW_BLOCKS_MOST, block_problems
from bot.demo.records import Json

_TITLE_MOST = 24
_PRIVATE_METADATA_MOST = 3000
_KNOWN = frozenset({
    "blocks", "callback_id", "clear_on_close", "close", "external_id", "notify_on_close", "private_metadata",
    "submit", "submit_disabled", "title", "type",
})  # fmt: skip


def view_problems(view: Json, kind: str) -> list[Problem]:
    """Return every broken rule of a view that must be a `modal` or a `home`; pointers start at the view."""
    problems = Problems()
    if view.get("type") != kind:
        problems.add("/type", "invalid_value", f"must be {kind}: {view.get('type')!s:.40}")
    for name in view.keys() - _KNOWN:
        problems.add(f"/{name}", "unknown_field", f"invalid additional property: {name:.40}")
    if kind == "modal":
        _check_modal(view, problems)
    problems.string(view, "callback_id", "", most=ID_MOST, least=0)
    problems.string(view, "external_id", "", most=ID_MOST, least=0)
    problems.string(view, "private_metadata", "", most=_PRIVATE_METADATA_MOST, least=0)
    found = block_problems(view.get("blocks"), VIEW_BLOCKS_MOST, in_modal=kind == "modal")
    moved = [Problem(each.code, each.message, f"/blocks{each.pointer}") for each in found]
    return problems.found + moved


def _check_modal(view: Json, problems: Problems) -> None:
    check_text_field(view, "title", "", problems, most=_TITLE_MOST)
    check_text_field(view, "close", "", problems, most=_TITLE_MOST, required=False)
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    check_text_field(view, "submit", "", problems, most=_TITLE_MOST, required=has_input)
