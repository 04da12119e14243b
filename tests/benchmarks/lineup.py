"""The servers that are measured: this bot on both databases, the limit, and what else one might have built."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import javascript
from tests.benchmarks.requests import SIGNING_SECRET, WEBHOOK_SECRET
from tests.support.process import environment
from tests.support.slack import USER_CHANNEL

_PYTHON = sys.executable
FOUR_ROWS = 4
POSTGRES = "postgres"


@dataclass(frozen=True, slots=True)
class Entry:
    """A server in the lineup.

    `database` is where it keeps its events, `rows` how many rows it writes for a new review, and `needs` are modules
    that it imports.
    """

    letter: str
    title: str
    command: tuple[str, ...]
    database: str = "sqlite"
    rows: int = FOUR_ROWS
    needs: tuple[str, ...] = ()

    @property
    def is_bot(self) -> bool:
        """Whether it is this project's own."""
        return "bot" in self.command

    @property
    def is_javascript(self) -> bool:
        """Whether it needs node."""
        return self.command[0] == "node"

    @property
    def calls_slack(self) -> bool:
        """Whether it needs a Slack."""
        return self.is_bot or self.command == BOLT_COMMAND

    def missing(self) -> str:
        """Why it can't run here; empty if it can."""
        if self.is_javascript:
            return javascript.missing()
        absent = [name for name in self.needs if importlib.util.find_spec(name) is None]
        return f"{', '.join(absent)} is not installed: run it with make bench" if absent else ""

    def env(self, port: int, database_url: str, slack_api_url: str) -> Mapping[str, str]:
        """Its whole environment; the bot keeps its own defaults, except for the pace that tests ask for."""
        if self.is_bot:
            env = environment(database_url, port, slack_api_url)
            del env["SLACK_POSTS_PER_SECOND"]
            return env
        return {
            "DATABASE": database_url.removeprefix("sqlite:///"),
            "PEER_ROWS": str(self.rows),
            "RALIO_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_API_URL": slack_api_url,
            "USER_REVIEW_CHANNEL": USER_CHANNEL,
            "NODE_ENV": "production",
        }


def _python(module: str) -> tuple[str, ...]:
    return (_PYTHON, "-m", f"tests.benchmarks.servers.{module}")


def _node(script: str) -> tuple[str, ...]:
    return ("node", str(javascript.FOLDER / script))


def _two_forms(
    letter: str, title: str, command: tuple[str, ...], needs: tuple[str, ...] = ()
) -> tuple[Entry, Entry]:
    """The peer with one row per event, as a tutorial ends, and with the bot's four rows in one transaction."""
    one = Entry(f"{letter}1", f"{title}, 1 row", command, rows=1, needs=needs)
    return one, Entry(f"{letter}{FOUR_ROWS}", f"{title}, 4 rows", command, needs=needs)


_INSTALLED = Path(sys.prefix) / "installed" / "bin" / "python"
"""Of `make bench`: as users install the bot, without what only its development needs."""

_BOT = (str(_INSTALLED) if _INSTALLED.exists() else _PYTHON, "-m", "bot", "serve")

LIMIT = Entry("a", "aiohttp without a database", _python("limit"), database="", rows=0)
BOT = Entry("b", "this bot, SQLite", _BOT)
BOT_ON_POSTGRES = Entry("c", "this bot, PostgreSQL", _BOT, database=POSTGRES)
EXPRESS = _two_forms("d", "Express, better-sqlite3", _node("express.mjs"))
BOLT_PYTHON = _two_forms("e", "Bolt for Python, aiosqlite", _python("bolt_python"), ("slack_bolt",))
FASTAPI = _two_forms(
    "f", "FastAPI, SQLAlchemy", _python("fastapi_sqlalchemy"), ("fastapi", "sqlalchemy", "uvicorn")
)
AIOSQLITE = _two_forms("g", "aiohttp, aiosqlite", _python("aiosqlite_commits"))
NODE_POSTGRES = Entry("i4", "Express, node-postgres, 4 rows", _node("express.mjs"), database=POSTGRES)
BOLT_COMMAND = _node("bolt.mjs")
BOLT = (
    Entry("h1", "Bolt for JavaScript, 1 row", BOLT_COMMAND, rows=1),
    Entry("h3", "Bolt for JavaScript, 3 rows", BOLT_COMMAND),
)
"""They take clicks: one row is the claim, three are the claim, the audit entry and the outbox."""

EVERYBODY = (
    LIMIT,
    BOT,
    BOT_ON_POSTGRES,
    *EXPRESS,
    *BOLT_PYTHON,
    *FASTAPI,
    *AIOSQLITE,
    NODE_POSTGRES,
    *BOLT,
)
"""In the order in which a round takes them; Bolt for JavaScript takes clicks, all others webhooks."""

BOTS = (BOT, BOT_ON_POSTGRES)
FELT = (*BOTS, BOLT[1])
"""Those that also post cards: what people feel is measured of them."""

OWN = (LIMIT, BOT, BOT_ON_POSTGRES)
"""Without these there is nothing to say."""
