"""`make pythons`: do the lock files hold, and do demo and unit tests run, on Pythons newer than the oldest supported?

Every Python in VERSIONS: all locked requirements have a wheel whose hash is in the lock file. Every one that is on this
machine (PATH, pyenv): the runtime requirements run the demo. On the newest of these, the development requirements also
run the unit tests, apart from those of Hypothesis, which take the longest and depend on the Python version the least.
With `--without-tests` only the demos run: CI has no time for more.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.12", "3.13", "3.14")
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
LOCK_FILES = (RUNTIME, DEVELOPMENT, ROOT / "tests" / "benchmarks" / "requirements.txt")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
START_LIMIT_S = 30
STOP_LIMIT_S = 15

_UV_INSTALL = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes")


def main() -> None:
    """Check every version; the first one that fails ends the run with its output."""
    found = {version: python for version in VERSIONS if (python := _find(version))}
    for version in VERSIONS:
        _say(f"Python {version}: installing every lock file from wheels")
        _install_wheels(version)
    newest = None if "--without-tests" in sys.argv else max(found, key=VERSIONS.index, default=None)
    for version, python in found.items():
        _say(f"Python {version}: demo{' and unit tests' if version == newest else ''}, with {python}")
        _run_on(python, with_tests=version == newest)
    _say(
        f"Not on this machine, only installed for: {', '.join(v for v in VERSIONS if v not in found) or 'none'}"
    )


def _find(version: str) -> Path | None:
    """A Python of this version that starts; pyenv's command for a version that is not selected doesn't."""
    return next((python for python in _candidates(version) if _starts(python, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
    yield from sorted(PYENV.glob(f"versions/{version}.*/bin/python{version}"))


def _starts(python: Path, version: str) -> bool:
    code = "import sqlite3, ssl, sys, venv; print(*sys.version_info[:2], sep='.')"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def _install_wheels(version: str) -> None:
    """Install for a Python that does not have to be here; uv compares the hash of every wheel."""
    for lock_file in LOCK_FILES:
        with tempfile.TemporaryDirectory(prefix="review-bot-wheels-") as folder:
            wheels = ["--python-version", version, "--only-binary", ":all:", "--target", folder]
            subprocess.run([*_UV_INSTALL, *wheels, "-r", lock_file], check=True)


def _run_on(python: Path, *, with_tests: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="review-bot-python-") as folder:
        subprocess.run(
            [sys.executable, "-m", "uv", "venv", "--quiet", "--python", python, folder], check=True
        )
        installed = Path(folder) / "bin" / "python"
        subprocess.run([*_UV_INSTALL, "--python", installed, "-r", RUNTIME], check=True)
        _run_demo(installed)
        if not with_tests:
            return
        subprocess.run([*_UV_INSTALL, "--python", installed, "-r", DEVELOPMENT], check=True)
        # Without pytest's cache, which is for the Python of .venv.
        options = ["-q", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider", "-m", "not hypothesis"]
        subprocess.run([installed, "-m", "pytest", *options, "tests/unit"], cwd=ROOT, check=True)


def _run_demo(python: Path) -> None:
    """Start the demo as `make demo` does, fetch its page, stop it."""
    command = [str(python), "-m", "bot", "demo", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            line = demo.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            with urllib.request.urlopen(found[0], timeout=START_LIMIT_S) as page:  # noqa: S310 - http, see above
                assert page.status == 200
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(STOP_LIMIT_S) == 0
        finally:
            demo.kill()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
