"""Values: dataclasses that nobody changes once they are made.

The type checker refuses assignments to them, as to every frozen dataclass. If Python refused them, too, a value would
take three times as long to make, and some sixty fields are filled in on the way of an event.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
    from dataclasses import replace
else:
    from dataclasses import dataclass
    from functools import cache
    from operator import attrgetter

    def value(*, frozen, slots):  # noqa: ANN001, ANN201 - never seen by the type checker
        """Use it as `@value(frozen=True, slots=True)`; equal values are equal, and have the same hash."""
        assert frozen  # noqa: S101 - it is for whoever reads the class, and for the type checker
        return dataclass(slots=slots, unsafe_hash=True)

    def replace(old, /, **changes):  # noqa: ANN001, ANN003, ANN201 - never seen by the type checker
        """As `dataclasses.replace`, for values only, in a quarter of the time; AttributeError for an unknown field."""
        new = type(old)(*_fields(type(old))(old))
        for name, changed in changes.items():
            setattr(new, name, changed)
        return new

    @cache
    def _fields(kind):  # noqa: ANN001, ANN202 - never seen by the type checker
        return attrgetter(*kind.__match_args__)


__all__ = ["replace", "value"]
