"""The arguments and options that several commands take."""

import re
from datetime import UTC, datetime

import click

from bot.reviews.ids import canonical_id
from bot.reviews.typed_text import cleaned

ROW_ID = click.IntRange(1, 2**63 - 1)
"""The id of a row in the database."""


class Moment(click.ParamType[int]):
    """A date or a time in ISO 8601, in UTC unless it names an offset; converted to milliseconds since 1970."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse the date or the time; fail with an example of one."""
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


class SessionId(click.ParamType[str]):
    """The id of a session; a UUID in any spelling."""

    name = "session id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Spell a UUID as it is stored; any other id stays as it is."""
        del param, ctx
        return canonical_id(str(value))


class SlackUserId(click.ParamType[str]):
    """The id of a Slack user, or `operator`."""

    name = "user id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Accept the id; fail with an example of one."""
        if value != "operator" and not re.fullmatch(r"[UW][A-Z0-9_]{1,40}", str(value)):
            self.fail(f"{value!r} is not a Slack user's id such as U012AB3CD", param, ctx)
        return str(value)


MAX_REASON_LENGTH = 200


class Reason(click.ParamType[str]):
    """An operator's reason, kept in the record: one line, without invisible characters."""

    name = "text"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Clean the line; fail if there are several or it is too long."""
        reason = cleaned(str(value))
        if len(reason) > MAX_REASON_LENGTH or "\n" in reason:
            self.fail(f"must be a single line of at most {MAX_REASON_LENGTH} characters", param, ctx)
        return reason


class RequiredReason(Reason):
    """A reason that can't be blank."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Clean the line; fail if nothing is left of it."""
        reason = super().convert(value, param, ctx)
        if not reason:
            self.fail("must not be blank", param, ctx)
        return reason


session_argument = click.argument("session", metavar="SESSION_ID|NUMBER", type=SessionId())
"""A session's id or the number of its review, for `session_named`."""

by_option = click.option(
    "--by", type=SlackUserId(), default="operator", help="Your Slack user id, for the record."
)
required_by_option = click.option(
    "--by", type=SlackUserId(), required=True, help="Your Slack user id, or 'operator', for the record."
)
required_reason_option = click.option(
    "--reason",
    type=RequiredReason(),
    required=True,
    help="The reason, kept in the record. Don't enter personal data.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


def require_id_or_all(row_id: int | None, *, everything: bool) -> None:
    """Raise click.UsageError unless exactly one of an id and `--all` was given."""
    if (row_id is not None) == everything:
        raise click.UsageError("give either an ID or --all")
