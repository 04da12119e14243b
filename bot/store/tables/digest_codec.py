"""How a queue's digest is stored: its queue, and the figures of when it was queued."""

from dataclasses import asdict, fields

from bot.reviews.notifications import DailyDigest
from bot.reviews.queue_figures import QueueFigures
from bot.store.tables.stored_fields import Fields, read_number, read_text


def encoded_digest(digest: DailyDigest) -> Fields:
    """The fields to store."""
    return {"queue": digest.queue, **({"figures": asdict(digest.figures)} if digest.figures else {})}


def decoded_digest(stored: Fields) -> DailyDigest:
    """The digest; rows of older versions have no figures. UnreadableFieldError for what this version can't read."""
    queue, figures = read_text(stored, "queue"), stored.get("figures")
    if not isinstance(figures, dict):
        return DailyDigest(queue)
    return DailyDigest(
        queue, QueueFigures(**{each.name: read_number(figures, each.name) for each in fields(QueueFigures)})
    )
