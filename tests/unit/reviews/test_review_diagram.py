"""The diagram of the states in CONTRIBUTING.md is the table in the code."""

import re
from pathlib import Path

from bot.reviews.review import FIRST_STATUS, TRANSITIONS

CONTRIBUTING = Path(__file__).parents[3] / "CONTRIBUTING.md"
_BLOCK = re.compile(r"^```mermaid\s*\nstateDiagram-v2\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ARROW = re.compile(r"\s*(\[\*\]|\w+)\s*-->\s*(\w+)\s*:\s*(\w+(?:, \w+)*)\s*")

Arrows = list[tuple[str, str, str]]
"""From where, by which action, to where."""


def _drawn() -> Arrows:
    blocks = _BLOCK.findall(CONTRIBUTING.read_text(encoding="utf-8"))
    assert len(blocks) == 1, "CONTRIBUTING.md needs exactly one stateDiagram-v2"
    arrows: Arrows = []
    for line in blocks[0].splitlines():
        if line.strip():
            arrow = _ARROW.fullmatch(line)
            assert arrow, f"not an arrow with its actions: {line!r}"
            before, after, actions = arrow.groups()
            arrows += [(before, action, after) for action in actions.split(", ")]
    return arrows


def _in_the_code() -> Arrows:
    first: Arrows = [("[*]", action.value, status.value) for action, status in FIRST_STATUS.items()]
    return first + [
        (status.value, action.value, after.value) for (status, action), after in TRANSITIONS.items()
    ]


def test_the_diagram_shows_every_transition_once_and_no_other() -> None:
    """A reader who believes the diagram knows the code."""
    assert sorted(_drawn()) == sorted(_in_the_code())
