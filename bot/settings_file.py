"""The file that BOT_CONFIG names: queues, their channels and people. See config/bot.toml."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.reviews.business_hours import ROUND_THE_CLOCK
from bot.reviews.deadlines import Deadlines
from bot.reviews.permissions import Roster
from bot.settings_deadlines import DeadlinesSection, HoursSection


def _channel_id(value: str) -> str:
    if value and not re.fullmatch(r"[CGD][A-Z0-9_]{1,40}", value):
        raise ValueError("must be a channel's id such as C012AB3CD, not its name")
    return value


def _person_id(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9_]{1,40}", value):
        raise ValueError("must be a Slack user's id such as U012AB3CD, not a name")
    return value


ChannelId = Annotated[str, AfterValidator(_channel_id)]
"""A channel, or an empty text where none is set."""

PersonId = Annotated[str, AfterValidator(_person_id)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Queue(_Section):
    """One queue of `[queues.*]`: its channel, its people and their time."""

    channel: ChannelId = ""
    reviewers: tuple[PersonId, ...] = ()
    leads: tuple[PersonId, ...] = ()
    deadlines: DeadlinesSection = DeadlinesSection()
    hours: HoursSection | None = None

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        self.time_limits()
        return self

    def roster(self) -> Roster:
        """The queue's people as the domain asks for them."""
        return Roster(frozenset(self.reviewers), frozenset(self.leads))

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


class BotFile(_Section):
    """The whole of config/bot.toml."""

    queues: Queues = Queues()
    operations: Operations = Operations()

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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [f"{path}: not valid TOML: {error}"]
    except OSError as error:
        return {}, [f"{path}: cannot be read: {error.strerror}"]
