"""Ralio's events: from the signed bytes of a webhook to what they mean for a review.

Payloads as on https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review and its neighbours. Both envelopes
are understood (`eventId`/`eventType`, and the older `id`/`event`), names are matched with dots as underscores, and
fields that are not needed are neither kept nor complained about. What only decorates a card (checks and the subject) is
left out where it cannot be read.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from bot.ralio.checks import read_checks
from bot.ralio.schema import EventTime, Id, Tolerant, present
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
        document = from_json(body.removeprefix(BOM_UTF8), allow_inf_nan=False)
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
            is_json=True,
            problems=("eventType: missing, or not a string",),
            body=body,
            received_at=received_at,
        )
    state = SESSION_STATES.get(event_type := name.replace(".", "_"))
    if state is None:
        return IgnoredEvent(event_type)
    try:
        envelope = _Envelope.model_validate(present(document))
    except ValidationError as error:
        return MalformedEvent(is_json=True, problems=_problems(error), body=body, received_at=received_at)
    return envelope.session_event(event_type, state, received_at)


_SUBJECT_ID = TypeAdapter(Id, config=Tolerant.model_config)


def _read_subject_id(value: object) -> tuple[str | None, bool]:
    """A subject's id, and whether there is one that can't be read. Another event of Ralio numbers its users."""
    if value is None:
        return None, False
    try:
        return _SUBJECT_ID.validate_python(value), False
    except ValidationError:
        return None, True


_SEPARATORS = re.compile(r"[\s_-]+")
_ENTITY_TYPES: Mapping[str, EntityType] = MappingProxyType(
    {_SEPARATORS.sub("", type_.value): type_ for type_ in EntityType}
)


def _entity_type(value: object) -> object:
    """Any case, blanks, `-`, `_` and camel case; a blank one counts as missing."""
    if not isinstance(value, str):
        return value
    spelling = _SEPARATORS.sub("", value).lower()
    return _ENTITY_TYPES.get(spelling, value) if spelling else None


class _Data(Tolerant):
    session_id: Id = Field(alias="sessionId", strict=True)
    entity_type: Annotated[EntityType | None, BeforeValidator(_entity_type)] = Field(None, alias="entityType")
    user_id: Any = Field(None, alias="userId")
    related_party_id: Any = Field(None, alias="relatedPartyId")
    checks: Any = None

    def subject(self) -> tuple[str | None, bool]:
        """The person in question, and whether an id can't be read.

        For a related party its own id goes before that of the business user.
        """
        user_id, user_unreadable = _read_subject_id(self.user_id)
        party_id, party_unreadable = _read_subject_id(self.related_party_id)
        ids = (party_id, user_id) if self.entity_type is EntityType.RELATED_PARTY else (user_id, party_id)
        return ids[0] or ids[1], user_unreadable or party_unreadable


class _Envelope(Tolerant):
    event_id: Id = Field(validation_alias=AliasChoices("eventId", "id"), strict=True)
    timestamp: EventTime
    data: Annotated[_Data, BeforeValidator(present)]

    def session_event(self, type_: str, state: SessionState, received_at: int) -> SessionEvent:
        data = self.data
        subject_id, subject_unreadable = data.subject()
        read = read_checks(data.checks)
        return SessionEvent(
            event_id=self.event_id,
            occurred_at=self.timestamp,
            session_id=data.session_id,
            state=state,
            entity_type=data.entity_type,
            subject_id=subject_id,
            checks=read.checks,
            checks_left_out=read.left_out,
            unreadable=read.unreadable or subject_unreadable,
            type=type_,
            received_at=received_at,
        )


def _problems(error: ValidationError) -> tuple[str, ...]:
    """Where and why, without the value: it could hold personal data."""
    return tuple(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_context=False, include_url=False)
    )
