"""A person opens the home tab: it is made anew and sent to them."""

from bot.handlers import actions
from bot.handlers.desk import Desk
from bot.slack.requests.events import HomeOpened


async def open_home(desk: Desk, opened: HomeOpened) -> str:
    """Want the tab; who they are is asked for now, so that showing it does not have to wait for that."""
    await desk.directory.standing_of(opened.actor)
    await desk.store.write(actions.open_home, (opened.actor.person, desk.clock()))
    return "home_opened"
