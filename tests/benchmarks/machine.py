"""The machine that the figures were measured on, and how steady it was: they mean nothing without it."""

import hashlib
import os
import platform
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.results import spread

_WRITES = 50
_HASHED = bytes(2**20)
_HASHES = 100
_PIECES = 500
_PIECE_EVERY_S = 0.004
_COUNTED = 4_000


@dataclass(slots=True)
class Noise:
    """How steady the machine was: the same work on its disk and on one core, once before every round and at the end.

    `slowest_pieces` are p99s of small pieces of work, in medians. Where a virtual machine is paused now and then, no
    server's p99 can be a smaller multiple of its own median.
    """

    durable_writes_s: list[float] = field(default_factory=list)
    hashes_s: list[float] = field(default_factory=list)
    slowest_pieces: list[float] = field(default_factory=list)

    def take(self, folder: Path) -> None:
        """Measure all three."""
        self.durable_writes_s.append(durable_write_s(folder))
        began = time.perf_counter()
        for _ in range(_HASHES):
            hashlib.sha256(_HASHED).digest()
        self.hashes_s.append(time.perf_counter() - began)
        self.slowest_pieces.append(_slowest_piece())

    def __str__(self) -> str:
        writes_ms = [each * 1000 for each in self.durable_writes_s]
        return (
            f"The machine's noise: a durable write took {min(writes_ms):.2f} to {max(writes_ms):.2f} ms, "
            f"the same hashes {min(self.hashes_s):.3f} to {max(self.hashes_s):.3f} s (± {spread(self.hashes_s):.0%}). "
            f"Of small pieces of work, one every {_PIECE_EVERY_S * 1000:g} ms, the slowest in a hundred took "
            f"{min(self.slowest_pieces):.1f} to {max(self.slowest_pieces):.1f} times the median."
        )


def machine(folder: Path) -> dict[str, Any]:
    """Processor, cores, versions, and how long the folder's disk takes to make a small write durable."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "node": _node_version(),
        "durable_write_s": durable_write_s(folder),
    }


def durable_write_s(folder: Path) -> float:
    """The median time that writing and fsync take."""
    times: list[float] = []
    path = folder / "write"
    with path.open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    path.unlink()
    return statistics.median(times)


def _slowest_piece() -> float:
    times: list[float] = []
    for _ in range(_PIECES):
        began = time.perf_counter()
        sum(range(_COUNTED))
        times.append(time.perf_counter() - began)
        time.sleep(_PIECE_EVERY_S)
    return statistics.quantiles(times, n=100)[-1] / statistics.median(times)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _node_version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
