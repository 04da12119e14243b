"""Who sent a signed request, as the request itself says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person by id; `team_id` is their own workspace, `workspace_id` the one that the request comes from.

    What a request does not tell is empty: Slack leaves these fields out in some of its payloads.
    """

    person: str
    team_id: str = ""
    workspace_id: str = ""
    enterprise_id: str = ""
    app_id: str = ""
