"""`reviews`: list the reviews in the database, also while a server runs."""

import asyncio

import click

from bot.cli.errors import report_errors
from bot.cli.output import print_rows
from bot.cli.parameters import json_option
from bot.clock import iso
from bot.reviews.review import Status
from bot.settings.environment import read_store_settings
from bot.store.store import reading
from bot.store.tables import reviews as reviews_table
from bot.store.tables.reviews import ListedReview


@click.command()
@click.option("--status", type=click.Choice(["open", "claimed", "proposed", "decided", "closed"]))
@click.option(
    "--disagreeing", is_flag=True, help="Only reviews whose verdict contradicts the decision or proposal."
)
@json_option
@report_errors
def reviews(status: str | None, *, disagreeing: bool, as_json: bool) -> None:
    """List the reviews."""
    url = read_store_settings().database_url.get_secret_value()
    wanted = Status(status) if status else None
    asyncio.run(print_reviews(url, wanted, disagreeing=disagreeing, as_json=as_json))


async def print_reviews(url: str, status: Status | None, *, disagreeing: bool, as_json: bool) -> None:
    """Print the reviews, oldest first: all, those of one status, or those whose decision and verdict disagree."""
    async with reading(url) as connection:
        rows = reviews_table.listing(connection, status, disagreeing=disagreeing)
        await print_rows(rows, review_object, review_line, as_json=as_json)


def review_object(listed: ListedReview) -> dict[str, object]:
    """Return a review as `reviews --json` prints it."""
    review = listed.review
    return {
        "session_id": review.session_id,
        "number": review.id,
        "entity_type": review.entity_type,
        "subject_id": review.subject_id,
        "queue": review.queue,
        "session_state": review.session_state,
        "status": review.status,
        "claimed_by": review.claimed_by,
        "claimed_at": iso(review.claimed_at),
        "outcome": review.outcome,
        "reason": review.reason,
        "note": review.note,
        "decided_by": review.decided_by,
        "decided_at": iso(review.decided_at),
        "confirmed_by": review.confirmed_by,
        "confirmed_at": iso(review.confirmed_at),
        "snoozed_until": iso(review.snoozed_until),
        "opened_at": iso(review.opened_at),
        "due_at": iso(review.due_at),
        "disagreement": review.disagreement,
        "channel": listed.channel,
        "message_ts": listed.message_ts,
        "version": review.version,
    }


def review_line(listed: ListedReview) -> str:
    """Return a review as `reviews` prints it for people."""
    review = listed.review
    holder = f" by {review.claimed_by}" if review.claimed_by else ""
    state = f"{review.status}{holder}"
    columns = [
        f"{f'#{review.id}':<6}",
        review.session_id,
        f"{review.queue:<13}",
        f"{state:<24}",
        f"{review.session_state:<8}",
        iso(review.opened_at) or "-",
    ]
    if review.outcome:
        proposed = "proposed " if review.unconfirmed else ""
        columns.append(f"{review.outcome} {proposed}by {review.decided_by}")
    if review.snoozed_until is not None:
        columns.append(f"snoozed until {iso(review.snoozed_until)}")
    return "  ".join(columns)
