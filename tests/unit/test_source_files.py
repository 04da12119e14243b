"""Which room of the bot may know what, read from the source; import-linter checks the directions besides."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bot").rglob("*.py"))
MAX_LINES = 300

WEB_ROOMS = ("bot/web/", "bot/demo/", "bot/app.py", "bot/cli/demo.py")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, at its head or anywhere inside, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_are_sources_to_read() -> None:
    """The other stories here would be true of an empty folder, too."""
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", [path for path in SOURCES if "reviews" in path.parent.parts], ids=_name)
def test_the_domain_knows_nothing_but_python(path: Path) -> None:
    """No I/O, no SQL, no Slack, no Ralio: only the standard library and itself."""
    foreign = [
        module
        for module in _imports(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and not module.startswith("bot.reviews")
    ]
    assert foreign == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_web_rooms_know_the_web_server(path: Path) -> None:
    """Everything else can be tried without one."""
    knows = any(module == "aiohttp.web" or module.startswith("aiohttp.web.") for module in _imports(path))
    assert not knows or _name(path).startswith(WEB_ROOMS)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_file_can_be_read_in_one_sitting(path: Path) -> None:
    """What grows beyond has become two things."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
