"""The table of admin commands: both sides of the socket read it."""

import inspect
from dataclasses import asdict, fields, is_dataclass
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from bot.handlers.requeue import Requeue
from bot.handlers.retention import Part, Purge, Purged
from bot.web.admin_commands import ADMIN_COMMANDS, PURGE, REQUEUE, AdminCommand

every_command = pytest.mark.parametrize("command", ADMIN_COMMANDS, ids=lambda command: str(command.name))


def test_every_command_has_a_path_of_its_own() -> None:
    """Command lines and servers of earlier versions use the same paths."""
    assert [command.path for command in ADMIN_COMMANDS] == [
        "/maintenance/requeue",
        "/maintenance/replay",
        "/maintenance/discard-event",
        "/maintenance/discard-delivery",
        "/maintenance/place-hold",
        "/maintenance/lift-hold",
        "/maintenance/purge",
        "/maintenance/rotate-key",
    ]


@every_command
def test_a_command_runs_what_takes_its_argument_and_returns_its_result(
    command: AdminCommand[Any, Any],
) -> None:
    """The three columns of a row fit together."""
    hints = get_type_hints(command.run)
    parameter = list(inspect.signature(command.run).parameters)[1]
    assert hints[parameter] is command.argument
    assert hints["return"] is command.result


@every_command
def test_argument_and_result_are_dataclasses_that_json_can_hold(command: AdminCommand[Any, Any]) -> None:
    """Both sides can describe them."""
    for side in (command.argument, command.result):
        assert is_dataclass(side)
        described = TypeAdapter(side).json_schema()
        names = described.get("properties") or described["$defs"][side.__name__]["properties"]
        assert list(names) == [field.name for field in fields(side)]


@pytest.mark.parametrize(
    ("command", "value"),
    [(REQUEUE, Requeue(None)), (PURGE, Purge(1_000, "os:ana", dry_run=True, part=Part.EVENTS, after=7))],
)
def test_an_argument_arrives_as_it_was_sent(command: AdminCommand[Any, Any], value: Any) -> None:
    """What one side writes, the other reads, strictly."""
    adapter = TypeAdapter(command.argument)
    assert adapter.validate_json(adapter.dump_json(value), strict=True) == value
    assert TypeAdapter(PURGE.result).validate_python(asdict(Purged(Part.EVENTS, 1, 2, None))).rows == 1
