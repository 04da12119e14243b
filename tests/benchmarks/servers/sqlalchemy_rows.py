"""(f) What FastAPI's peer keeps, as SQLAlchemy's declarative classes: one row per event, or the bot's four."""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.benchmarks.servers.event import Event
from tests.benchmarks.servers.four_rows import now_ms, seal


class OneRow(DeclarativeBase):
    """The tables of the form with one row."""


class BodyRow(OneRow):
    """An event as it arrived."""

    __tablename__ = "events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    body: Mapped[str]


class FourRows(DeclarativeBase):
    """The tables of the form with the bot's four rows."""


class EventRow(FourRows):
    """An event."""

    __tablename__ = "events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    session_id: Mapped[str]
    received_at: Mapped[int]


class ReviewRow(FourRows):
    """A review."""

    __tablename__ = "reviews"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    entity_type: Mapped[str | None]
    subject_id: Mapped[str | None]
    status: Mapped[str]
    claimed_by: Mapped[str | None]
    opened_at: Mapped[int]
    version: Mapped[int]


class AuditRow(FourRows):
    """An entry of the audit."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    at: Mapped[int]
    actor: Mapped[str]
    action: Mapped[str]
    version: Mapped[int]
    seal: Mapped[str]


class OutboxRow(FourRows):
    """A card for Slack."""

    __tablename__ = "outbox"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    wanted_version: Mapped[int]
    shown_version: Mapped[int]


def save_one_row(session: AsyncSession, event: Event, body: bytes) -> None:
    """Add the event."""
    session.add(BodyRow(event_id=event.event_id, kind=event.event_type, body=body.decode()))


async def save_four_rows(session: AsyncSession, event: Event) -> None:
    """Add the event and what follows from it.

    The first statement takes SQLite's write lock, so the newest seal is read under it.
    """
    now, session_id = now_ms(), event.data.session_id
    recorded = await session.execute(
        insert(EventRow)
        .values(event_id=event.event_id, type=event.event_type, session_id=session_id, received_at=now)
        .on_conflict_do_nothing()
        .returning(EventRow.event_id)
    )
    if recorded.scalar_one_or_none() is None:
        return
    newest = (
        await session.execute(select(AuditRow.id, AuditRow.seal).order_by(AuditRow.id.desc()).limit(1))
    ).first()
    number, previous = (newest.id + 1, newest.seal) if newest else (1, "")
    columns = (number, session_id, now, "ralio", "open", 1)
    session.add_all(
        [
            ReviewRow(
                session_id=session_id,
                entity_type=event.data.entity_type,
                subject_id=event.data.user_id,
                status="open",
                opened_at=now,
                version=1,
            ),
            AuditRow(
                id=number,
                session_id=session_id,
                at=now,
                actor="ralio",
                action="open",
                version=1,
                seal=seal(previous, columns),
            ),
            OutboxRow(session_id=session_id, wanted_version=1, shown_version=0),
        ]
    )
