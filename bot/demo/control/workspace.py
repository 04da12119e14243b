"""The workspace: the bot's address and scopes, people, groups, channels, messages that vanish."""

from dataclasses import fields

from aiohttp import web

from bot.demo.control.body import is_loopback, read_body, text
from bot.demo.control.state import channel_state
from bot.demo.defaults import avatar_color
from bot.demo.interactions.conversation import find_channel
from bot.demo.interactions.errors import InteractionError
from bot.demo.interactions.payloads import acting_person
from bot.demo.local_slack import LOCAL_SLACK, LocalSlack
from bot.demo.records import Json, Person
from bot.demo.web_api.scopes import ALL_SCOPES

_PERSON_FIELDS = {each.name: each.type for each in fields(Person) if each.name != "id"}
_CHANNEL_FLAGS = ("archived", "bot_is_member", "is_private", "is_ext_shared")
_MOST_PEOPLE = 10_000


async def put_bot_url(request: web.Request) -> web.Response:
    """`PUT /_control/bot-url`: where the bot listens from now on; only on this machine."""
    slack = request.app[LOCAL_SLACK]
    url = text(await read_body(request), "url")
    if not is_loopback(url):
        raise InteractionError("must be an address on this machine: url", 400)
    slack.bot.url = url
    slack.workspace.changed()
    return web.json_response({"url": slack.bot.url})


async def post_people(request: web.Request) -> web.Response:
    """`POST /_control/people`: let in a `count` of made-up people, or the given `people`."""
    slack = request.app[LOCAL_SLACK]
    body = await read_body(request)
    added = _add_made_up(slack, body["count"]) if "count" in body else _add_given(slack, body.get("people"))
    return web.json_response({"people": added})


async def patch_person(request: web.Request) -> web.Response:
    """`PATCH /_control/people/{id}`: change a person, such as `is_restricted` or `deleted`."""
    slack = request.app[LOCAL_SLACK]
    person = acting_person(slack.workspace, request.match_info["id"])
    for name, value in (await read_body(request)).items():
        _check_field(name, value)
        setattr(person, name, value)
    slack.workspace.changed()
    return web.json_response(_person_state(person))


async def patch_channel(request: web.Request) -> web.Response:
    """`PATCH /_control/channels/{id}`: `archived`, `bot_is_member`, `is_private`, `is_ext_shared`, `members`."""
    slack = request.app[LOCAL_SLACK]
    channel = find_channel(slack, request.match_info["id"])
    body = await read_body(request)
    if isinstance(members := body.pop("members", None), list):
        channel.members = [acting_person(slack.workspace, user).id for user in members]
    for name, value in body.items():
        if name not in _CHANNEL_FLAGS or not isinstance(value, bool):
            raise InteractionError(f"must be a boolean, one of {', '.join(_CHANNEL_FLAGS)}: {name}", 400)
        setattr(channel, name, value)
    slack.workspace.changed()
    return web.json_response(channel_state(channel))


async def put_scopes(request: web.Request) -> web.Response:
    """`PUT /_control/scopes`: what the bot's token allows from now on, as `scopes`."""
    slack = request.app[LOCAL_SLACK]
    scopes = (await read_body(request)).get("scopes")
    if not isinstance(scopes, list) or not all(scope in ALL_SCOPES for scope in scopes):
        raise InteractionError(f"must be a list, of {', '.join(ALL_SCOPES)}: scopes", 400)
    slack.workspace.scopes = scopes
    slack.workspace.changed()
    return web.json_response({"scopes": scopes})


async def put_organisation(request: web.Request) -> web.Response:
    """`PUT /_control/organisation`: the workspace joins the organisation `enterprise_id`."""
    slack = request.app[LOCAL_SLACK]
    slack.workspace.enterprise_id = text(await read_body(request), "enterprise_id")
    slack.workspace.changed()
    return web.json_response({"enterprise_id": slack.workspace.enterprise_id})


async def put_usergroup(request: web.Request) -> web.Response:
    """`PUT /_control/usergroups/{id}`: who is in a user group, as `users`."""
    slack = request.app[LOCAL_SLACK]
    group = slack.workspace.groups.get(request.match_info["id"])
    if group is None:
        raise InteractionError(f"no_such_usergroup: {request.match_info['id']}")
    users = (await read_body(request)).get("users")
    if not isinstance(users, list):
        raise InteractionError("must be a list: users", 400)
    group.users = [acting_person(slack.workspace, user).id for user in users]
    slack.workspace.changed()
    return web.json_response({"id": group.id, "users": group.users})


async def delete_message(request: web.Request) -> web.Response:
    """`DELETE /_control/messages/{channel}/{ts}`: delete a message."""
    slack = request.app[LOCAL_SLACK]
    channel = find_channel(slack, request.match_info["channel"])
    message = channel.messages.get(request.match_info["ts"])
    if message is None:
        raise InteractionError(f"no_such_message: {request.match_info['ts']}")
    slack.workspace.remove_message(message)
    return web.json_response({})


def _add_made_up(slack: LocalSlack, count: object) -> list[Json]:
    if not isinstance(count, int) or not 0 < count <= _MOST_PEOPLE:
        raise InteractionError(f"must be 1 to {_MOST_PEOPLE}: count", 400)
    return [_person_state(slack.workspace.add_made_up_person()) for _ in range(count)]


def _add_given(slack: LocalSlack, people: object) -> list[Json]:
    if not isinstance(people, list):
        raise InteractionError("send a count or a list of people", 400)
    return [_person_state(slack.workspace.add_person(_read_person(slack, given))) for given in people]


def _read_person(slack: LocalSlack, given: object) -> Person:
    if not isinstance(given, dict):
        raise InteractionError("a person must be an object", 400)
    user, name = text(given, "id"), text(given, "name")
    person = Person(user, name, name.split()[0].lower(), avatar_color(len(slack.workspace.people)))
    for key, value in given.items():
        if key != "id":
            _check_field(key, value)
            setattr(person, key, value)
    return person


def _check_field(name: str, value: object) -> None:
    if name not in _PERSON_FIELDS or type(value) is not _PERSON_FIELDS[name]:
        raise InteractionError(f"not a person's field, or not of its type: {name}", 400)


def _person_state(person: Person) -> Json:
    return {each.name: getattr(person, each.name) for each in fields(Person)}
