"""Events from Ralio that need an operator, as the operations channel is notified of them."""

from dataclasses import dataclass

from bot.reviews.review import SessionState


@dataclass(frozen=True, slots=True)
class EventQuarantined:
    """Ops alert: a signed event from Ralio could not be read; `event` is its row's id."""

    error: str
    event: int | None = None

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return "quarantined"


@dataclass(frozen=True, slots=True)
class VerdictDropped:
    """Ops alert: a verdict is older than what the bot knows of the session, so its review stays open."""

    session_id: str
    session_state: SessionState

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"verdict_dropped:{self.session_id}"
