"""A delivery as `deliveries` prints it."""

from dataclasses import replace

from bot.cli.deliveries import delivery_line, delivery_object
from bot.store.tables.deliveries import Kind
from bot.store.tables.undelivered import Undelivered

PENDING = Undelivered(
    id=7,
    kind=Kind.CARD,
    session_id="5e551014",
    lane="posts:user",
    channel=None,
    recipient=None,
    attempts=0,
    wanted_version=2,
    shown_version=1,
    due_at=1_000,
    held_at=None,
    leased=False,
    last_error=None,
)
HELD = replace(PENDING, channel="C1", attempts=3, held_at=2_000, last_error="not_in_channel")


def test_a_pending_delivery_shows_when_it_is_due() -> None:
    """Dashes stand for what is not known yet."""
    line = delivery_line(PENDING)
    assert line.startswith("7  pending due 1970-01-01T00:00:01.000Z  card ")
    assert line.endswith("  session 5e551014  channel -  attempts 0  -")


def test_a_held_delivery_shows_since_when_and_why() -> None:
    """Its due time no longer counts."""
    line = delivery_line(HELD)
    assert line.startswith("7  held    since 1970-01-01T00:00:02.000Z  card ")
    assert line.endswith("  channel C1  attempts 3  not_in_channel")


def test_the_state_is_held_leased_or_pending() -> None:
    """A held delivery counts as held even if a lease is left on it."""
    assert delivery_object(PENDING)["state"] == "pending"
    assert delivery_object(replace(PENDING, leased=True))["state"] == "leased"
    assert delivery_object(replace(HELD, leased=True))["state"] == "held"


def test_the_object_has_iso_times_and_versions() -> None:
    """What is empty is null."""
    shown = delivery_object(HELD)
    assert shown["id"] == 7
    assert shown["kind"] == "card"
    assert shown["due_at"] == "1970-01-01T00:00:01.000Z"
    assert shown["held_at"] == "1970-01-01T00:00:02.000Z"
    assert shown["wanted_version"] == 2
    assert shown["shown_version"] == 1
    assert shown["recipient"] is None
