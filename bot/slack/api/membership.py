"""What Slack's answer about a person means: whether they are a member of the bot's workspace. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.reviews.action_request import Actor
from bot.reviews.permissions import Membership


@dataclass(frozen=True, slots=True)
class Workspace:
    """Whose token it is; fields that Slack did not tell are empty."""

    team_id: str = ""
    enterprise_id: str = ""
    app_id: str = ""
    url: str = ""


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
    """Whether a request comes from another workspace; an organisation may tell its own id in place of a workspace's."""
    if workspace.enterprise_id:
        return differs(actor.enterprise_id, workspace.enterprise_id)
    return differs(actor.workspace_id, workspace.team_id)


def differs(told: str, known: str) -> bool:
    """Whether two ids contradict each other: what is not told contradicts nothing."""
    return bool(told and known) and told != known
