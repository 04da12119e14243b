"""Every setting, read once from the environment and from the file that BOT_CONFIG names, and then frozen.

Two sets: what every command needs (the database, the log), and what the server needs besides.
"""

import os
import re
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from bot.ralio.signature import Encoding
from bot.reviews.audit.entry import Keys
from bot.settings.file import BotFile, ChannelId, read_bot_file

_DSN = re.compile(r"https?://[^\s/@]+@[^\s/@]+/([^\s?#]+/)?[0-9]+")


class SettingsProblem(Exception):
    """The set-up is wrong; `lines` says what and where, one line for each problem."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _one_at_least(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not secrets:
        raise ValueError("must not be blank")
    return secrets


def _not_blank(secret: SecretStr) -> SecretStr:
    stripped = secret.get_secret_value().strip()
    if not stripped:
        raise ValueError("must not be blank")
    return SecretStr(stripped)


def _no_tokens(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(secret.get_secret_value().startswith(("xox", "xapp-")) for secret in secrets):
        raise ValueError("is a token: take the Signing Secret under the app's 'Basic Information'")
    return secrets


def _stripped(secret: SecretStr) -> SecretStr:
    return SecretStr(secret.get_secret_value().strip())


OptionalSecret = Annotated[SecretStr, AfterValidator(_stripped)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split), AfterValidator(_one_at_least)]


def _sentry_is_there(dsn: SecretStr) -> SecretStr:
    if dsn.get_secret_value():
        if find_spec("sentry_sdk") is None:
            raise ValueError("needs the extra 'sentry': install sentry-sdk, or leave SENTRY_DSN empty")
        if not _DSN.fullmatch(dsn.get_secret_value()):
            raise ValueError("must be the address that Sentry shows, https://key@host/number")
    return dsn


OptionalSecrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]


class StoreSettings(BaseModel):
    """What every command needs."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, validate_default=True)

    # Secret, for it may hold a password.
    database_url: SecretStr = SecretStr("sqlite:///reviews.db")
    allow_ephemeral_database: bool = False
    dyno: str = ""
    # The first seals, the others only check what they sealed once.
    audit_key: OptionalSecrets = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if problems := self._problems():
            raise ValueError("\n".join(problems))
        return self

    @property
    def audit_keys(self) -> Keys:
        """What the audit is sealed and checked with."""
        return Keys([key.get_secret_value() for key in self.audit_key])

    def _problems(self) -> list[str]:
        """What is wrong with the settings taken together, one line each."""
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


class Settings(StoreSettings):
    """What the server needs besides."""

    host: str = "0.0.0.0"
    port: int = Field(8080, ge=0, le=65535)
    ralio_webhook_secret: Secrets
    ralio_signature_encoding: Encoding = Encoding.ANY
    slack_bot_token: Annotated[SecretStr, AfterValidator(_not_blank)]
    slack_signing_secret: Annotated[Secrets, AfterValidator(_no_tokens)]
    slack_api_url: str = Field("https://slack.com/api/", pattern=r"^https?://[^\s]+$")
    slack_posts_per_second: float = Field(1.0, gt=0, le=10_000)
    user_review_channel: ChannelId = ""
    related_party_review_channel: ChannelId = ""
    ops_channel: ChannelId = ""
    ralio_api_url: str = Field("", pattern=r"^$|^https?://[^\s/?#]+[^\s?#]*$")
    ralio_api_code: OptionalSecret = SecretStr("")
    ralio_api_key: OptionalSecret = SecretStr("")
    portal_url_template: str = Field("", pattern=r"^$|^https?://[^\s<>|\"]+$")
    metrics_token: SecretStr = SecretStr("")
    sentry_dsn: Annotated[OptionalSecret, AfterValidator(_sentry_is_there)] = SecretStr("")
    max_body_bytes: int = Field(1_048_576, ge=1_024, le=64 * 1_048_576)
    bot_config: Path = Path("config/bot.toml")
    # Given by read_settings, never read from the environment.
    file: BotFile = BotFile()

    def _problems(self) -> list[str]:
        return super()._problems() + self._missing_channels() + self._api_problems() + self._portal_problems()

    def _missing_channels(self) -> list[str]:
        return [
            f"{_CHANNEL_VARIABLES[queue]}: missing: set it, or channel under [queues.{queue}] in {self.bot_config}"
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

    def _portal_problems(self) -> list[str]:
        wrong = "PORTAL_URL_TEMPLATE: only {session_id} and {subject_id} can be put in"
        try:
            fields = [
                parts[1:] for parts in Formatter().parse(self.portal_url_template) if parts[1] is not None
            ]
        except ValueError:
            return [wrong]
        known = all(name in {"session_id", "subject_id"} and not (spec or how) for name, spec, how in fields)
        return [] if known else [wrong]

    @property
    def channels(self) -> dict[str, str]:
        """The channel of each queue by the queue's name; the environment wins over the file."""
        queues = self.file.queues
        return {
            "user": self.user_review_channel or queues.user.channel,
            "related-party": self.related_party_review_channel or queues.related_party.channel,
        }

    @property
    def operations_channel(self) -> str:
        """The channel for operators, or an empty text."""
        return self.ops_channel or self.file.operations.channel


_CHANNEL_VARIABLES = {"user": "USER_REVIEW_CHANNEL", "related-party": "RELATED_PARTY_REVIEW_CHANNEL"}


def read_store_settings() -> StoreSettings:
    """The settings that every command needs; SettingsProblem lists all that is wrong."""
    return _read(StoreSettings, {}, [])


def read_settings() -> Settings:
    """The server's settings; SettingsProblem lists all that is wrong, in the environment and in the file."""
    path, file, lines = _read_file()
    return _read(Settings, {"bot_config": path, "file": file}, lines)


def read_file_settings() -> BotFile:
    """What BOT_CONFIG names, for commands that need no secret; SettingsProblem lists all that is wrong in it."""
    _, file, lines = _read_file()
    if lines:
        raise SettingsProblem(lines)
    return file


def _read_file() -> tuple[Path, BotFile, list[str]]:
    """The file's place, what it holds (as far as that is right), and what is wrong with it."""
    path = Path(os.environ.get("BOT_CONFIG") or "config/bot.toml")
    content, lines = read_bot_file(path)
    try:
        return path, BotFile.model_validate(content), lines
    except ValidationError as error:
        return path, BotFile(), lines + [f"{path}: {line}" for line in _lines(error)]


SettingsT = TypeVar("SettingsT", bound=StoreSettings)


def _read(model: type[SettingsT], given: dict[str, Any], lines: list[str]) -> SettingsT:
    """Read the environment; what is wrong is added to `lines`, and any line at all stops the start.

    An empty variable counts as one that is not set.
    """
    names = [name for name in model.model_fields if name != "file" and os.environ.get(name.upper())]
    given = {name: os.environ[name.upper()] for name in names} | given
    try:
        settings = model(**given)
    except ValidationError as error:
        lines = lines + _lines(error) + _lines_behind(model, given, error)
        raise SettingsProblem(list(dict.fromkeys(lines))) from error
    if lines:
        raise SettingsProblem(lines)
    return settings


def _lines_behind(model: type[StoreSettings], given: dict[str, Any], error: ValidationError) -> list[str]:
    """What only shows once each single value is right: wrong ones are stood in for, so that all is told at once."""
    wrong = {str(problem["loc"][0]) for problem in error.errors(include_url=False) if problem["loc"]}
    stand_ins = {
        name: "stand-in" if field.is_required() else field.get_default()
        for name, field in model.model_fields.items()
        if name in wrong
    }
    try:
        model(**(given | stand_ins))
    except ValidationError as behind:
        # A channel that was given, but wrongly, is not missing.
        return [line for line in _lines(behind) if line.split(":")[0].lower() not in wrong]
    return []


def _lines(error: ValidationError) -> list[str]:
    """One line a problem: where, and what is wrong, never the value (it may be a secret)."""
    lines: list[str] = []
    for problem in error.errors(include_input=False, include_url=False):
        what = _words(problem["type"], problem["msg"])
        where = ".".join(str(part) for part in problem["loc"])
        if where in Settings.model_fields:
            where = where.upper()
        lines += [f"{where}: {what}"] if where else what.splitlines()
    return lines


def _words(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "missing"
        case "extra_forbidden":
            return "unknown setting"
        case "value_error":
            return message.removeprefix("Value error, ")
        case "string_pattern_mismatch":
            # Only addresses have patterns.
            return "bad value: must be an address such as https://example.com/path"
        case _:
            return "bad value: " + message.replace("Input should", "should").replace(
                "String should", "should"
            )
