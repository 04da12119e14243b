"""How long everything is kept: what can be written, and from which moment it counts."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.settings.retention import Period, Retention


def _ms(date: str) -> int:
    return round(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("5y", "2019-02-28"),
        ("0d", "2024-02-29"),
        ("90d", "2023-12-01"),
        ("1y 1d", "2023-02-27"),
        ("10y", "2014-02-28"),
    ],
)
def test_a_period_is_years_and_days(text: str, moment: str) -> None:
    """Calendar years: five years before 29 February are on the 28th."""
    keep = Retention.model_validate({"keep_at_least": text}).keep_at_least
    assert keep.before(_ms("2024-02-29")) == _ms(moment)
    assert str(keep) == text


def test_without_a_file_five_years_are_kept() -> None:
    """As the shipped file says."""
    assert Retention().keep_at_least == Period(5, 0)


@pytest.mark.parametrize("value", ["", "5", "y", "five years", 5, "-1d", "1.5y"])
def test_anything_else_is_a_problem(value: object) -> None:
    """The message shows what to write."""
    with pytest.raises(ValidationError, match="must be a duration such as 5y"):
        Retention.model_validate({"keep_at_least": value})
