"""`make image`: the Dockerfile's own commands without a container engine, in a plain virtual environment.

Every COPY and RUN of the first stage is carried out under a temporary folder in place of `/`; then the image's command
serves from there with the image's environment, until its health check passes, and is stopped. What an engine alone can
show is left out: the base image, the user, and that the files belong to root.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.dockerfile import ROOT, Stage, stages
from tests.support.process import environment, free_port

HEALTHY_WITHIN_S = 60
STOPS_WITHIN_S = 20
MADE = ("/opt/venv", "/app", "/data")
"""The folders that the Dockerfile makes."""


def main() -> None:
    """Build and run; what fails ends it with its output."""
    build, final = stages()
    with tempfile.TemporaryDirectory(prefix="review-bot-image-") as folder:
        root = Path(folder).resolve()
        _say("building")
        _build(build, root)
        _say("serving")
        _serve(final, root)
    _say("the health check passed, and it stopped by itself")


def _build(stage: Stage, root: Path) -> None:
    work = root
    for each in stage.instructions:
        if each.word == "WORKDIR":
            work = Path(_below(root, each.rest))
            work.mkdir(parents=True)
        elif each.word == "COPY":
            *sources, target = each.rest.split()
            for source in sources:
                _copy(ROOT / source, work / target)
        elif each.word == "RUN":
            command = each.rest.replace("python -m venv", f"{sys.executable} -m venv", 1)
            subprocess.run(["/bin/sh", "-c", _below(root, command)], cwd=work, check=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _serve(stage: Stage, root: Path) -> None:
    data = root / "data"
    data.mkdir()
    port = free_port()
    # Slack is not there: the bot is alive, not ready.
    env = environment(f"sqlite:///{data}/reviews.db", port, "http://127.0.0.1:9/api/")
    env |= dict(pair.split("=", 1) for pair in _below(root, stage.last("ENV").rest).split())
    env |= {"HOST": "0.0.0.0", "BOT_CONFIG": "config/bot.toml"}
    work = Path(_below(root, stage.last("WORKDIR").rest))
    with subprocess.Popen(_command(stage, "CMD", env), cwd=work, env=env) as server:
        try:
            _wait_until_healthy(_command(stage, "HEALTHCHECK", env), work, env)
            server.send_signal(signal.SIGTERM)
            code = server.wait(STOPS_WITHIN_S)
        finally:
            server.kill()
    if code:
        sys.exit(f"it ended with {code}")


def _command(stage: Stage, word: str, env: dict[str, str]) -> list[str]:
    program, *rest = stage.last(word).array or []
    return [shutil.which(program, path=env["PATH"]) or program, *rest]


def _wait_until_healthy(check: Sequence[str], work: Path, env: dict[str, str]) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    while subprocess.run(check, cwd=work, env=env, check=False, stderr=subprocess.DEVNULL).returncode:
        if time.monotonic() > deadline:
            sys.exit("the health check does not pass")
        time.sleep(0.5)


def _below(root: Path, text: str) -> str:
    """Put the folders that the Dockerfile makes under the root."""
    for folder in MADE:
        text = text.replace(folder, f"{root}{folder}")
    return text


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's output


if __name__ == "__main__":
    main()
