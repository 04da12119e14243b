"""A person opens the home tab, or wants to see more of it: it is built again and sent to them."""

from bot.handlers.button import tell_at_home
from bot.handlers.context import Context
from bot.slack.api.client import Message
from bot.slack.requests.events import HomeOpened
from bot.slack.requests.interactions import HomeListClicked
from bot.store.engine.transaction import Transaction
from bot.store.tables import deliveries
from bot.store.tables.worklist import Expanded

NOT_SHOWN = "I can't show this list because the database can't be reached. Try again in a minute."

Wanted = tuple[str, Expanded | None, int]
"""Whose home tab, the list that it shows in full, and when it was asked for (milliseconds)."""


async def open_home(context: Context, opened: HomeOpened) -> str:
    """Queue the home tab; the membership is looked up now, so rendering the tab does not have to wait for it."""
    await context.directory.membership_of(opened.actor)
    await context.store.write(enqueue_home, (opened.actor.person, None, context.clock()))
    return "home_opened"


async def show_list(context: Context, click: HomeListClicked) -> str:
    """Queue the home tab with more of one list, or with less again."""
    await context.directory.membership_of(click.actor)
    await context.store.write(enqueue_home, (click.actor.person, click.expanded, context.clock()))
    return "home_list_shown"


async def apologise(context: Context, click: HomeListClicked) -> str | None:
    """Tell the person at once that the list can't be shown; returns the error code if they could not be notified."""
    message = Message(NOT_SHOWN)
    return await tell_at_home(context, click.actor.person, click.trigger_id, "Not shown", message)


def enqueue_home(transaction: Transaction, wanted: Wanted) -> None:
    """Queue a person's home tab."""
    person, expanded, now = wanted
    deliveries.enqueue_home_tab(transaction, person, None, now)
    deliveries.expand_home_list(transaction, person, None if expanded is None else str(expanded))
