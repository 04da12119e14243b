"""What Slack's answer about a person means: whether they are a member of the bot's workspace. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.reviews.action_request import Actor
from bot.reviews.permissions import Absence, Membership

LONGEST_NAME = 80
"""Slack's own limit for a name."""

LATEST_S = 32_503_680_000
"""The year 3000, in seconds since 1970."""

AWAY_EMOJI = frozenset({":palm_tree:", ":face_with_thermometer:"})
"""Of the statuses that Slack offers: "Vacationing" and "Out sick"."""

_AWAY_TEXT = re.compile(
    r"\b(out of (the )?office|ooo|pto|(on )?vacation(ing)?|on (\w+ )?(leave|holidays?)|(out|off) sick|sick leave)\b",
    re.IGNORECASE,
)

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?/", re.ASCII)
"""Anything else could end the link and begin another text."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Whose token it is; fields that Slack left out are empty."""

    team_id: str = ""
    enterprise_id: str = ""
    app_id: str = ""
    url: str = ""

    @property
    def plain_url(self) -> str:
        """Its address, fit for being part of a link; empty if it is anything else."""
        return self.url if _PLAIN_URL.fullmatch(self.url) else ""


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says about a person; `name` is empty if it says none."""

    membership: Membership
    name: str = ""


def name_in(user: Mapping[str, Any]) -> str:
    """Read the person's name, and the display name if it is another.

    See https://docs.slack.dev/reference/objects/user-object.
    """
    profile = user.get("profile")
    fields = profile if isinstance(profile, Mapping) else {}
    real = _one_line(fields.get("real_name")) or _one_line(user.get("real_name"))
    display = _one_line(fields.get("display_name")) or _one_line(user.get("name"))
    return f"{real} ({display})" if real and display and real != display else real or display


def absence_in(user: Mapping[str, Any]) -> Absence | None:
    """Read from a person's status whether they are out of office, and until when if Slack clears it by itself.

    Slack has no such flag: its own statuses for it, and texts that say so, count. What a person wrote is not kept.
    """
    profile = user.get("profile")
    fields = profile if isinstance(profile, Mapping) else {}
    emoji, text, until_s = (fields.get(f"status_{name}") for name in ("emoji", "text", "expiration"))
    says_so = isinstance(text, str) and _AWAY_TEXT.search(text) is not None
    if not says_so and not (isinstance(emoji, str) and emoji in AWAY_EMOJI):
        return None
    return Absence(until_s * 1000 if isinstance(until_s, int) and 0 < until_s < LATEST_S else None)


def _one_line(text: object) -> str:
    return " ".join(text.split())[:LONGEST_NAME] if isinstance(text, str) else ""


def membership_in(user: Mapping[str, Any], workspace: Workspace) -> Membership:
    """Read Slack's user object (https://docs.slack.dev/reference/objects/user-object)."""
    if user.get("deleted"):
        return Membership.DEACTIVATED
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return Membership.BOT
    if user.get("is_stranger") or not _belongs(user, workspace):
        return Membership.OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Membership.GUEST
    return Membership.MEMBER


def _belongs(user: Mapping[str, Any], workspace: Workspace) -> bool:
    """Of our workspace, or where there is one of our organisation of workspaces."""
    if not differs(str(user.get("team_id") or ""), workspace.team_id):
        return True
    enterprise = user.get("enterprise_user") or {}
    enterprise_id = enterprise.get("enterprise_id") if isinstance(enterprise, Mapping) else None
    return bool(workspace.enterprise_id) and enterprise_id == workspace.enterprise_id


def is_elsewhere(actor: Actor, workspace: Workspace) -> bool:
    """Whether a request comes from another workspace; an organisation can send its own id instead of a workspace's."""
    if workspace.enterprise_id:
        return differs(actor.enterprise_id, workspace.enterprise_id)
    return differs(actor.workspace_id, workspace.team_id)


def differs(told: str, known: str) -> bool:
    """Whether two ids contradict each other: a missing one contradicts nothing."""
    return bool(told and known) and told != known
