"""Builds the local Slack as one aiohttp application.

```python
runner = web.AppRunner(create_simulator(SimulatorConfig(...)))
```
"""

from aiohttp import web

from bot.demo.config import SimulatorConfig
from bot.demo.control.body import errors_as_json, loopback_only, own_page_only
from bot.demo.control.routes import control_routes
from bot.demo.local_slack import LOCAL_SLACK, new_local_slack
from bot.demo.page_routes import add_page_headers, page_routes
from bot.demo.ralio_api.server import ralio_api_routes
from bot.demo.web_api.endpoint import answer_call

__all__ = ["SimulatorConfig", "create_simulator"]

_MAX_BODY_BYTES = 8 * 1024 * 1024


def create_simulator(config: SimulatorConfig) -> web.Application:
    """Return an application that serves the Web API, Ralio's API, the control API and the page."""
    app = web.Application(
        client_max_size=_MAX_BODY_BYTES, middlewares=[loopback_only, own_page_only, errors_as_json]
    )
    app[LOCAL_SLACK] = new_local_slack(config)
    app.router.add_route("GET", "/api/{method}", answer_call)
    app.router.add_route("POST", "/api/{method}", answer_call)
    app.router.add_routes(ralio_api_routes(app[LOCAL_SLACK].ralio))
    app.router.add_routes(control_routes())
    app.router.add_routes(page_routes())
    app.on_response_prepare.append(add_page_headers)
    app.on_shutdown.append(_end)
    app.on_cleanup.append(_close)
    return app


async def _end(app: web.Application) -> None:
    """End streams and late calls first: the server waits for every open request before it stops."""
    slack = app[LOCAL_SLACK]
    slack.changes.close()
    await slack.tasks.end()


async def _close(app: web.Application) -> None:
    await app[LOCAL_SLACK].bot.close()
