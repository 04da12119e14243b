"""(f) FastAPI under uvicorn, SQLAlchemy over aiosqlite: a session and a commit for each request."""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.benchmarks.servers.event import Event
from tests.benchmarks.servers.four_rows import HAS_FOUR_ROWS
from tests.benchmarks.servers.sqlalchemy_rows import FourRows, OneRow, save_four_rows, save_one_row

SECRET = os.environ["RALIO_WEBHOOK_SECRET"].encode()
engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}", connect_args={"timeout": 30})
sessions = async_sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine.sync_engine, "connect")
def make_durable(connection: Any, _record: Any) -> None:
    """Every connection commits durably."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


async def session() -> AsyncIterator[AsyncSession]:
    """A session for one request."""
    async with sessions() as opened:
        yield opened


@asynccontextmanager
async def tables(_app: FastAPI) -> AsyncIterator[None]:
    """Create the tables before anything is served."""
    async with engine.begin() as connection:
        await connection.run_sync((FourRows if HAS_FOUR_ROWS else OneRow).metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=tables)


@app.post("/webhooks/ralio")
async def receive(
    request: Request,
    opened: Annotated[AsyncSession, Depends(session)],
    x_signature: Annotated[str, Header()] = "",
) -> dict[str, bool]:
    """One webhook: checked, added, committed, answered."""
    body = await request.body()
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, x_signature):
        raise HTTPException(401)
    arrived = Event.model_validate_json(body)
    if HAS_FOUR_ROWS:
        await save_four_rows(opened, arrived)
    else:
        save_one_row(opened, arrived, body)
    await opened.commit()
    return {"received": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
