"""What a form carries and what comes back from it: Slack returns both, so nothing is stored here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.reviews.ids import canonical_id
from bot.reviews.review import Action
from bot.reviews.typed_text import cleaned
from bot.slack.messages.buttons import OPENS_MODAL

DAY, NOTE, REASON, TO, WORDS = "day", "note", "reason", "to", "words"
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class ModalState:
    """Which step the form is for, at which step of which review, and where it was asked for.

    `warned` is the digest of words about which the person was warned: sent once more as they are, they are taken.
    """

    action: Action
    session_id: str
    revision: int
    channel: str | None = None
    warned: str = ""

    def text(self) -> str:
        """For the form's private_metadata."""
        return json.dumps(
            {
                "action": self.action,
                "session_id": self.session_id,
                "step": self.revision,
                "channel": self.channel,
                "warned": self.warned,
            }
        )

    @classmethod
    def read(cls, text: str) -> "ModalState | None":
        """What `text` made; None for anything else."""
        try:
            carried = _Carried.model_validate_json(text)
        except ValidationError:
            return None
        return cls(carried.action, carried.session_id, carried.revision, carried.channel, carried.warned)

    def at_revision(self, revision: int) -> "ModalState":
        """The same modal for a later revision of the review."""
        return replace(self, revision=revision)

    def warned_of(self, words: str) -> "ModalState":
        """The same form after a warning about these words."""
        return replace(self, warned=digest(words))


def _asks_more(action: Action) -> Action:
    if action not in OPENS_MODAL:
        raise ValueError("has no form")
    return action


class _Carried(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    action: Annotated[Action, AfterValidator(_asks_more)]
    session_id: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"), AfterValidator(canonical_id)
    ]
    revision: Annotated[int, Field(alias="step", ge=0, lt=2**63)]
    channel: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,40}$")] | None = None
    warned: Annotated[str, Field(max_length=64)] = ""


def digest(words: str) -> str:
    """Long enough to recognise the same words."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person filled in; `blocks` are the ids of the blocks that hold each field, for complaints about it."""

    outcome: str | None = None
    reason: str | None = None
    to: str | None = None
    words: str | None = None
    day: str | None = None
    blocks: Mapping[str, str] = field(default_factory=dict)

    def block_of(self, name: str, otherwise: str) -> str:
        """Where to show an error about a field: on another field if the form lacks that one."""
        return self.blocks.get(name) or self.blocks.get(otherwise) or otherwise


def reason_block(outcome: str) -> str:
    """The id of the block with an outcome's reasons."""
    return f"{REASON}_{outcome}"


def reason_value(outcome: str, reason: str) -> str:
    """An option's value: several outcomes can have the same code."""
    return f"{outcome}:{reason}"


def read_entered(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Entered:
    """Read the state of a form; whatever has another shape than Slack's counts as empty."""
    found: dict[str, str] = {}
    blocks: dict[str, str] = {}
    for block_id, elements in values.items():
        for action_id, element in elements.items():
            blocks[action_id] = block_id
            if (value := _value_of(element)) is not None:
                found[action_id] = value
    outcome = found.get(OUTCOME)
    return Entered(
        outcome=outcome,
        # Another outcome's reason is kept as it is: it belongs to none, whatever else has the same code.
        reason=found.get(REASON, "").removeprefix(reason_value(outcome or "", "")) or None,
        to=found.get(TO),
        words=found.get(NOTE) or found.get(WORDS),
        day=found.get(DAY),
        blocks=blocks,
    )


def _value_of(element: Mapping[str, Any]) -> str | None:
    option = element.get("selected_option")
    value = element.get("value") or element.get("selected_user") or element.get("selected_date")
    if isinstance(option, Mapping):
        value = option.get("value")
    return cleaned(value) or None if isinstance(value, str) else None
