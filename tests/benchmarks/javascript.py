"""The peers that are written in JavaScript: optional, installed with npm from their lock file when it has changed."""

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "servers"
LOG = FOLDER / "node_modules.log"
_INSTALLED = FOLDER / "node_modules" / ".package-lock.json"
_INSTALL_LIMIT_S = 900


def is_installed() -> bool:
    """Whether what the lock file asks for is there."""
    lock = FOLDER / "package-lock.json"
    return _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= lock.stat().st_mtime


def missing() -> str:
    """Why these peers cannot be had; empty once they are installed, which is done here and may take minutes."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node and npm are not on the PATH"
    if is_installed():
        return ""
    with LOG.open("wb") as log:
        try:
            code = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund"],
                cwd=FOLDER,
                env=os.environ | _headers(Path(node)),
                stdout=log,
                stderr=log,
                check=False,
                timeout=_INSTALL_LIMIT_S,
            ).returncode
        except subprocess.TimeoutExpired:
            code = 1
    return f"npm ci failed, see {LOG}" if code else ""


def _headers(node: Path) -> dict[str, str]:
    """Where better-sqlite3 finds node's headers, if it has to be compiled and they stand beside node."""
    prefix = node.resolve().parents[1]
    return {"npm_config_nodedir": str(prefix)} if (prefix / "include" / "node" / "node.h").exists() else {}
