"""The admin commands that a running server carries out for the command line: one table for both sides.

The command line runs a command itself if it can open the database, and otherwise sends it to the server's Unix socket
(bot/web/admin_socket.py) as the JSON of its argument.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from bot.handlers.maintenance import Replay, ReplayedPage, Requeue, Requeued, StoreMaintainer
from bot.handlers.retention import Purge, Purged
from bot.store.tables.legal_holds import HoldAnswer, LiftHold, PlaceHold

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ArgumentT = TypeVar("ArgumentT", bound="DataclassInstance")
ResultT = TypeVar("ResultT", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class AdminCommand(Generic[ArgumentT, ResultT]):
    """A command by its name; its argument and result are dataclasses that JSON can hold."""

    name: str
    argument: type[ArgumentT]
    run: Callable[[StoreMaintainer, ArgumentT], Awaitable[ResultT]]
    result: type[ResultT]

    @property
    def path(self) -> str:
        """Return the path that the command is posted to."""
        return f"/maintenance/{self.name}"


class AdminClient(Protocol):
    """Runs admin commands, in this process or in the running server."""

    async def run(self, command: AdminCommand[ArgumentT, ResultT], argument: ArgumentT) -> ResultT:
        """Run a command; raises StoreError if it could not be done."""
        ...


REQUEUE = AdminCommand("requeue", Requeue, StoreMaintainer.requeue, Requeued)
REPLAY = AdminCommand("replay", Replay, StoreMaintainer.replay, ReplayedPage)
PLACE_HOLD = AdminCommand("place-hold", PlaceHold, StoreMaintainer.place_hold, HoldAnswer)
LIFT_HOLD = AdminCommand("lift-hold", LiftHold, StoreMaintainer.lift_hold, HoldAnswer)
PURGE = AdminCommand("purge", Purge, StoreMaintainer.purge, Purged)

ADMIN_COMMANDS: tuple[AdminCommand[Any, Any], ...] = (REQUEUE, REPLAY, PLACE_HOLD, LIFT_HOLD, PURGE)
