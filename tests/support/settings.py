"""The problems that a start with the present environment and file would report."""

import pytest

from bot.settings.environment import read_settings
from bot.settings.problems import SettingsProblem


def settings_problems() -> list[str]:
    """Return the lines that the server would print before it exits."""
    with pytest.raises(SettingsProblem) as caught:
        read_settings()
    assert str(caught.value) == "\n".join(caught.value.lines)
    return caught.value.lines
