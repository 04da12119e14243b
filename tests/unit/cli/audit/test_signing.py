"""Signed exports and case files, checked with openssl and nothing of the bot's."""

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.reviews.policy import Decision
from bot.reviews.review import Action
from bot.store.store import open_store
from tests.support.store import act, receive

OPENSSL = shutil.which("openssl") or ""
SESSION = "5e551014"

pytestmark = [
    pytest.mark.usefixtures("set_up"),
    pytest.mark.skipif(not OPENSSL, reason="needs openssl"),
]


@pytest.fixture
def public_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public key of a new pair; the private one is set, and the work is done in an empty folder."""
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(main, ["audit", "keygen", "--public-key", "audit.pub"])
    name, _, value = made.stdout.strip().partition("=")
    monkeypatch.setenv(name, value)
    return tmp_path / "audit.pub"


@pytest.fixture
async def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review with a note that is not ASCII."""
    url = f"sqlite:///{tmp_path / 'reviews.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    async with open_store(url, 1, lambda: None) as store:
        await receive(store, SESSION, 1_000)
        await act(store, SESSION, "UANA", Action.CLAIM)
        await act(store, SESSION, "UANA", Action.RESOLVE, 3_000, decision=Decision("approve", None, "Zoë 界"))


def _run(*words: str) -> Result:
    result = CliRunner().invoke(main, ["audit", *words])
    assert result.exit_code == 0, result.output
    return result


def _is_valid(public_key: Path, message: bytes, signature: Path) -> bool:
    signed = public_key.with_name("signed")
    signed.write_bytes(message)
    command = [OPENSSL, "pkeyutl", "-verify", "-pubin", "-inkey", str(public_key), "-rawin"]
    done = subprocess.run(
        [*command, "-in", str(signed), "-sigfile", str(signature)], capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("words", "signature"),
    [
        (("export",), "audit-export.jsonl.sig"),
        (("export", "--format", "csv"), "audit-export.csv.sig"),
        (("case", SESSION), f"case-{SESSION}.md.sig"),
        (("case", SESSION, "--format", "html"), f"case-{SESSION}.html.sig"),
        (("case", SESSION, "--signature", "here.sig"), "here.sig"),
    ],
)
def test_openssl_verifies_what_was_printed(public_key: Path, words: tuple[str, ...], signature: str) -> None:
    """Byte by byte; one more byte, and the signature does not fit."""
    printed = _run(*words, "--sign").stdout_bytes
    assert _is_valid(public_key, printed, Path(signature))
    assert not _is_valid(public_key, printed + b" ", Path(signature))


@pytest.mark.usefixtures("recorded")
def test_a_key_of_openssl_signs_too(public_key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PEM, with line breaks or with escaped ones."""
    subprocess.run([OPENSSL, "genpkey", "-algorithm", "ed25519", "-out", "key.pem"], check=True)
    pem = Path("key.pem").read_text(encoding="ascii")
    public = subprocess.run([OPENSSL, "pkey", "-in", "key.pem", "-pubout"], check=True, capture_output=True)
    public_key.write_bytes(public.stdout)
    for text in (pem, pem.replace("\n", "\\n")):
        monkeypatch.setenv("AUDIT_SIGNING_KEY", text)
        printed = _run("export", "--sign").stdout_bytes
        assert _is_valid(public_key, printed, Path("audit-export.jsonl.sig"))


@pytest.mark.parametrize(
    "value", ["", "no key", "AAAA", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_without_a_usable_key_nothing_is_signed(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what to do, and never repeats the value."""
    monkeypatch.setenv("AUDIT_SIGNING_KEY", value)
    result = CliRunner().invoke(main, ["audit", "export", "--sign"])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("AUDIT_SIGNING_KEY: ")
    assert "audit keygen" in result.stderr
    assert "AAAA" not in result.stderr
