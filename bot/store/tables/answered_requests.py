"""The answers to people's latest requests: a request that is delivered again gets the first answer."""

import json
from collections.abc import Iterable

from bot.reviews.action_request import ActionRequest
from bot.reviews.notifications import ActionGranted, ActionOutcome, ActionRefused
from bot.store.engine.bulk import write_rows
from bot.store.engine.transaction import Transaction
from bot.store.errors import StaleRead
from bot.store.tables.notification_codec import decode, encode

KEPT_MS = 600_000
"""Slack's signature is valid for five minutes, and a clock can be five minutes off."""

FORGOTTEN_AT_ONCE = 100
"""More than are remembered in the same transaction, so old answers never pile up."""


def recall(transaction: Transaction, requests: Iterable[ActionRequest]) -> dict[str, ActionOutcome]:
    """The first answers to those of the requests that were answered before, by their keys."""
    keys = {key: request.requested_at for request in requests if (key := request.key)}
    if not keys:
        return {}
    forget(transaction, max(keys.values()))
    found = transaction.sql.recall_answers(transaction.connection, request_keys=json.dumps(list(keys)))
    return {row["request_key"]: _outcome(row["answer"]) for row in found}


def remember(transaction: Transaction, answers: Iterable[tuple[ActionRequest, ActionOutcome]]) -> None:
    """Remember the answers to requests; StaleRead if another instance has answered one of them since `recall`."""
    # In one order: two instances must not wait for each other in a ring.
    rows = sorted(
        (key, request.requested_at, encode(outcome)) for request, outcome in answers if (key := request.key)
    )
    if rows and write_rows(transaction, "remember_answers", rows) != len(rows):
        raise StaleRead("another instance has answered one of the requests")


def forget(transaction: Transaction, now: int) -> None:
    """Forget some of the answers that are too old at `now` (milliseconds) to be asked for again."""
    transaction.sql.forget_answers(transaction.connection, before=now - KEPT_MS, most=FORGOTTEN_AT_ONCE)


def _outcome(answer: str) -> ActionOutcome:
    match decode(answer):
        case ActionGranted() | ActionRefused() as outcome:
            return outcome
        case other:
            raise ValueError(f"a remembered answer cannot be read: {type(other).__name__}")
