"""What Slack tells on `/slack/events` (https://docs.slack.dev/reference/events)."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError


def read_challenge(body: bytes) -> str | None:
    """What Slack wants to hear back when it checks the address; None for any other event. Never raises."""
    try:
        event = _Event.model_validate_json(body)
    except ValidationError:
        return None
    return event.challenge if event.type == "url_verification" else None


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = ""
    challenge: str | None = Field(None, max_length=1_000)
