"""Who is here: `auth.test`, `bots.info`, `users.info`, `usergroups.*`.

Pages: https://docs.slack.dev/reference/methods/users.info, https://docs.slack.dev/reference/methods/usergroups.users.list.
"""

from bot.demo.records import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME, Json
from bot.demo.web_api.call import Call
from bot.demo.web_api.errors import SlackError
from bot.demo.web_api.places import find_person
from bot.demo.web_api.shapes import group_shape, person_shape
from bot.demo.workspace import Workspace


def auth_test(workspace: Workspace, call: Call) -> Json:
    """`auth.test`: whose token this is."""
    return {
        "url": f"{call.origin}/",
        "team": TEAM_NAME,
        "user": workspace.people[BOT_USER_ID].handle,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
    }


def bots_info(workspace: Workspace, call: Call) -> Json:
    """`bots.info`: the app behind a bot."""
    if call.text("bot") not in (None, "", BOT_ID):
        raise SlackError("bot_not_found")
    bot = workspace.people[BOT_USER_ID]
    shape = {"id": BOT_ID, "app_id": APP_ID, "user_id": bot.id, "name": bot.name, "deleted": False}
    return {"bot": {**shape, "updated": 1_700_000_000, "icons": {}}}


def users_info(workspace: Workspace, call: Call) -> Json:
    """`users.info`: a person."""
    return {"user": person_shape(find_person(workspace, call.required_text("user")))}


def usergroups_list(workspace: Workspace, call: Call) -> Json:
    """`usergroups.list`: all user groups, with their members when asked for."""
    groups = [group_shape(group) for group in workspace.groups.values()]
    if call.flag("include_users"):
        for shape in groups:
            shape["users"] = workspace.groups[shape["id"]].users
    return {"usergroups": groups}


def usergroups_users_list(workspace: Workspace, call: Call) -> Json:
    """`usergroups.users.list`: the ids of a group's members."""
    group = workspace.groups.get(call.required_text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": group.users}
