"""Reads the fields of a stored notification, each checked for its type.

Every reader raises UnreadableFieldError.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias, TypeVar

from bot.reviews.review import Action

EnumT = TypeVar("EnumT", bound=StrEnum)
Fields: TypeAlias = Mapping[str, object]


class UnreadableFieldError(ValueError):
    """A field is missing or of another type; the message is its name, never its value."""


def read_enum(fields: Fields, key: str, kind: type[EnumT]) -> EnumT:
    """A member of an enumeration."""
    try:
        return kind(read_text(fields, key))
    except ValueError:
        raise UnreadableFieldError(key) from None


def read_action(fields: Fields) -> Action:
    """The action that the notification is about."""
    return read_enum(fields, "action", Action)


def read_text(fields: Fields, key: str) -> str:
    """A text."""
    value = fields.get(key)
    if not isinstance(value, str):
        raise UnreadableFieldError(key)
    return value


def read_text_or_none(fields: Fields, key: str) -> str | None:
    """A text; None if it is null or missing."""
    return None if fields.get(key) is None else read_text(fields, key)


def read_number(fields: Fields, key: str) -> int:
    """A whole number."""
    value = fields.get(key)
    if not isinstance(value, int):
        raise UnreadableFieldError(key)
    return value


def read_number_or_none(fields: Fields, key: str) -> int | None:
    """A whole number; None if it is null or missing."""
    return None if fields.get(key) is None else read_number(fields, key)


def read_boolean_or_none(fields: Fields, key: str) -> bool | None:
    """True or false; None if it is null or missing."""
    value = fields.get(key)
    if value is not None and not isinstance(value, bool):
        raise UnreadableFieldError(key)
    return value


def read_ids(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of ids; empty where there is none."""
    value = fields.get(key, [])
    if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise UnreadableFieldError(key)
    return tuple(value)
