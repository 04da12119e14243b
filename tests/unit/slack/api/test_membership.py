"""What Slack says about a person: out of office or not, and the name."""

import pytest

from bot.reviews.permissions import Absence
from bot.slack.api.membership import absence_in, name_in


@pytest.mark.parametrize(
    ("profile", "absence"),
    [
        ({"status_emoji": ":palm_tree:", "status_text": "Vacationing"}, Absence()),
        ({"status_emoji": ":palm_tree:", "status_expiration": 1_800_000_000}, Absence(1_800_000_000_000)),
        ({"status_emoji": ":face_with_thermometer:", "status_expiration": 0}, Absence()),
        ({"status_text": "Out of office until Monday"}, Absence()),
        ({"status_text": "OOO 🏖", "status_emoji": ":speech_balloon:"}, Absence()),
        ({"status_text": "on parental leave", "status_expiration": "soon"}, Absence()),
        ({"status_emoji": ":house_with_garden:", "status_text": "Working remotely"}, None),
        ({"status_emoji": ":calendar:", "status_text": "In a meeting"}, None),
        ({"status_text": "Leave me alone, I'm in the zooom"}, None),
        ({"status_text": None, "status_emoji": ["x"]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_an_absence_is_read_from_the_status(profile: object, absence: Absence | None) -> None:
    """Slack's own statuses for it, and texts that say so."""
    assert absence_in({"profile": profile}) == absence


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"profile": {"real_name": "Ana Ruiz", "display_name": "ana"}}, "Ana Ruiz (ana)"),
        ({"real_name": "Ana Ruiz", "name": "ana"}, "Ana Ruiz (ana)"),
        ({"profile": {"real_name": "Ana", "display_name": "Ana"}}, "Ana"),
        ({"profile": {"real_name": " Ana\n Ruiz "}}, "Ana Ruiz"),
        ({"profile": {"display_name": "ana"}}, "ana"),
        ({"profile": {"real_name": "x" * 500}}, "x" * 80),
        ({"profile": ["no"], "real_name": 7}, ""),
        ({}, ""),
    ],
)
def test_a_name_is_the_real_one_with_the_display_name(user: dict[str, object], name: str) -> None:
    """On one line, whatever Slack answers."""
    assert name_in(user) == name
