"""One call of the Web API, and typed access to its arguments.

Arguments come as JSON, as a form or in the query, so a number or a flag may be a string, and blocks a string
of JSON.
"""

import json
from dataclasses import dataclass

from bot.demo.records import Json
from bot.demo.web_api.errors import SlackError, missing_argument


@dataclass(frozen=True, slots=True)
class Call:
    """A method's name, its arguments, and `origin`: the address at which the caller reached this Slack."""

    method: str
    arguments: Json
    origin: str

    def text(self, name: str) -> str | None:
        """Return a string argument, or None when it was left out."""
        value = self.arguments.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        line = f"[ERROR] must be a string: {name}"
        raise SlackError("invalid_arguments", response_metadata={"messages": [line]})

    def required_text(self, name: str) -> str:
        """Return a string argument that must be there and not empty."""
        value = self.text(name)
        if not value:
            raise missing_argument(name)
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean argument; left out is False."""
        return str(self.arguments.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int, *, most: int) -> int:
        """Return a whole number from 1 to `most`; SlackError `invalid_limit` for anything else."""
        value = self.text(name)
        if value is None or value == "":
            return default
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
            raise SlackError("invalid_limit")
        return int(value)

    def parsed(self, name: str, error: str) -> object:
        """Return a structured argument, decoding it when it came as a string of JSON."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None
