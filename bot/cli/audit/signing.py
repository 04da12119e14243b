"""Detached signatures: what goes to stdout is signed as it is, byte by byte.

Ed25519 needs the whole message at once, so it is kept in a temporary file, which is mapped and not read into memory.
"""

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, TextIO

import click

from bot.cli.output import utf8_stdout
from bot.settings.environment import StoreSettings
from bot.settings.problems import SettingsProblem
from bot.settings.signing_key import read_signing_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sign_option = click.option(
    "--sign", is_flag=True, help="Also write a detached Ed25519 signature made with AUDIT_SIGNING_KEY."
)
signature_option = click.option(
    "--signature", type=click.Path(dir_okay=False, path_type=Path), help="File to write the signature to."
)


class Output(Protocol):
    """Where text is written."""

    def write(self, text: str, /) -> object:
        """Write text."""
        ...


class _Copying:
    """Writes to stdout, in UTF-8, and to a file."""

    def __init__(self, stdout: TextIO, copy: IO[bytes]) -> None:
        self._stdout = stdout
        self._copy = copy

    def write(self, text: str, /) -> object:
        """Write to both."""
        self._copy.write(text.encode())
        return self._stdout.write(text)


def signing_key(settings: StoreSettings) -> "Ed25519PrivateKey":
    """Return the key that signs; SettingsProblem if there is none."""
    text = settings.audit_signing_key.get_secret_value()
    if not text:
        raise SettingsProblem(["AUDIT_SIGNING_KEY: missing: generate one with 'python -m bot audit keygen'"])
    return read_signing_key(text)


@contextmanager
def signed_stdout(key: "Ed25519PrivateKey", signature: Path) -> Iterator[Output]:
    """Sign what is written to stdout, and write the signature when all of it is there."""
    stdout = utf8_stdout()
    with tempfile.TemporaryFile() as copy:
        yield _Copying(stdout, copy)
        stdout.flush()
        copy.flush()
        if copy.tell():
            mapped = mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ)
            with mapped, memoryview(mapped) as message:
                made = key.sign(message)
        else:
            made = key.sign(b"")
    signature.write_bytes(made)
    click.echo(f"signature: {signature}", err=True)
