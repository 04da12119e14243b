"""The shape of an event, for those who read it with pydantic."""

from pydantic import BaseModel, Field


class Data(BaseModel):
    """Whom an event is about."""

    session_id: str = Field(alias="sessionId")
    user_id: str | None = Field(None, alias="userId")
    entity_type: str | None = Field(None, alias="entityType")


class Event(BaseModel):
    """An event as it arrives."""

    event_id: str = Field(alias="eventId")
    event_type: str = Field(alias="eventType")
    timestamp: str
    data: Data
