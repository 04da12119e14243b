"""A real PgBouncer before the test run's PostgreSQL."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.support.process import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
"""Debian installs it where only root looks for programs."""

START_LIMIT_S = 15.0


@contextmanager
def pgbouncer(url: str, mode: str, **settings: str) -> Iterator[str]:
    """A pooler in this mode with its default settings but for `settings`; gives the URL through it."""
    assert PROGRAM is not None, "pgbouncer is not installed"
    given = conninfo_to_dict(url)
    port = free_port()
    server = " ".join(f"{name}={given[name]}" for name in ("host", "port") if given.get(name))
    with tempfile.TemporaryDirectory(prefix="review-bot-pgbouncer-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        users = Path(folder) / "users.txt"
        users.write_text(f'"{given["user"]}" ""\n')
        config = Path(folder) / "pgbouncer.ini"
        lines = [
            "[databases]",
            f"* = {server}",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {port}",
            "unix_socket_dir =",
            "auth_type = trust",
            f"auth_file = {users}",
            f"pool_mode = {mode}",
            *(f"{name} = {value}" for name, value in settings.items()),
        ]
        config.write_text("\n".join(lines) + "\n")
        as_user = ["-u", Path(str(given["host"])).owner()] if os.geteuid() == 0 else []
        process = subprocess.Popen(
            [PROGRAM, "-q", *as_user, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        through = f"postgres://{given['user']}@127.0.0.1:{port}/{given['dbname']}"
        try:
            _wait_for(through, process)
            yield through
        finally:
            process.terminate()
            process.communicate(timeout=10)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, "pgbouncer does not listen"
            time.sleep(0.05)
        else:
            return
