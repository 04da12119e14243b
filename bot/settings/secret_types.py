"""The types of settings that hold secrets: their values never appear in a message or in a `repr`."""

import re
from importlib.util import find_spec
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr

from bot.settings.signing_key import read_signing_key

_SENTRY_DSN = re.compile(r"https?://[^\s/@]+@[^\s/@]+/([^\s?#]+/)?[0-9]+")


_QUOTES = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    _require_plain_text(value.strip())
    return [part.strip() for part in value.split(",") if part.strip()]


def _require_plain_text(secret: str) -> None:
    """Reject what was pasted with the secret and can't be seen, or is mistaken for syntax."""
    if len(secret) > 1 and _QUOTES.get(secret[0]) == secret[-1]:
        raise ValueError("must not be in quotes: they would become part of the value")
    if not secret.isprintable():
        raise ValueError("contains an invisible character: enter it again as plain text")


def _all_plain(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for secret in secrets:
        _require_plain_text(secret.get_secret_value())
    return secrets


def _require_one(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not secrets:
        raise ValueError("must not be blank")
    return secrets


def _strip(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    _require_plain_text(text)
    return SecretStr(text)


def _require_text(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value():
        raise ValueError("must not be blank")
    return secret


def _reject_tokens(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(secret.get_secret_value().startswith(("xox", "xapp-")) for secret in secrets):
        raise ValueError("is a token: use the Signing Secret from the app's 'Basic Information' page")
    return secrets


def _check_sentry_dsn(dsn: SecretStr) -> SecretStr:
    if dsn.get_secret_value():
        if find_spec("sentry_sdk") is None:
            raise ValueError("needs the extra 'sentry': install sentry-sdk, or leave SENTRY_DSN empty")
        if not _SENTRY_DSN.fullmatch(dsn.get_secret_value()):
            raise ValueError("must be the DSN that Sentry shows, https://key@host/number")
    return dsn


def _check_signing_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if text:
        read_signing_key(text)
    return SecretStr(text)


OptionalSecret = Annotated[SecretStr, AfterValidator(_strip)]
"""One secret or an empty text; spaces around it are ignored."""

RequiredSecret = Annotated[OptionalSecret, AfterValidator(_require_text)]
"""One secret that is not blank."""

OptionalSecrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_split), AfterValidator(_all_plain)]
"""Any number of secrets, separated by commas."""

RequiredSecrets = Annotated[OptionalSecrets, AfterValidator(_require_one)]
"""At least one secret; several count at once while they are rotated."""

SigningSecrets = Annotated[RequiredSecrets, AfterValidator(_reject_tokens)]
"""Slack's signing secrets; a token in their place is refused."""

SentryDsn = Annotated[OptionalSecret, AfterValidator(_check_sentry_dsn)]
"""The address to which Sentry takes reports, with its key, or an empty text."""

SigningKey = Annotated[SecretStr, AfterValidator(_check_signing_key)]
"""An Ed25519 private key or an empty text."""
