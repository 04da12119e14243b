"""What the numbers were measured on, for they mean nothing without it."""

import os
import platform
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

_WRITES = 50


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
