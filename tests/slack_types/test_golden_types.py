"""Every golden file is what Slack's own types allow: one TypeScript file, compiled once, with all of them in it.

The types know which blocks and elements there are, where each can stand and which fields it has. Lengths and counts
they don't know; the tests beside the messages hold those.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support import golden, javascript

FOLDER = Path(__file__).parent
COMPILE_LIMIT_S = 120
IMPORTS = """import type { HomeView, ModalView } from "@slack/types";
import type { ChatPostEphemeralArguments, ChatPostMessageArguments, ChatUpdateArguments } from "@slack/web-api";
"""


def _declarations(name: str, content: Mapping[str, Any]) -> Iterator[str]:
    if (kind := content.get("type")) in ("modal", "home"):
        yield _typed(name, "ModalView" if kind == "modal" else "HomeView", content)
        return
    said = {key: value for key, value in content.items() if key in ("text", "blocks", "metadata") and value}
    yield _typed(f"{name}_posted", "ChatPostMessageArguments", {"channel": "C012AB3CD"} | said)
    updated = {"channel": "C012AB3CD", "ts": "1548261231.000200"} | said
    yield _typed(f"{name}_updated", "ChatUpdateArguments", updated)
    if "metadata" not in said:
        shown = {"channel": "C012AB3CD", "user": "U012AB3CD"} | said
        yield _typed(f"{name}_shown", "ChatPostEphemeralArguments", shown)


def _typed(name: str, type_: str, value: object) -> str:
    return f"export const {name}: {type_} = {json.dumps(value, ensure_ascii=False)};\n"


@pytest.fixture(scope="module")
def compiler() -> Path:
    """TypeScript's compiler; without npm the test is skipped here and fails where CI promises it."""
    if problem := javascript.missing(FOLDER):
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    return FOLDER / "node_modules" / ".bin" / "tsc"


def _problems(compiler: Path, folder: Path, source: str) -> str:
    """What the compiler says about a source, by line; empty if nothing is wrong."""
    file = folder / "golden.ts"
    file.write_text(source, encoding="utf-8")
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    options = ["--strict", "--noEmit", "--skipLibCheck", "--pretty", "false"]
    options += ["--module", "nodenext", "--target", "es2022", "--types", "node"]
    return subprocess.run(
        [compiler, *options, file],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMPILE_LIMIT_S,
        check=False,
    ).stdout


def test_every_golden_file_has_the_types_of_slack(compiler: Path, tmp_path: Path) -> None:
    """And a wrong one would be found: the last declaration has a block that no message can hold."""
    lines = [IMPORTS]
    for name in sorted(golden.names("")):
        content = json.loads((golden.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        lines += _declarations(name, content)
    wrong = {
        "channel": "C012AB3CD",
        "text": "x",
        "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    }
    lines.append(_typed("wrong", "ChatPostMessageArguments", wrong))
    at = "".join(lines).count("\n")
    problems = _problems(compiler, tmp_path, "".join(lines)).splitlines()
    errors = [line for line in problems if line.startswith("golden.ts(")]
    assert [line for line in errors if not line.startswith(f"golden.ts({at},")] == [], "\n".join(problems)
    assert errors, "\n".join(problems)
