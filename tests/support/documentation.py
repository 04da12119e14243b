"""What the documentation shows of the command line: its blocks, compared with what is really printed.

A block that shows output is marked as `console` and begins with the prompt. UPDATE_GOLDEN=1 rewrites them.
"""

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```console\n\$ (?P<prompt>[^\n]*)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)


def shown() -> dict[str, str]:
    """What is shown on all pages, by what was typed."""
    found = [match for page in PAGES for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]
    blocks = {match["prompt"]: match["output"] for match in found}
    assert len(blocks) == len(found), "the same prompt stands on the pages twice"
    return blocks


def brought_up_to_date(printed: dict[str, str]) -> dict[str, str]:
    """What is shown, after it was written anew where UPDATE_GOLDEN=1 asks for that."""
    if os.environ.get("UPDATE_GOLDEN") == "1":

        def renewed(match: re.Match[str]) -> str:
            output = printed.get(match["prompt"], match["output"])
            return f"```console\n$ {match['prompt']}\n{output}```"

        for page in PAGES:
            page.write_text(_BLOCK.sub(renewed, page.read_text(encoding="utf-8")), encoding="utf-8")
    return shown()


def anchor_of(heading: str) -> str:
    """The anchor that GitHub and its like give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
