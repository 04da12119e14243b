"""The file that BOT_CONFIG names: queues, their channels and people. See config/bot.toml."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.reviews.business_hours import ROUND_THE_CLOCK
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import SessionState
from bot.settings.deadlines import DeadlinesSection, HoursSection, TimeOfDay


def _channel_id(value: str) -> str:
    if value and not re.fullmatch(r"[CGD][A-Z0-9_]{1,40}", value):
        raise ValueError("must be a channel's id such as C012AB3CD, not its name")
    return value


def _person_or_group_id(value: str) -> str:
    if not re.fullmatch(r"[UWS][A-Z0-9_]{1,40}", value):
        raise ValueError(
            "must be the id of a Slack user such as U012AB3CD, or of a user group such as S012AB3CD"
        )
    return value


def _code(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", value):
        raise ValueError("must be a short code of small letters, digits and _, such as document_unreadable")
    return value


ChannelId = Annotated[str, AfterValidator(_channel_id)]
"""A channel, or an empty text where none is set."""

PersonOrGroupId = Annotated[str, AfterValidator(_person_or_group_id)]

Code = Annotated[str, AfterValidator(_code)]
"""What is stored of an outcome or a reason; people read its label."""

Label = Annotated[str, Field(min_length=1, max_length=75)]
"""As long as Slack lets an option be."""

MOST_OPTIONS = 100
"""As many as Slack lets a menu hold."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OutcomeSection(_Section):
    """One `[outcomes.CODE]`: how people read it, its reasons, and which verdict of Ralio it agrees with."""

    label: Label
    expects: Literal["VERIFIED", "REJECTED"] | None = None
    reason_required: bool = False
    reasons: dict[Code, Label] = Field(default_factory=dict, max_length=MOST_OPTIONS)

    @model_validator(mode="after")
    def _reason_can_be_given(self) -> Self:
        if self.reason_required and not self.reasons:
            raise ValueError("reason_required needs reasons to choose from")
        return self

    def outcome(self) -> Outcome:
        """The outcome as the domain knows it."""
        expects = SessionState(self.expects) if self.expects else None
        return Outcome(self.label, dict(self.reasons), self.reason_required, expects)


class Queue(_Section):
    """One queue of `[queues.*]`: its channel, its people, which outcomes need a second person, and its time."""

    channel: ChannelId = ""
    reviewers: tuple[PersonOrGroupId, ...] = ()
    leads: tuple[PersonOrGroupId, ...] = ()
    four_eyes: tuple[Code, ...] = ()
    deadlines: DeadlinesSection = DeadlinesSection()
    hours: HoursSection | None = None
    digest_at: TimeOfDay = None

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        self.time_limits()
        return self

    def roster(self) -> Roster:
        """The queue's people as the domain asks for them."""
        return Roster(
            reviewers=frozenset(id_ for id_ in self.reviewers if not id_.startswith("S")),
            leads=frozenset(id_ for id_ in self.leads if not id_.startswith("S")),
            reviewer_groups=frozenset(id_ for id_ in self.reviewers if id_.startswith("S")),
            lead_groups=frozenset(id_ for id_ in self.leads if id_.startswith("S")),
        )

    def time_limits(self) -> Deadlines:
        """The queue's deadlines and business hours as the domain counts them."""
        return self.deadlines.within(self.hours.business_hours() if self.hours else ROUND_THE_CLOCK)


class Queues(_Section):
    """Both queues; the names are those of Ralio's `entityType`."""

    user: Queue = Queue()
    related_party: Queue = Field(Queue(), alias="related-party")


class Operations(_Section):
    """Where the operators read."""

    channel: ChannelId = ""


DEFAULT_OUTCOMES = {
    "approve": OutcomeSection(label="Approve", expects="VERIFIED"),
    "reject": OutcomeSection(
        label="Reject",
        expects="REJECTED",
        reason_required=True,
        reasons={
            "document_unreadable": "Document unreadable",
            "document_expired": "Document expired",
            "document_forged": "Document looks forged",
            "face_mismatch": "Face does not match",
            "data_mismatch": "Data do not match",
            "suspicious": "Suspicious activity",
            "other": "Other (say so in the note)",
        },
    ),
    "more_information": OutcomeSection(
        label="More information",
        reason_required=True,
        reasons={
            "better_document": "A better picture of the document",
            "other_document": "Another document",
            "proof_of_address": "A proof of address",
            "other": "Other (say so in the note)",
        },
    ),
}
"""What can be decided where the file does not say; config/bot.toml as it comes says the same."""


class BotFile(_Section):
    """The whole of config/bot.toml."""

    queues: Queues = Queues()
    outcomes: dict[Code, OutcomeSection] = Field(DEFAULT_OUTCOMES, min_length=1, max_length=MOST_OPTIONS)
    operations: Operations = Operations()

    @model_validator(mode="after")
    def _four_eyes_are_outcomes(self) -> Self:
        for name, queue in (("user", self.queues.user), ("related-party", self.queues.related_party)):
            if unknown := sorted(set(queue.four_eyes) - self.outcomes.keys()):
                raise ValueError(f"queues.{name}.four_eyes: no such outcome: {', '.join(unknown)}")
        return self

    def rules(self) -> dict[str, Policy]:
        """What each queue says about the work on its reviews, by the queue's name."""
        outcomes = {code: section.outcome() for code, section in self.outcomes.items()}
        queues = {"user": self.queues.user, "related-party": self.queues.related_party}
        return {
            name: Policy(
                queue.roster(), outcomes, frozenset(queue.four_eyes), queue.time_limits(), queue.digest_at
            )
            for name, queue in queues.items()
        }

    def deadlines(self) -> dict[str, Deadlines]:
        """The deadlines of each queue in its business hours, by the queue's name."""
        return {
            "user": self.queues.user.time_limits(),
            "related-party": self.queues.related_party.time_limits(),
        }


def read_bot_file(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """The file's content and what is wrong with reading it; no file at all is fine when it was not asked for."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        if os.environ.get("BOT_CONFIG"):
            return {}, [f"BOT_CONFIG: there is no file {path}"]
        return {}, []
    except (ValueError, RecursionError) as error:  # also numbers and nesting beyond what Python reads
        return {}, [f"{path}: not valid TOML: {error}"]
    except OSError as error:
        return {}, [f"{path}: cannot be read: {error.strerror}"]
