"""A person opens the home tab: it is built again and sent to them."""

from bot.handlers.context import Context
from bot.slack.requests.events import HomeOpened
from bot.store.engine.transaction import Transaction
from bot.store.tables import deliveries


async def open_home(context: Context, opened: HomeOpened) -> str:
    """Queue the home tab; the membership is looked up now, so rendering the tab does not have to wait for it."""
    await context.directory.membership_of(opened.actor)
    await context.store.write(enqueue_home, (opened.actor.person, context.clock()))
    return "home_opened"


def enqueue_home(transaction: Transaction, opened: tuple[str, int]) -> None:
    """Queue the home tab of a person who opened it at the given time (milliseconds)."""
    person, now = opened
    deliveries.enqueue_home_tab(transaction, person, None, now)
