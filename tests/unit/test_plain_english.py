"""Pages, settings files and every text in the code avoid phrases that no one says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "config").glob("*.toml")),
    ROOT / "config" / "env.example",
    ROOT / "compose.yaml",
    ROOT / "Dockerfile",
    ROOT / "app.json",
]
PHRASES = (
    r"somebody",
    r"nobody",
    r"whoever",
    r"anew",
    r"shall",
    r"at hand",
    r"in one go",
    r"in its place",
    r"comes? to the point",
    r"is told",
    r"are told",
    r"tells of",
    r"a line a problem",
    r"one card a review",
    r"has to be",
    r"anybody",
    r"everybody",
    r"mend(?:s|ed)?",
    r"spoken to",
    r"takes? (?:no )?orders",
    r"(?:is it )?of another version",
    r"beside (?:a|the) running server",
    r"behind the bot's back",
    r"careless hand",
    r"on its way to Slack stays?",
    r"(?:reviews|cards) in work",
    r"lets us in",
    r"knows no",
    r"small letters",
    r"must not lie",
    r"by how they ended",
    r"one a line",
    r"(?:rotated|rotation) without a gap",
    r"in your place",
    r"for ever",
)
UNSPOKEN = re.compile(rf"\b(?:{'|'.join(PHRASES)})\b", re.IGNORECASE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_page_uses_a_phrase_that_no_one_says(file: Path) -> None:
    """Outputs of commands are what the commands print, and are left out here."""
    text = re.sub(
        r"^```console\n.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    assert UNSPOKEN.findall(text) == []


def test_no_text_in_the_code_uses_one() -> None:
    """Messages, help, errors and docstrings; the texts of f-strings without what is filled in."""
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {phrase}"
        for file in sorted((ROOT / "bot").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for phrase in UNSPOKEN.findall(node.value)
    ]
    assert found == []
