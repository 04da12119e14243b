"""Who is measured: this bot on both databases, the limit, and what else one might have built."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import javascript
from tests.benchmarks.requests import SIGNING_SECRET, WEBHOOK_SECRET
from tests.support.process import environment

_PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Entry:
    """One in the line-up; `database` is where it keeps its events, `needs` are modules that it imports."""

    letter: str
    title: str
    command: tuple[str, ...]
    database: str = "sqlite"
    needs: tuple[str, ...] = ()

    @property
    def is_bot(self) -> bool:
        """Whether it is this project's own."""
        return "bot" in self.command

    @property
    def is_javascript(self) -> bool:
        """Whether it needs node."""
        return self.command[0] == "node"

    def missing(self) -> str:
        """Why it cannot run here; empty if it can."""
        if self.is_javascript:
            return javascript.missing()
        absent = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return f"{', '.join(absent)} is not installed: run it with make bench" if absent else ""

    def env(self, port: int, database_url: str, slack_api_url: str) -> Mapping[str, str]:
        """Its whole environment; the bot's own defaults are left alone, but for the pace that tests ask for."""
        if self.is_bot:
            env = environment(database_url, port, slack_api_url)
            del env["SLACK_POSTS_PER_SECOND"]
            return env
        return {
            "DATABASE": database_url.removeprefix("sqlite:///"),
            "RALIO_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_API_URL": slack_api_url,
            "NODE_ENV": "production",
        }


def _python(module: str) -> tuple[str, ...]:
    return (_PYTHON, "-m", f"tests.benchmarks.servers.{module}")


def _node(script: str) -> tuple[str, ...]:
    return ("node", str(javascript.FOLDER / script))


_INSTALLED = Path(sys.prefix) / "installed" / "bin" / "python"
"""Of `make bench`: as users install the bot, without what only its development needs."""

_BOT = (str(_INSTALLED) if _INSTALLED.exists() else _PYTHON, "-m", "bot", "serve")

LIMIT = Entry("a", "aiohttp without a database", _python("limit"), database="")
BOT = Entry("b", "this bot, SQLite", _BOT)
BOT_ON_POSTGRES = Entry("c", "this bot, PostgreSQL", _BOT, database="postgres")
EXPRESS = Entry("d", "Express, better-sqlite3", _node("express.mjs"))
BOLT_PYTHON = Entry("e", "Bolt for Python, aiosqlite", _python("bolt_python"), needs=("slack_bolt",))
FASTAPI = Entry(
    "f",
    "FastAPI, SQLAlchemy",
    _python("fastapi_sqlalchemy"),
    needs=("fastapi", "sqlalchemy", "uvicorn"),
)
AIOSQLITE = Entry("g", "aiohttp, aiosqlite", _python("aiosqlite_commits"))
BOLT = Entry("h", "Bolt for JavaScript", _node("bolt.mjs"))

EVERYBODY = (LIMIT, BOT, BOT_ON_POSTGRES, EXPRESS, BOLT_PYTHON, FASTAPI, AIOSQLITE, BOLT)
"""In the order in which a round takes them; Bolt for JavaScript takes clicks, all others webhooks."""

OWN = (LIMIT, BOT, BOT_ON_POSTGRES)
"""Without these there is nothing to say."""
