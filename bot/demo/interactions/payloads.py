"""The parts that Slack's payloads have in common."""

from bot.demo.interactions.errors import InteractionError
from bot.demo.records import APP_ID, TEAM_DOMAIN, TEAM_ID, Channel, Json, Message, Person, View
from bot.demo.web_api.shapes import message_shape, view_shape
from bot.demo.workspace import Workspace

VERIFICATION_TOKEN = "local-verification-token"  # noqa: S105  (deprecated by Slack, checks nothing)


def envelope(kind: str, person: Person) -> Json:
    """Return what every interactive payload starts with."""
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team_id,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_part(channel: Channel, ts: str, message: Message | None, response_url: str) -> Json:
    """Return the part of a payload that names the message; an ephemeral one is not repeated."""
    ephemeral = message is not None and message.ephemeral_to is not None
    place = {"message_ts": ts, "channel_id": channel.id, "is_ephemeral": ephemeral}
    part: Json = {
        "container": {"type": "message", **place},
        "channel": {"id": channel.id, "name": "directmessage" if channel.im_user else channel.name},
        "state": {"values": {}},
        "response_url": response_url,
    }
    if message is not None and not ephemeral:
        part["message"] = message_shape(message, channel, with_metadata=True)
    return part


def view_part(view: View, values: Json) -> Json:
    """Return the part of a payload that names the view."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view_shape(view, values)}


def acting_person(workspace: Workspace, user: str) -> Person:
    """Return the person who acts; InteractionError when there is none."""
    person = workspace.people.get(user)
    if person is None:
        raise InteractionError(f"no_such_person: {user}")
    return person


def own_view(workspace: Workspace, user: str, view_id: str) -> View:
    """Return a view that this person has open; InteractionError when there is none."""
    view = workspace.find_view(view_id)
    if view is None or view.user != user:
        raise InteractionError(f"no_such_view: {view_id}")
    return view
