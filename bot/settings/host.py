"""The address that the server listens on."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")


def _address_or_name(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        is_number = value.replace(".", "").isdigit()
        if is_number or not _NAME.fullmatch(value):
            raise ValueError(
                "must be an address of this machine such as 0.0.0.0, 127.0.0.1 or ::, without a port"
            ) from None
    return value


Host = Annotated[str, AfterValidator(_address_or_name)]
"""An IP address or a host's name, by its form; whether it is this machine's shows when the server listens."""
