"""The people, channels and groups that a fresh local Slack has."""

import colorsys

from bot.demo.records import BOT_USER_ID, OTHER_TEAM_ID, Channel, Person, UserGroup

_FIRST_NAMES = (
    "Eva", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaja", "Lena", "Marco", "Nadia",
    "Omar", "Paula", "Quinn", "Rosa", "Samir", "Tess", "Ulla", "Viktor", "Wanda", "Yara",
)  # fmt: skip
_LAST_NAMES = (
    "Adler",
    "Bianchi",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Horvat",
    "Ito",
    "Jansen",
)
_GOLDEN_ANGLE = 0.618


def default_people() -> list[Person]:
    """Return three reviewers, one of them the lead, three people who can't review, and the bot.

    Those three are a salesperson, a guest, and a person of another organisation in the shared channels.
    """
    return [
        Person("UANA000001", "Ana Ruiz", "ana", "#c2410c"),
        Person("UBEN000001", "Ben Okafor", "ben", "#0f766e"),
        Person("UCHLOE0001", "Chloe Martin", "chloe", "#6d28d9"),
        Person("UDAN000001", "Dan Weber", "dan", "#1d4ed8"),
        Person("UGINA00001", "Gina Rossi", "gina", "#a21caf", is_restricted=True),
        Person("UNOAH00001", "Noah Lind", "noah", "#4d7c0f", team_id=OTHER_TEAM_ID),
        Person(BOT_USER_ID, "Review Bot", "review-bot", "#334155", is_bot=True),
    ]


def default_channels() -> list[Channel]:
    """Return the two review channels, which another organisation shares, and the operations channel."""
    return [
        Channel("CUSER00001", "user-compliance", is_ext_shared=True),
        Channel("CPARTY0001", "related-party-compliance", is_ext_shared=True),
        Channel("COPS000001", "compliance-operations"),
    ]


def default_groups() -> list[UserGroup]:
    """Return the reviewers and the leads."""
    return [
        UserGroup("SREVIEWERS", "Reviewers", "reviewers", ["UANA000001", "UBEN000001", "UCHLOE0001"]),
        UserGroup("SLEADS0001", "Compliance leads", "compliance-leads", ["UCHLOE0001"]),
    ]


def avatar_color(number: int) -> str:
    """Return the n-th person's avatar colour: dark enough for white letters, unlike its neighbours."""
    red, green, blue = colorsys.hls_to_rgb((number * _GOLDEN_ANGLE) % 1.0, 0.36, 0.55)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def made_up_person(number: int) -> Person:
    """Return the n-th invented person."""
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
    return Person(f"UMADE{number:05d}", f"{first} {last}", f"{first.lower()}{number}", avatar_color(number))
