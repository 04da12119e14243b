"""What each package may import and how long a file may be, read from the source; import-linter checks the layers."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bot").rglob("*.py"))
MAX_LINES = 300

WEB_PACKAGES = ("bot/web/", "bot/demo/", "bot/app.py", "bot/cli/demo.py")


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
    """The other tests here would pass on an empty folder, too."""
    assert len(SOURCES) > 50


def test_the_domain_imports_only_the_standard_library() -> None:
    """No I/O, no SQL, no Slack, no Ralio: only Python and the domain itself."""
    domain = [path for path in SOURCES if "reviews" in path.parent.parts]
    foreign = [
        f"{_name(path)}: {module}"
        for path in domain
        for module in _imports(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and not module.startswith("bot.reviews")
    ]
    assert len(domain) > 20
    assert foreign == []


def test_only_the_web_packages_import_the_web_server() -> None:
    """Everything else can be tried without one."""
    importing = {
        _name(path)
        for path in SOURCES
        for module in _imports(path)
        if module == "aiohttp.web" or module.startswith("aiohttp.web.")
    }
    assert [name for name in importing if not name.startswith(WEB_PACKAGES)] == []


def test_no_file_has_more_than_300_lines() -> None:
    """A file that grows beyond does two things."""
    lines = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}
