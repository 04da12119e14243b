"""The key that signs exports: Ed25519, as `audit keygen` prints it or as openssl writes it."""

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NOT_A_KEY = "is not an Ed25519 private key: generate one with 'python -m bot audit keygen'"


def read_signing_key(text: str) -> "Ed25519PrivateKey":
    """Read a private key: PEM, also with escaped line breaks, or the base64 of its DER form (PKCS #8).

    ValueError for anything else, without the text.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_der_private_key,
        load_pem_private_key,
    )

    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
        else:
            key = load_der_private_key(base64.b64decode(text, validate=True), password=None)
    except (ValueError, TypeError, binascii.Error) as error:
        raise ValueError(NOT_A_KEY) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(NOT_A_KEY)  # noqa: TRY004 - it is a value of a setting
    return key
