"""Looked at before anything else is imported: the version of Python, and whether the bot's packages are installed.

Any Python 3 can read this file. Without it, a newcomer's first command would end with a traceback.
"""

import sys
from importlib.util import find_spec

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    "aiohttp",
    "aiosql",
    "aiosqlite",
    "click",
    "cryptography",
    "prometheus_client",
    "psycopg",
    "pydantic",
    "slack_sdk",
    "structlog",
    "tabulate",
    "tzdata",
    "yarl",
)
ADVICE = (
    "In the project's folder, run:\n"
    "  python3 -m venv .venv\n"
    "  .venv/bin/python -m pip install --require-hashes -r requirements.txt\n"
    "and then .venv/bin/python -m bot. `make demo` does the first two by itself."
)

if sys.version_info < OLDEST_PYTHON:
    found = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit("The bot needs Python 3.11 or newer, and %s is Python %s." % (sys.executable, found))  # noqa: UP031

missing = [name for name in PACKAGES if find_spec(name) is None]
if missing:
    sys.exit(
        "Packages of the bot are not installed for %s: %s.\n%s"  # noqa: UP031
        % (sys.executable, ", ".join(missing), ADVICE)
    )
