"""The peers that are written in JavaScript: optional, installed with npm from their lock file when it has changed."""

from pathlib import Path

from tests.support import javascript

FOLDER = Path(__file__).parent / "servers"


def is_installed() -> bool:
    """Whether what the lock file asks for is there."""
    return javascript.is_installed(FOLDER)


def missing() -> str:
    """Why these peers cannot be had; empty once they are installed, which is done here and may take minutes."""
    return javascript.missing(FOLDER)
