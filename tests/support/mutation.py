"""Valid JSON with something wrong in it: parts left out, doubled, nested, swapped for what breaks parsers."""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Raw:
    """A value by its JSON text, also where that is none."""

    text: str


@dataclass(frozen=True, slots=True)
class Doubled:
    """A value of an object whose key stands there twice."""

    first: Any
    second: Any


DEEP = 2_000
"""Deeper than parsers let things be nested."""

ODD = [
    *("null", "true", "false", "0", "-1", "1.5", "1e400", "-1e400", "NaN", "Infinity", "1" + "0" * 30),
    *(
        "9" * 5_000,
        "-" + "9" * 400,
        "0." + "9" * 400,
        "1e-400",
        "9223372036854775808",
        "-9223372036854775809",
    ),
    *(
        '""',
        '" "',
        '"\\u0000"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\u202e\\u2066"',
        '"\\u001b[31m"',
        '"a\\nb"',
    ),
    *('"<!channel>"', '"<@U1>"', '"&lt;!here&gt;"', '"`*_~"', '"\\u2028"', '"' + "x" * 5_000 + '"'),
    *('"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59.999999-14:00"', '"2026-02-30T00:00:00Z"'),
    *(
        '"24:00"',
        '"2026-W01"',
        '"٣"',
        '"\ud83d\ude00"',
        '"😀"',
        "[]",
        "{}",
        "[null]",
        '{"": null}',
        "",
        "'x'",
    ),
    *("[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP),
]
"""What a value is swapped for: other types, numbers beyond every limit, texts that nobody types, no JSON at all."""


def written(value: Any) -> str:
    """The JSON text, oddities as they are."""
    match value:
        case Raw(text):
            return text
        case dict():
            pairs = [
                f"{json.dumps(key)}: {written(each)}"
                for key, inner in value.items()
                for each in ((inner.first, inner.second) if isinstance(inner, Doubled) else (inner,))
            ]
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case Doubled(first, _):
            return written(first)
        case _:
            return json.dumps(value)


@st.composite
def mutated(draw: st.DrawFn, examples: Sequence[Any]) -> str:
    """One of the examples, changed in one to four places."""
    document = copy.deepcopy(draw(st.sampled_from(examples)))
    holder = [document]
    for _ in range(draw(st.integers(1, 4))):
        parent, key = draw(st.sampled_from(list(_places(holder))))
        here = parent[key]
        match draw(st.integers(0, 5)):
            case 0 if isinstance(parent, dict):
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[key] = Doubled(here, Raw(draw(st.sampled_from(ODD))))
            case 2:
                parent[key] = [here, here]
            case 3:
                parent[key] = {"value": here, "id": here, "type": here}
            case 4:
                parent[key] = draw(st.text(max_size=30))
            case _:
                parent[key] = Raw(draw(st.sampled_from(ODD)))
    return written(holder[0])


def as_bytes(text: str) -> bytes:
    """In UTF-8; a lone surrogate becomes the bytes that nobody may send."""
    return text.encode(errors="surrogatepass")


def _places(holder: Any) -> list[tuple[Any, Any]]:
    """Every place in the document, the whole of it included, as its holder and its key."""
    items = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
    found = [(holder, key) for key, _ in items]
    for _, value in items:
        if isinstance(value, dict | list):
            found += _places(value)
    return found


def some(strategy: st.SearchStrategy[str], count: int) -> list[str]:
    """Examples to send in one go, the same ones in every run."""
    found: list[str] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None)
    @given(strategy)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found
