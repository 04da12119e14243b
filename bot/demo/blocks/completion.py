"""What Slack adds to blocks that it takes: ids that were left out, the defaults of texts."""

import copy
import secrets

from bot.demo.records import Json


def completed(blocks: list[Json]) -> list[Json]:
    """Return a copy of valid blocks with every id and text default that Slack fills in."""
    copies = copy.deepcopy(blocks)
    for block in copies:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in interactive_elements(block):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    _complete_texts(copies)
    return copies


def interactive_elements(block: Json) -> list[Json]:
    """Return the elements of a block that a person can act on."""
    match block.get("type"):
        case "actions":
            return list(block["elements"])
        case "section" if block.get("accessory", {}).get("type", "image") != "image":
            return [block["accessory"]]
        case "input":
            return [block["element"]]
        case _:
            return []


def _complete_texts(value: object) -> None:
    if isinstance(value, list):
        for item in value:
            _complete_texts(item)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for item in value.values():
            _complete_texts(item)
