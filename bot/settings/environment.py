"""Every setting, read once from the environment and from the file that BOT_CONFIG names, and frozen afterwards.

A field is read from the variable of the same name in capitals. `StoreSettings` is for every command (the database, the
audit key, the log), `EventSettings` for those that handle events, `Settings` for the server.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from bot.ralio.signature import Encoding
from bot.reviews.audit.entry import Keys
from bot.reviews.policy import Policy
from bot.settings.decision_webhook import DecisionWebhookSettings
from bot.settings.file import BotFile, ChannelId, read_bot_file
from bot.settings.host import Host
from bot.settings.outbound_proxy import OutboundProxySettings
from bot.settings.portal_url import PortalUrlTemplate
from bot.settings.problems import SettingsProblem, problem_lines
from bot.settings.secret_types import (
    OptionalSecret,
    OptionalSecrets,
    RequiredSecret,
    RequiredSecrets,
    SentryDsn,
    SigningKey,
    SigningSecrets,
)
from bot.settings.similar_names import similar_names
from bot.settings.slack_api_url import SlackApiUrl

DEFAULT_FILE = Path("config/bot.toml")
CHANNEL_VARIABLES = {"user": "USER_REVIEW_CHANNEL", "related-party": "RELATED_PARTY_REVIEW_CHANNEL"}


class StoreSettings(BaseModel):
    """What every command needs."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True)

    database_url: OptionalSecret = SecretStr("sqlite:///reviews.db")
    """`sqlite:///path` or `postgres://...`; secret because it can hold a password."""

    allow_ephemeral_database: bool = False
    """Allow SQLite on a Heroku dyno, although its disk is wiped at every restart."""

    dyno: str = ""
    """The name of the dyno; Heroku sets it."""

    audit_key: OptionalSecrets = ()
    """The first key seals the audit entries; the others only check what they sealed earlier."""
    audit_signing_key: SigningKey = SecretStr("")
    """The Ed25519 private key that signs exports and case files; empty means that nothing is signed."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe events that are logged."""
    log_format: Literal["console", "json"] = "console"
    """Lines for people or one JSON object per line."""

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if problems := self._problems():
            raise ValueError("\n".join(problems))
        return self

    @property
    def audit_keys(self) -> Keys:
        """The keys that seal and check the audit entries."""
        return Keys([key.get_secret_value() for key in self.audit_key])

    def _problems(self) -> list[str]:
        """Return what is wrong with the settings taken together, one line per problem."""
        url = self.database_url.get_secret_value()
        if url.startswith(("postgres://", "postgresql://")):
            return []
        if not url.startswith("sqlite:///") or url == "sqlite:///":
            return [
                "DATABASE_URL: must be sqlite:///path (for example sqlite:///reviews.db) or postgres://..."
            ]
        if self.dyno and not self.allow_ephemeral_database:
            return [
                (
                    "DATABASE_URL: a dyno's disk is wiped at every restart, reviews on SQLite would be lost: add a "
                    "PostgreSQL database, or set ALLOW_EPHEMERAL_DATABASE=1 to try the bot out"
                )
            ]
        return []


class EventSettings(DecisionWebhookSettings, StoreSettings):
    """What a command needs that handles Ralio's events."""

    def _problems(self) -> list[str]:
        return super()._problems() + self.decision_webhook_problems()


class Settings(OutboundProxySettings, EventSettings):
    """What the server needs."""

    host: Host = "0.0.0.0"
    """The address that the server listens on; `::` listens on IPv6 and IPv4."""

    port: int = Field(8080, ge=0, le=65535)
    """The port that the server listens on; 0 takes any free one."""

    keep_alive_s: float = Field(130.0, ge=1, le=3_600)
    """How long an idle connection stays open: longer than any proxy's, which would otherwise use a closed one."""

    ralio_webhook_secret: RequiredSecrets
    """The secrets that Ralio signs its webhooks with."""

    ralio_signature_encoding: Encoding = Encoding.ANY
    """How Ralio encodes its signatures."""

    slack_bot_token: RequiredSecret
    """The Bot User OAuth Token of the Slack app."""

    slack_signing_secret: SigningSecrets
    """The secrets that Slack signs its requests with."""

    slack_api_url: SlackApiUrl = "https://slack.com/api/"
    """The base address of Slack's Web API."""

    slack_posts_per_second: float = Field(1.0, gt=0, le=10_000)
    """How many messages the bot posts per second in one channel."""

    user_review_channel: ChannelId = ""
    """The channel of the `user` queue; empty means the one in the file."""

    related_party_review_channel: ChannelId = ""
    """The channel of the `related-party` queue; empty means the one in the file."""

    ops_channel: ChannelId = ""
    """The operations channel; empty means the one in the file."""

    ralio_api_url: str = Field("", pattern=r"^$|^https?://[^\s/?#@]+(/[^\s?#]*)?$")
    """The address of Ralio's API; empty means that the bot does not use it."""

    ralio_api_code: OptionalSecret = SecretStr("")
    """The code that identifies the client to Ralio's API."""

    ralio_api_key: OptionalSecret = SecretStr("")
    """The key for Ralio's API."""

    portal_url_template: PortalUrlTemplate = ""
    """The link from a card to a portal, with `{session_id}` and `{subject_id}`; empty means no link."""

    metrics_token: OptionalSecret = SecretStr("")
    """The bearer token that `/metrics` requires and that details of `/readyz` require; empty means that anyone can."""

    sentry_dsn: SentryDsn = SecretStr("")
    """Where faults of the bot are reported; empty means nowhere."""

    max_body_bytes: int = Field(1_048_576, ge=1_024, le=64 * 1_048_576)
    """The longest webhook body that is accepted, in bytes."""

    max_bodies_bytes: int = Field(32 * 1_048_576, ge=1_048_576)
    """The memory that all request bodies share, in bytes; beyond it the slowest bodies are refused."""

    slack_without_users_info: bool = False
    """Let people act although SLACK_API_URL leads to a server that can't say who they are."""
    bot_config: Path = DEFAULT_FILE
    """The file with the queues, the people, the outcomes and the deadlines."""

    file: BotFile = BotFile()
    """The content of that file; `read_settings` sets it, never the environment."""

    def _problems(self) -> list[str]:
        return super()._problems() + self._missing_channels() + self._api_problems() + self._body_problems()

    def _missing_channels(self) -> list[str]:
        return [
            f"{CHANNEL_VARIABLES[queue]}: missing: set it, or channel under [queues.{queue}] in {self.bot_config}"
            for queue, channel in self.channels.items()
            if not channel
        ]

    def _api_problems(self) -> list[str]:
        given = {
            "RALIO_API_URL": self.ralio_api_url,
            "RALIO_API_CODE": self.ralio_api_code.get_secret_value(),
            "RALIO_API_KEY": self.ralio_api_key.get_secret_value(),
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) in (0, len(given)):
            return []
        return [f"{name}: missing: Ralio's API needs all of {', '.join(given)}, or none" for name in missing]

    def _body_problems(self) -> list[str]:
        if self.max_bodies_bytes >= self.max_body_bytes:
            return []
        return ["MAX_BODIES_BYTES: must be at least MAX_BODY_BYTES"]

    @property
    def policies(self) -> dict[str, Policy]:
        """The policy of each queue, which knows the queue's channel."""
        channels = self.channels
        return {queue: policy.in_channel(channels[queue]) for queue, policy in self.file.rules().items()}

    @property
    def channels(self) -> dict[str, str]:
        """The channel of each queue, by the queue's name; the environment wins over the file."""
        queues = self.file.queues
        return {
            "user": self.user_review_channel or queues.user.channel,
            "related-party": self.related_party_review_channel or queues.related_party.channel,
        }

    @property
    def operations_channel(self) -> str:
        """The operations channel, or an empty text."""
        return self.ops_channel or self.file.operations.channel


SettingsT = TypeVar("SettingsT", bound=StoreSettings)


def read_store_settings() -> StoreSettings:
    """Read the settings that every command needs; SettingsProblem lists every problem."""
    return _read(StoreSettings, {}, [])


def read_event_settings() -> EventSettings:
    """Read the settings that handling an event needs; SettingsProblem lists every problem."""
    return _read(EventSettings, {}, [])


def read_settings() -> Settings:
    """Read the server's settings; SettingsProblem lists every problem in the environment and in the file."""
    path, file, lines = _read_file()
    return _read(Settings, {"bot_config": path, "file": file}, lines)


def read_file_settings() -> BotFile:
    """Read the file that BOT_CONFIG names, for commands that need no secret; SettingsProblem lists every problem."""
    _, file, lines = _read_file()
    if lines:
        raise SettingsProblem(lines)
    return file


def _read_file() -> tuple[Path, BotFile, list[str]]:
    """Return the file's path, its content as far as that is valid, and the problems in it."""
    path = Path(os.environ.get("BOT_CONFIG") or DEFAULT_FILE)
    content, lines = read_bot_file(path)
    try:
        return path, BotFile.model_validate(content), lines
    except ValidationError as error:
        return path, BotFile(), lines + [f"{path}: {line}" for line in problem_lines(error)]


def _read(model: type[SettingsT], given: Mapping[str, object], lines: list[str]) -> SettingsT:
    """Read the environment; raise SettingsProblem if there is any problem there or already in `lines`.

    An empty variable counts as one that is not set.
    """
    variables = _variables(model)
    values = {name.lower(): os.environ[name] for name in variables if os.environ.get(name)}
    try:
        settings = model.model_validate({**values, **given})
    except ValidationError as error:
        lines = lines + problem_lines(error, variables) + _hidden_lines(model, {**values, **given}, error)
        raise SettingsProblem(list(dict.fromkeys(lines))) from error
    if lines:
        raise SettingsProblem(lines)
    return settings


def misspelled_variables() -> list[tuple[str, str]]:
    """Return variables of the environment that are nearly one of ours, each with the name that was probably meant."""
    return list(similar_names(os.environ, _variables(Settings)))


def _variables(model: type[StoreSettings]) -> frozenset[str]:
    """Return the names of the environment variables that a model is read from."""
    return frozenset(name.upper() for name in model.model_fields if name != "file")


def _hidden_lines(
    model: type[StoreSettings], given: Mapping[str, object], error: ValidationError
) -> list[str]:
    """Return the problems that pydantic only looks for once every single value is valid.

    Invalid values are replaced for that, so the operator sees all problems at once.
    """
    wrong = {str(problem["loc"][0]) for problem in error.errors(include_url=False) if problem["loc"]}
    replaced = {
        name: "stand-in" if field.is_required() else field.get_default()
        for name, field in model.model_fields.items()
        if name in wrong
    }
    try:
        model.model_validate({**given, **replaced})
    except ValidationError as hidden:
        # A channel that was given, but wrongly, is not missing.
        lines = problem_lines(hidden, _variables(model))
        return [line for line in lines if line.split(":")[0].lower() not in wrong]
    return []
