"""Ralio's API as tests use it: started on a free port, its memory at hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.demo.ralio_api.records import RalioRecords
from bot.demo.ralio_api.server import create_ralio_api


@dataclass(frozen=True, slots=True)
class LocalRalioApi:
    """A running API."""

    url: str
    records: RalioRecords

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a bot use it."""
        return {
            "ralio_api_url": self.url,
            "ralio_api_code": SecretStr(self.records.api_code),
            "ralio_api_key": SecretStr(self.records.api_key),
        }

    def calls(self, part: str) -> list[str]:
        """The calls whose path contains this, oldest first."""
        return [call for call in self.records.calls if part in call]


@asynccontextmanager
async def running_ralio_api(
    port: int = 0, records: RalioRecords | None = None
) -> AsyncIterator[LocalRalioApi]:
    """An API of its own; on the same port with the same records it is back after an outage."""
    records = records or RalioRecords()
    runner = web.AppRunner(create_ralio_api(records), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield LocalRalioApi(f"http://127.0.0.1:{runner.addresses[0][1]}", records)
    finally:
        await runner.cleanup()
