"""Notifications about where a message could not be shown as usual."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardMoved:
    """Ephemeral message: the person acted on a former card; this is where the card is now."""

    session_id: str
    channel: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class DeliveryHeld:
    """Ops alert: a delivery is held. `channel` is None where none is configured."""

    channel: str | None
    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"held:{self.channel}:{self.error}"


@dataclass(frozen=True, slots=True)
class EditWindowClosed:
    """Ops alert: the workspace lets messages be edited only for a short time, so cards must be posted again."""

    channel: str | None

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per day for each."""
        return f"edit_window:{self.channel}"


@dataclass(frozen=True, slots=True)
class PersonUnreachable:
    """Ops alert: Slack cannot show this person a direct message."""

    person: str
    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per day for each."""
        return f"unreachable:{self.person}"
