"""Ralio's events: from the signed bytes of a webhook to what they mean for a review.

Payloads as on https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review and its neighbours. Both envelopes
are understood (`eventId`/`eventType`, and the older `id`/`event`), names are matched with dots as underscores, and
fields that are not needed are neither kept nor complained about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError
from pydantic_core import from_json

from bot.ralio.list_limits import cap_event
from bot.ralio.schema import MAX_CHECKS, Id, Moment, Tolerant, WireCheck, present
from bot.reviews.review import EntityType, SessionEvent, SessionState

SESSION_STATES: Mapping[str, SessionState] = MappingProxyType(
    {
        "kyc_session_manual_review": SessionState.REVIEW,
        "kyc_session_verified": SessionState.VERIFIED,
        "kyc_session_failed": SessionState.REJECTED,
        "kyc_session_expired": SessionState.EXPIRED,
    }
)
"""The events that the bot acts on, and the session state that each one reports."""


@dataclass(frozen=True, slots=True)
class IgnoredEvent:
    """A signed event of another kind; only its name is used, for counting."""

    type: str


@dataclass(frozen=True, slots=True)
class MalformedEvent:
    """A signed body that is not JSON (`is_json` false) or does not have the documented shape.

    `problems` name places and rules, never values: they are sent back to Ralio and logged. `received_at` is in
    milliseconds.
    """

    is_json: bool
    problems: tuple[str, ...]
    body: bytes = field(repr=False)
    received_at: int


def parse(body: bytes, received_at: int) -> SessionEvent | IgnoredEvent | MalformedEvent:
    """Read a webhook's body whose signature is right, received at this time (milliseconds); never raises."""
    try:
        # The Rust parser refuses what json.loads lets through and the databases do not: lone surrogates.
        document = from_json(body, allow_inf_nan=False)
    except ValueError:
        return MalformedEvent(
            is_json=False, problems=("the body is not JSON",), body=body, received_at=received_at
        )
    if not isinstance(document, dict):
        return MalformedEvent(
            is_json=True, problems=("the body is not a JSON object",), body=body, received_at=received_at
        )
    name = document.get("eventType") or document.get("event")
    if not isinstance(name, str):
        return MalformedEvent(
            is_json=True, problems=("eventType: missing, or not a text",), body=body, received_at=received_at
        )
    state = SESSION_STATES.get(event_type := name.replace(".", "_"))
    if state is None:
        return IgnoredEvent(event_type)
    try:
        envelope = _Envelope.model_validate(present(cap_event(document)))
    except ValidationError as error:
        return MalformedEvent(is_json=True, problems=_problems(error), body=body, received_at=received_at)
    return envelope.session_event(event_type, state, received_at)


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


_OptionalId = Annotated[Id | None, BeforeValidator(_none_if_blank)]
"""A subject's id; another event of Ralio numbers its users, so that a number is taken as its digits."""


def _entity_type(value: object) -> object:
    """A blank one counts as missing."""
    return (value.strip().lower().replace("_", "-") or None) if isinstance(value, str) else value


class _Data(Tolerant):
    session_id: Id = Field(alias="sessionId", strict=True)
    entity_type: Annotated[EntityType | None, BeforeValidator(_entity_type)] = Field(None, alias="entityType")
    user_id: _OptionalId = Field(None, alias="userId")
    related_party_id: _OptionalId = Field(None, alias="relatedPartyId")
    checks: list[WireCheck] | None = None

    def subject_id(self) -> str | None:
        """The person in question: for a related party its own id goes before that of the business user."""
        if self.entity_type is EntityType.RELATED_PARTY:
            return self.related_party_id or self.user_id
        return self.user_id or self.related_party_id


class _Envelope(Tolerant):
    event_id: Id = Field(validation_alias=AliasChoices("eventId", "id"), strict=True)
    timestamp: Moment
    data: Annotated[_Data, BeforeValidator(present)]

    def session_event(self, type_: str, state: SessionState, received_at: int) -> SessionEvent:
        data = self.data
        return SessionEvent(
            event_id=self.event_id,
            occurred_at=self.timestamp,
            session_id=data.session_id,
            state=state,
            entity_type=data.entity_type,
            subject_id=data.subject_id(),
            checks=tuple(check.check() for check in (data.checks or ())[:MAX_CHECKS]),
            type=type_,
            received_at=received_at,
        )


def _problems(error: ValidationError) -> tuple[str, ...]:
    """Where and why, without the value: it could hold personal data."""
    return tuple(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_context=False, include_url=False)[:20]
    )
