"""The configuration file that BOT_CONFIG names: queues, outcomes and the operations channel. See config/bot.toml."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from bot.reviews.business_hours import ROUND_THE_CLOCK
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.reviews.policy import Outcome, Policy
from bot.reviews.review import SessionState
from bot.reviews.snooze import SnoozePolicy
from bot.settings.deadlines import DeadlinesSection, HoursSection, TimeOfDay
from bot.settings.retention import Retention
from bot.settings.section import Section


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
        raise ValueError("must be a short code of a-z, 0-9 and _, such as document_unreadable")
    return value


ChannelId = Annotated[str, AfterValidator(_channel_id)]
"""A channel's id, or an empty text if none is set."""

PersonOrGroupId = Annotated[str, AfterValidator(_person_or_group_id)]
"""The id of a Slack user or of a user group."""

Code = Annotated[str, AfterValidator(_code)]
"""What the database holds for an outcome or a reason; people read its label."""

Label = Annotated[str, Field(min_length=1, max_length=75)]
"""A text for people, of the length that Slack allows for an option
(https://docs.slack.dev/reference/block-kit/composition-objects/option-object)."""

MAX_OPTIONS = 100
"""As many as Slack allows in a menu (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element)."""


class ReasonSection(Section):
    """One reason of an outcome: its label alone, or a table with what it needs."""

    label: Label
    """Its name in Slack."""

    note_required: bool = False
    """Whether a reviewer must explain it in the note."""

    @model_validator(mode="before")
    @classmethod
    def _label_alone(cls, value: object) -> object:
        return {"label": value} if isinstance(value, str) else value


class OutcomeSection(Section):
    """One `[outcomes.CODE]`: a result that a reviewer can decide on."""

    label: Label
    """Its name in Slack."""

    expects: Literal["VERIFIED", "REJECTED"] | None = None
    """The verdict of Ralio that it agrees with; left out, it agrees with any."""

    reason_required: bool = False
    """Whether a reviewer must choose a reason."""

    reasons: dict[Code, ReasonSection] = Field(default_factory=dict, max_length=MAX_OPTIONS)
    """The reasons to choose from, by their codes."""

    @model_validator(mode="after")
    def _reason_can_be_given(self) -> Self:
        if self.reason_required and not self.reasons:
            raise ValueError("reason_required needs reasons to choose from")
        return self

    def outcome(self) -> Outcome:
        """Return the outcome as the domain knows it."""
        expects = SessionState(self.expects) if self.expects else None
        labels = {code: reason.label for code, reason in self.reasons.items()}
        with_note = frozenset(code for code, reason in self.reasons.items() if reason.note_required)
        return Outcome(self.label, labels, self.reason_required, expects, with_note)


class Queue(Section):
    """One `[queues.*]`: where the reviews of a queue go, the people who work on them, and how."""

    channel: ChannelId = ""
    """Where its cards are posted."""

    reviewers: tuple[PersonOrGroupId, ...] = ()
    """Who can claim and decide; without reviewers, the members of the queue's channel can."""

    leads: tuple[PersonOrGroupId, ...] = ()
    """Who can also release and reassign reviews that others claimed, and gets escalations."""

    four_eyes: tuple[Code, ...] = ()
    """The outcomes that a second person must confirm."""

    deadlines: DeadlinesSection = DeadlinesSection()
    """How long each step can take."""

    hours: HoursSection | None = None
    """The business hours; left out, every hour counts."""

    mention: Literal["group", "none"] = "none"
    """Whether a new card mentions the queue's reviewers, so Slack notifies them."""

    digest_at: TimeOfDay = None
    """When the daily digest is posted, in minutes after midnight; left out, there is none."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.time_limits()
        if self.mention == "group" and not self.reviewers:
            raise ValueError('mention = "group" needs reviewers to mention')
        return self

    def roster(self) -> Roster:
        """Return the queue's people as the domain knows them."""
        return Roster(
            reviewers=frozenset(id_ for id_ in self.reviewers if not id_.startswith("S")),
            leads=frozenset(id_ for id_ in self.leads if not id_.startswith("S")),
            reviewer_groups=frozenset(id_ for id_ in self.reviewers if id_.startswith("S")),
            lead_groups=frozenset(id_ for id_ in self.leads if id_.startswith("S")),
        )

    def time_limits(self) -> Deadlines:
        """Return the queue's deadlines and business hours as the domain counts them."""
        return self.deadlines.within(self.hours.business_hours() if self.hours else ROUND_THE_CLOCK)


class Queues(Section):
    """`[queues]`: both queues, named after the values of Ralio's `entityType`."""

    user: Queue = Queue()
    """Reviews of users."""

    related_party: Queue = Field(Queue(), alias="related-party")
    """Reviews of related parties."""

    def by_name(self) -> dict[str, Queue]:
        """Return each queue by its name in the file and in the database."""
        return {"user": self.user, "related-party": self.related_party}


class Operations(Section):
    """`[operations]`: how operators are notified."""

    channel: ChannelId = ""
    """Where operations alerts are posted."""


class Audit(Section):
    """`[audit]`: what the record holds besides what was done."""

    staff_names: bool = True
    """Record what people are called in Slack, once per change."""


_OTHER = ReasonSection(label="Other (explain in the note)", note_required=True)

DEFAULT_SNOOZE_REASONS = {
    "better_document": ReasonSection(label="Waiting for a better document"),
    "other_document": ReasonSection(label="Waiting for another document"),
    "proof_of_address": ReasonSection(label="Waiting for proof of address"),
    "customer": ReasonSection(label="Waiting for the customer"),
    "other": _OTHER,
}
"""The reasons of a file without `[snooze.reasons]`; config/bot.toml as shipped has the same."""


class SnoozeSection(Section):
    """`[snooze]`: how reviews can be put off while they wait for something; the same in every queue."""

    max_days: int = Field(7, ge=1, le=366)
    """The furthest day that can be chosen, in days from today: as long as a session is valid at Ralio."""

    reasons: dict[Code, ReasonSection] = Field(DEFAULT_SNOOZE_REASONS, min_length=1, max_length=MAX_OPTIONS)
    """The reasons to choose from, by their codes."""

    def policy(self) -> SnoozePolicy:
        """Return the settings as the domain knows them."""
        labels = {code: reason.label for code, reason in self.reasons.items()}
        with_note = frozenset(code for code, reason in self.reasons.items() if reason.note_required)
        return SnoozePolicy(self.max_days, labels, with_note)


DEFAULT_OUTCOMES = {
    "approve": OutcomeSection(label="Approve", expects="VERIFIED"),
    "reject": OutcomeSection(
        label="Reject",
        expects="REJECTED",
        reason_required=True,
        reasons={
            "document_unreadable": ReasonSection(label="Document unreadable"),
            "document_expired": ReasonSection(label="Document expired"),
            "document_forged": ReasonSection(label="Document looks forged"),
            "face_mismatch": ReasonSection(label="Face doesn't match"),
            "data_mismatch": ReasonSection(label="Data mismatch"),
            "suspicious": ReasonSection(label="Suspicious activity"),
            "other": _OTHER,
        },
    ),
}
"""The outcomes of a file without `[outcomes]`; config/bot.toml as shipped has the same."""


class BotFile(Section):
    """The whole configuration file."""

    queues: Queues = Queues()
    """The queues."""

    outcomes: dict[Code, OutcomeSection] = Field(DEFAULT_OUTCOMES, min_length=1, max_length=MAX_OPTIONS)
    """The outcomes that can be decided on, by their codes; the same in every queue."""

    snooze: SnoozeSection = SnoozeSection()
    """How reviews can be put off."""

    operations: Operations = Operations()
    """How operators are notified."""

    audit: Audit = Audit()
    """What the record holds."""

    retention: Retention = Retention()
    """What no purge removes."""

    @model_validator(mode="after")
    def _four_eyes_are_outcomes(self) -> Self:
        for name, queue in self.queues.by_name().items():
            if unknown := sorted(set(queue.four_eyes) - self.outcomes.keys()):
                raise ValueError(f"queues.{name}.four_eyes: no such outcome: {', '.join(unknown)}")
        return self

    def rules(self) -> dict[str, Policy]:
        """Return the policy of each queue, by the queue's name."""
        outcomes = {code: section.outcome() for code, section in self.outcomes.items()}
        return {
            name: Policy(
                queue.roster(),
                outcomes,
                frozenset(queue.four_eyes),
                self._time_limits(queue),
                queue.digest_at,
                self.snooze.policy(),
                mentions_reviewers=queue.mention == "group",
            )
            for name, queue in self.queues.by_name().items()
        }

    def deadlines(self) -> dict[str, Deadlines]:
        """Return the deadlines of each queue in its business hours, by the queue's name."""
        return {name: self._time_limits(queue) for name, queue in self.queues.by_name().items()}

    def _time_limits(self, queue: Queue) -> Deadlines:
        limits = queue.time_limits()
        if limits.verdict_within_ms is None:
            return limits
        awaited = frozenset(code for code, outcome in self.outcomes.items() if outcome.expects)
        return replace(limits, awaited=awaited)


def read_bot_file(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    """Return the file's content, and what is wrong if it can't be read.

    A file that BOT_CONFIG does not name is allowed to be missing. A byte order mark, as some editors write, is skipped.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig")), []
    except FileNotFoundError:
        if os.environ.get("BOT_CONFIG"):
            return {}, [f"BOT_CONFIG: there is no file {path}"]
        return {}, []
    except (ValueError, RecursionError) as error:  # also for numbers and nesting that Python can't read
        return {}, [f"{path}: not valid TOML: {error}"]
    except OSError as error:
        return {}, [f"{path}: cannot be read: {error.strerror}"]
