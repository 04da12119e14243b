"""What Ralio's API answers, read tolerantly: camelCase or snake_case, states as texts or numbers; the rest is dropped.

Pages: https://doc.raliopay.com/api-reference/kyc-kyb-sessions/list-idv-sessions, .../get-idv-session-checks and
.../get-idv-session-state-change-history.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from bot.ralio.checks import read_checks
from bot.ralio.schema import Id, Moment, Tolerant, Word, canonical
from bot.reviews.checks import Check
from bot.reviews.review import SessionState

_STATES: Mapping[str, SessionState] = MappingProxyType(
    {state.value: state for state in SessionState} | {"FAILED": SessionState.REJECTED}
)
"""The event's name says "failed" where the state is REJECTED (page kyc-session-failed); both are understood."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """A session came into a state; `state` is None for one that the bot does not use, `at` in milliseconds."""

    id: str
    state: SessionState | None
    at: int


@dataclass(frozen=True, slots=True)
class RemoteSession:
    """A session as Ralio lists it; `changed_at` (milliseconds) is when anything about it changed last."""

    id: str
    state: SessionState | None
    changed_at: int


def _state(value: object) -> object:
    return _STATES.get(value.strip().upper()) if isinstance(value, str) else None


_State = Annotated[SessionState | None, BeforeValidator(_state)]


class Login(Tolerant):
    """The token of `POST /api/v1/auth/login`."""

    token: Annotated[str, Field(min_length=1, max_length=16_384, pattern=r"^[\x21-\x7e]+$")]


class Checks(Tolerant):
    """A session's checks."""

    checks: list[Any]

    def refused(self) -> tuple[Check, ...]:
        """Those that were refused, with their codes and categories; what can't be read is left out."""
        return tuple(check for check in read_checks(self.checks).checks if check.state == "refused")


class _Log(Tolerant):
    id: Annotated[Word, BeforeValidator(canonical)] = ""
    new_state: _State = Field(validation_alias=AliasChoices("new_state", "newState"))
    created_at: Moment = Field(validation_alias=AliasChoices("created_at", "createdAt"))


class StateHistory(Tolerant):
    """A session's changes of state."""

    logs: list[_Log]

    def changes(self) -> tuple[StateChange, ...]:
        """Oldest first, in whatever order they came; an entry without an id is named by its time."""
        changes = (
            StateChange(log.id or str(log.created_at), log.new_state, log.created_at) for log in self.logs
        )
        return tuple(sorted(changes, key=lambda change: (change.at, change.id)))


class _Session(Tolerant):
    id: Id
    state: _State
    updated_at: Moment = Field(validation_alias=AliasChoices("updated_at", "updatedAt"))


class _Pagination(Tolerant):
    pages: int = Field(1, validation_alias=AliasChoices("numPages", "num_pages"))


class SessionsPage(Tolerant):
    """One page of a user's sessions."""

    sessions: list[_Session]
    pagination: _Pagination = _Pagination()

    def listed(self) -> tuple[RemoteSession, ...]:
        """The page's sessions in Ralio's order."""
        return tuple(
            RemoteSession(session.id, session.state, session.updated_at) for session in self.sessions
        )
