"""How a Web API call is refused."""

from collections.abc import Sequence

from bot.demo.blocks.problems import Problem
from bot.demo.records import Json


class SlackError(Exception):
    """A call that Slack refuses with `ok: false`; `details` are further fields of the answer."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def as_answer(self) -> Json:
        """Return the body of the answer."""
        return {"ok": False, "error": self.code, **self.details}


def missing_argument(name: str) -> SlackError:
    """Return the error for a required argument that was left out."""
    line = f"[ERROR] missing required field: {name}"
    return SlackError("invalid_arguments", response_metadata={"messages": [line]})


def refused_blocks(code: str, problems: Sequence[Problem], prefix: str) -> SlackError:
    """Return the error for broken blocks or views, each with its place."""
    lines = [problem.as_line(prefix) for problem in problems]
    return SlackError(code, errors=lines, response_metadata={"messages": lines})
