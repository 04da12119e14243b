"""Webhooks that are refused for good and never come again, as operators are notified of them."""

from dataclasses import dataclass
from enum import StrEnum


class RefusedWebhook(StrEnum):
    """Why a webhook was refused for good: Ralio never repeats it."""

    WRONG_PATH = "wrong_path"
    TOO_LARGE = "too_large"
    WRONG_SIGNATURE = "wrong_signature"


@dataclass(frozen=True, slots=True)
class WebhookRefused:
    """Ops alert: webhooks are refused for good. `error` is the path, the limit in bytes, or how many."""

    topic: RefusedWebhook
    error: str

    @property
    def problem(self) -> str:
        """What the alert is about: there is at most one alert per hour for each."""
        return f"webhook:{self.topic}"
