"""`audit keygen`: make a key pair that signs exports."""

import base64
from pathlib import Path

import click

from bot.cli.errors import report_errors


@click.command()
@click.option(
    "--public-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the public key to; by default it is printed.",
)
@report_errors
def keygen(public_key: Path | None) -> None:
    """Generate an Ed25519 key pair: AUDIT_SIGNING_KEY for the bot, the public key for examiners."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    click.echo(f"AUDIT_SIGNING_KEY={base64.b64encode(private).decode()}")
    if public_key is None:
        click.echo(public.decode(), nl=False)
    else:
        public_key.write_bytes(public)
        click.echo(f"public key: {public_key}", err=True)
