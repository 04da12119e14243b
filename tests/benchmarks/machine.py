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


@dataclass(slots=True)
class Noise:
    """How steady the machine was: the same work on its disk and on one core, once before every round and at the end."""

    durable_writes_s: list[float] = field(default_factory=list)
    hashes_s: list[float] = field(default_factory=list)

    def take(self, folder: Path) -> None:
        """Measure both."""
        self.durable_writes_s.append(durable_write_s(folder))
        began = time.perf_counter()
        for _ in range(_HASHES):
            hashlib.sha256(_HASHED).digest()
        self.hashes_s.append(time.perf_counter() - began)

    def __str__(self) -> str:
        writes_ms = [each * 1000 for each in self.durable_writes_s]
        return (
            f"The machine's noise: a durable write took {min(writes_ms):.2f} to {max(writes_ms):.2f} ms, "
            f"the same hashes {min(self.hashes_s):.3f} to {max(self.hashes_s):.3f} s (± {spread(self.hashes_s):.0%})."
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


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _node_version() -> str | None:
    node = shutil.which("node")
    if node is None:
        return None
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
