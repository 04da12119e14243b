"""Pages, settings files and user-visible texts avoid phrases that no one says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "config").glob("*.toml")),
    ROOT / "config" / "env.example",
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
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_page_uses_a_phrase_that_no_one_says(file: Path) -> None:
    """Outputs of commands are what the commands print, and are left out here."""
    text = re.sub(
        r"^```console\n.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    found = [match[0] for match in re.finditer(rf"\b(?:{'|'.join(PHRASES)})\b", text, re.IGNORECASE)]
    assert found == []
