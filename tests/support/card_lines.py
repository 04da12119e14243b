"""A card as the lines that a person sees in a window of ordinary width."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.api.client import Message

HEADER, TEXT, SMALL_PRINT, BUTTONS = 75, 100, 115, 100
"""Characters per line: Slack's own window of 1,280 pixels has room for more."""

_SEEN_AS = (
    (re.compile(r"<@[^>]*>"), "@Ana Ruiz"),
    (re.compile(r"<!subteam\^[^>]*>"), "@reviewers"),
    (re.compile(r"<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[^>]*>"), "17 Mar 2026 at 16:41"),
    (re.compile(r"<!date\^\d+\^\{date_short_pretty\}\|[^>]*>"), "17 Mar 2026"),
    (re.compile(r"<[^|>]*\|([^>]*)>"), r"\1"),
    (re.compile(r"[*`]"), ""),
)
_CHECKS = ("❌", "❔", "✅ Passed", "*Ralio's reasons:*", "⚠️ Parts of Ralio's event")


def card_lines(message: Message) -> list[str]:
    """Every line of the card, without its checks and its note."""
    return [line for block in message.blocks for line in _lines(block)]


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield from textwrap.wrap(block["text"]["text"], HEADER)
        case "section" if block["text"]["type"] == "mrkdwn":
            yield from _wrapped(block["text"]["text"], TEXT)
        case "context":
            for element in block["elements"]:
                yield from _wrapped(element["text"], SMALL_PRINT)
        case "actions":
            labels = [element.get("text", {"text": "⋯"})["text"] for element in block["elements"]]
            yield from textwrap.wrap(
                "   ".join(f"[_{label.replace(' ', '_')}_]" for label in labels), BUTTONS
            )
        case _:  # what was typed, as plain text: a note
            return


def _wrapped(text: str, width: int) -> Iterator[str]:
    if text.startswith(_CHECKS):
        return
    for line in text.splitlines():
        for pattern, seen in _SEEN_AS:
            line = pattern.sub(seen, line)  # noqa: PLW2901 - one after the other
        yield from textwrap.wrap(line, width) or [""]
