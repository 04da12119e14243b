"""CONTRIBUTING.md names modules and functions that exist."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOT = ROOT / "bot"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

_WALK = re.compile(r"^```\n((?:(?!```).)*?─▶.*?)^```", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"[a-z_]+(?:/(?:[a-z_]+|\{[a-z_,]+\}))+")
_FUNCTION = re.compile(r"`([a-z_]+)\.([a-z_]+)(?:\([^`]*\))?`")


def _spelt_out(place: str) -> Iterator[str]:
    """Each of the places that one with braces names."""
    parts = [part.strip("{}").split(",") for part in place.split("/")]
    return ("/".join(names) for names in product(*parts))


def _defined_in(module: str) -> set[str]:
    """The functions and methods of every module of this name."""
    return {
        node.name
        for path in BOT.rglob(f"{module}.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_step_of_the_walks_is_a_module() -> None:
    """From webhook to card, and from a click to the people it concerns."""
    walks = _WALK.findall(TEXT)
    assert len(walks) == 2
    for walk in walks:
        places = [place for found in _PLACE.findall(walk) for place in _spelt_out(found)]
        assert len(places) > 8
        assert [
            place for place in places if not any(BOT.glob(f"{place}.py")) and not (BOT / place).is_dir()
        ] == []
        assert len(set(places)) == len(places), "a module twice"


def test_every_function_that_is_named_exists() -> None:
    """A name that was changed in the code is changed here, too."""
    names = {f"{module}.{name}": (module, name) for module, name in _FUNCTION.findall(TEXT)}
    functions = {shown: place for shown, place in names.items() if not (ROOT / shown).exists()}
    assert "audit.append" in functions
    assert [shown for shown, (module, name) in functions.items() if name not in _defined_in(module)] == []
