"""The admin commands that a running server carries out for the command line: one table for both sides.

The command line runs a command itself if it can open the database, and otherwise sends it to the server's Unix socket
(bot/web/admin_socket.py) as the JSON of its argument.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from bot.handlers.audit_key import rotate_key
from bot.handlers.discard import Discard, Discarded, discard_delivery, discard_event
from bot.handlers.legal_hold import lift_hold, place_hold
from bot.handlers.replay import Replay, ReplayedPage, replay
from bot.handlers.requeue import Requeue, Requeued, requeue
from bot.handlers.retention import Purge, Purged, purge
from bot.store.store import Store
from bot.store.tables.audit import KeyRotation, RotateKey
from bot.store.tables.legal_holds import HoldAnswer, LiftHold, PlaceHold

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ArgumentT = TypeVar("ArgumentT", bound="DataclassInstance")
ResultT = TypeVar("ResultT", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class AdminCommand(Generic[ArgumentT, ResultT]):
    """A command by its name; its argument and result are dataclasses that JSON can hold.

    `run` gets the store, the argument and the time (milliseconds).
    """

    name: str
    argument: type[ArgumentT]
    run: Callable[[Store, ArgumentT, int], Awaitable[ResultT]]
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


REQUEUE = AdminCommand("requeue", Requeue, requeue, Requeued)
REPLAY = AdminCommand("replay", Replay, replay, ReplayedPage)
DISCARD_EVENT = AdminCommand("discard-event", Discard, discard_event, Discarded)
DISCARD_DELIVERY = AdminCommand("discard-delivery", Discard, discard_delivery, Discarded)
PLACE_HOLD = AdminCommand("place-hold", PlaceHold, place_hold, HoldAnswer)
LIFT_HOLD = AdminCommand("lift-hold", LiftHold, lift_hold, HoldAnswer)
PURGE = AdminCommand("purge", Purge, purge, Purged)
ROTATE_KEY = AdminCommand("rotate-key", RotateKey, rotate_key, KeyRotation)

ADMIN_COMMANDS: tuple[AdminCommand[Any, Any], ...] = (
    REQUEUE,
    REPLAY,
    DISCARD_EVENT,
    DISCARD_DELIVERY,
    PLACE_HOLD,
    LIFT_HOLD,
    PURGE,
    ROTATE_KEY,
)
