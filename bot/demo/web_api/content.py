"""What the bot wants to say, checked as Slack checks it."""

import json
from dataclasses import dataclass

from bot.demo.blocks.completion import completed
from bot.demo.blocks.objects import ID_MOST
from bot.demo.blocks.validation import ALL_TEXT_MOST, all_text_length, block_problems
from bot.demo.records import Json
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError, refused_blocks

_METADATA_MOST_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Content:
    """Text, blocks and metadata; None means that the argument was left out."""

    text: str | None
    blocks: list[Json] | None
    metadata: Json | None


def read_content(call: Call, *, text_most: int) -> Content:
    """Return what a call says; SlackError when it is empty, too long or broken."""
    text = call.text("text")
    blocks = _read_blocks(call)
    metadata = _read_metadata(call)
    if not text and not blocks:
        raise SlackError("no_text")
    if text is not None and len(text) > text_most:
        raise SlackError("msg_too_long")
    return Content(text, blocks, metadata)


def _read_blocks(call: Call) -> list[Json] | None:
    blocks = call.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = block_problems(blocks)
    if problems:
        raise refused_blocks("invalid_blocks", problems, "/blocks")
    if all_text_length(blocks) > ALL_TEXT_MOST:
        raise SlackError("msg_blocks_too_long")
    return completed(blocks)


def _read_metadata(call: Call) -> Json | None:
    metadata = call.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if metadata:
        _check_metadata(metadata)
    return metadata


def _check_metadata(metadata: Json) -> None:
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not 0 < len(event_type) <= ID_MOST or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_format")
    if not all(_is_metadata_value(value) for value in payload.values()):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > _METADATA_MOST_BYTES:
        raise SlackError("metadata_too_large")


def _is_metadata_value(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str | int | float) for item in value)
    return isinstance(value, str | int | float)
