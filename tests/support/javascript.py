"""Packages of npm that tests and benchmarks use: installed from their folder's lock file when that has changed."""

import os
import shutil
import subprocess
from pathlib import Path

_INSTALL_LIMIT_S = 900


def log_of(folder: Path) -> Path:
    """What npm said when it installed the folder's packages."""
    return folder / "node_modules.log"


def is_installed(folder: Path) -> bool:
    """Whether what the folder's lock file asks for is there."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def missing(folder: Path) -> str:
    """Why the packages can't be had; empty once they are installed, which is done here and can take minutes."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node and npm are not on the PATH"
    if is_installed(folder):
        return ""
    with log_of(folder).open("wb") as log:
        try:
            code = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund"],
                cwd=folder,
                env=os.environ | _headers(Path(node)),
                stdout=log,
                stderr=log,
                check=False,
                timeout=_INSTALL_LIMIT_S,
            ).returncode
        except subprocess.TimeoutExpired:
            code = 1
    return f"npm ci failed, see {log_of(folder)}" if code else ""


def _headers(node: Path) -> dict[str, str]:
    """Where a package finds node's headers, if it has to be compiled and they stand beside node."""
    prefix = node.resolve().parents[1]
    return {"npm_config_nodedir": str(prefix)} if (prefix / "include" / "node" / "node.h").exists() else {}
