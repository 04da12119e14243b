"""The bot's four rows as the Python peers write them: the schema, and the seal that chains the audit."""

import hashlib
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCHEMA = (Path(__file__).parent / "four_rows.sql").read_text(encoding="utf-8")
HAS_FOUR_ROWS = os.environ.get("PEER_ROWS") == "4"
"""Whether this peer writes the bot's four rows per event, or one."""


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def seal(previous: str, entry: Sequence[Any]) -> str:
    """SHA-256 over the previous seal and the entry."""
    text = f"{previous}\n{json.dumps(entry, separators=(',', ':'))}"
    return hashlib.sha256(text.encode()).hexdigest()
