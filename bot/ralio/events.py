"""Ralio's events: from the signed bytes of a webhook to what they mean for a review.

Payloads as on https://doc.raliopay.com/webhooks-events/kyc/kyc-session-manual-review and its neighbours. Both envelopes
are understood (`eventId`/`eventType`, and the older `id`/`event`), names are matched with dots as underscores, and
fields that are not needed are neither kept nor complained about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import from_json

from bot.reviews.review import Check, EntityType, SessionEvent, SessionState

SESSION_STATES: Mapping[str, SessionState] = MappingProxyType(
    {
        "kyc_session_manual_review": SessionState.REVIEW,
        "kyc_session_verified": SessionState.VERIFIED,
        "kyc_session_failed": SessionState.REJECTED,
        "kyc_session_expired": SessionState.EXPIRED,
    }
)
"""The events that the bot acts on, and the session state that each one tells."""

MAX_CHECKS = 20
MAX_CODES = 10
MAX_WORD = 80

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Understood:
    """An event about a session."""

    type: str
    event: SessionEvent


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """A signed event of another kind; only its name is used, for counting."""

    type: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """Signed, yet not JSON (`is_json` false) or not the documented shape.

    `problems` name places and rules, never values: they are answered and logged.
    """

    is_json: bool
    problems: tuple[str, ...]


def parse(body: bytes) -> Understood | NotNeeded | Malformed:
    """Read a webhook's body whose signature was found right; never raises."""
    try:
        # The Rust parser refuses what json.loads lets through and the databases do not: lone surrogates.
        document = from_json(body, allow_inf_nan=False)
    except ValueError:
        return Malformed(is_json=False, problems=("the body is not JSON",))
    if not isinstance(document, dict):
        return Malformed(is_json=True, problems=("the body is not a JSON object",))
    name = document.get("eventType") or document.get("event")
    if not isinstance(name, str):
        return Malformed(is_json=True, problems=("eventType: missing, or not a text",))
    state = SESSION_STATES.get(event_type := name.replace(".", "_"))
    if state is None:
        return NotNeeded(event_type)
    try:
        envelope = _Envelope.model_validate(_present(document))
    except ValidationError as error:
        return Malformed(is_json=True, problems=_problems(error))
    return Understood(event_type, envelope.session_event(state))


def _milliseconds(moment: object) -> int:
    """ISO 8601, also with seven fractional digits and an offset; a time without an offset is taken as UTC."""
    if not isinstance(moment, str):
        raise ValueError("must be an ISO 8601 text")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return (parsed - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be an ISO 8601 time") from error


def _entity_type(value: object) -> object:
    """A blank one counts as missing."""
    return (value.strip().lower().replace("_", "-") or None) if isinstance(value, str) else value


def _word(value: object) -> object:
    """A short machine-readable word; a number is its digits. Longer texts are cut, control characters dropped."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return "".join(character for character in value if character.isprintable())[:MAX_WORD]
    return value


def _state(value: object) -> object:
    """Newer copies number the states of a check: 1 is validated, 2 is refused (page kyc-session-failed)."""
    word = _word(value)
    return (
        {"1": "validated", "2": "refused"}.get(word.lower(), word.lower()) if isinstance(word, str) else word
    )


# Documented as UUIDs. Any opaque id is taken rather than lose a review, but nothing that could carry markup or a name.
_Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
_Word = Annotated[str, BeforeValidator(_word)]


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


_OptionalId = Annotated[_Id | None, BeforeValidator(_none_if_blank)]
"""A subject's id; another event of Ralio numbers its users, so that a number is taken as its digits."""


class _Tolerant(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


class _Reason(_Tolerant):
    code: _Word = ""
    type: _Word = ""


class _Check(_Tolerant):
    type: _Word = "check"
    state: Annotated[_Word, BeforeValidator(_state)] = ""
    reasons: list[_Reason] | None = None

    def check(self) -> Check:
        codes = [reason.code or reason.type for reason in self.reasons or ()]
        return Check(self.type, self.state, tuple(code for code in codes if code)[:MAX_CODES])


class _Data(_Tolerant):
    session_id: _Id = Field(alias="sessionId", strict=True)
    entity_type: Annotated[EntityType | None, BeforeValidator(_entity_type)] = Field(None, alias="entityType")
    user_id: _OptionalId = Field(None, alias="userId")
    related_party_id: _OptionalId = Field(None, alias="relatedPartyId")
    checks: list[_Check] | None = None

    def subject_id(self) -> str | None:
        """The person in question: for a related party its own id goes before that of the business user."""
        if self.entity_type is EntityType.RELATED_PARTY:
            return self.related_party_id or self.user_id
        return self.user_id or self.related_party_id


def _present(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Drop nulls and blanks, so that `{"eventId": null, "id": "..."}` is read like the older envelope."""
    if isinstance(document, dict):
        return {key: value for key, value in document.items() if value not in (None, "")}
    return document


class _Envelope(_Tolerant):
    event_id: _Id = Field(validation_alias=AliasChoices("eventId", "id"), strict=True)
    timestamp: Annotated[int, BeforeValidator(_milliseconds)]
    data: Annotated[_Data, BeforeValidator(_present)]

    def session_event(self, state: SessionState) -> SessionEvent:
        data = self.data
        return SessionEvent(
            event_id=self.event_id,
            occurred_at=self.timestamp,
            session_id=data.session_id,
            state=state,
            entity_type=data.entity_type,
            subject_id=data.subject_id(),
            checks=tuple(check.check() for check in (data.checks or ())[:MAX_CHECKS]),
        )


def _problems(error: ValidationError) -> tuple[str, ...]:
    """Where and why, without the value: it could hold personal data."""
    return tuple(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_context=False, include_url=False)[:20]
    )
