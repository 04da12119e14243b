"""Every route of the control API."""

from aiohttp import web

from bot.demo.control import clock, faults, interactions, ralio, state, stream, workspace

_PREFIX = "/_control"


def control_routes() -> list[web.RouteDef]:
    """Return the routes under `/_control`."""
    return [
        web.get(f"{_PREFIX}/state", state.get_state),
        web.get(f"{_PREFIX}/messages", state.get_messages),
        web.get(f"{_PREFIX}/calls", state.get_calls),
        web.delete(f"{_PREFIX}/calls", state.delete_calls),
        web.get(f"{_PREFIX}/stream", stream.get_stream),
        web.put(f"{_PREFIX}/bot-url", workspace.put_bot_url),
        web.post(f"{_PREFIX}/people", workspace.post_people),
        web.patch(f"{_PREFIX}/people/{{id}}", workspace.patch_person),
        web.patch(f"{_PREFIX}/channels/{{id}}", workspace.patch_channel),
        web.put(f"{_PREFIX}/scopes", workspace.put_scopes),
        web.put(f"{_PREFIX}/organisation", workspace.put_organisation),
        web.put(f"{_PREFIX}/usergroups/{{id}}", workspace.put_usergroup),
        web.delete(f"{_PREFIX}/messages/{{channel}}/{{ts}}", workspace.delete_message),
        web.post(f"{_PREFIX}/messages", interactions.post_message),
        web.post(f"{_PREFIX}/click", interactions.post_click),
        web.post(f"{_PREFIX}/submit-view", interactions.post_submit_view),
        web.post(f"{_PREFIX}/close-view", interactions.post_close_view),
        web.post(f"{_PREFIX}/open-home", interactions.post_open_home),
        web.post(f"{_PREFIX}/command", interactions.post_command),
        web.post(f"{_PREFIX}/ralio", ralio.post_ralio),
        web.post(f"{_PREFIX}/clock", clock.post_clock),
        web.post(f"{_PREFIX}/faults", faults.post_fault),
        web.get(f"{_PREFIX}/faults", faults.get_faults),
        web.delete(f"{_PREFIX}/faults", faults.delete_faults),
        web.delete(rf"{_PREFIX}/faults/{{id:\d+}}", faults.delete_fault),
    ]
