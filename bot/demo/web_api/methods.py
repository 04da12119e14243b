"""Which function answers which method of the Web API."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from bot.demo.records import Json
from bot.demo.web_api import chat, conversations, directory, views
from bot.demo.web_api.call import Call
from bot.demo.workspace import Workspace

Method: TypeAlias = Callable[[Workspace, Call], Json]

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "auth.test": directory.auth_test,
        "blocks.validate": views.validate_blocks,
        "bots.info": directory.bots_info,
        "chat.delete": chat.delete,
        "chat.getPermalink": chat.get_permalink,
        "chat.postEphemeral": chat.post_ephemeral,
        "chat.postMessage": chat.post_message,
        "chat.update": chat.update,
        "conversations.history": conversations.history,
        "conversations.info": conversations.info,
        "conversations.members": conversations.members,
        "conversations.open": conversations.open_direct,
        "conversations.replies": conversations.replies,
        "usergroups.list": directory.usergroups_list,
        "usergroups.users.list": directory.usergroups_users_list,
        "users.info": directory.users_info,
        "views.open": views.open_view,
        "views.publish": views.publish,
        "views.push": views.push,
        "views.update": views.update,
    }
)

NEED_NO_TOKEN = frozenset({"blocks.validate"})
