"""Golden files: what is rendered, compared whole with what is on file. UPDATE_GOLDEN=1 rewrites them."""

import json
import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "unit" / "slack" / "messages" / "golden"


def on_file(name: str, rendered: object) -> bool:
    """Whether the file of this name holds exactly this; a change of one is a change of the other."""
    path = FOLDER / f"{name}.json"
    written = json.dumps(rendered, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(written, encoding="utf-8")
    return written == path.read_text(encoding="utf-8")


def names(prefix: str) -> set[str]:
    """The names of the files that begin with this."""
    return {path.stem for path in FOLDER.glob(f"{prefix}*.json")}
