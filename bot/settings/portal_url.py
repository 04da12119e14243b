"""The template of the link from a card to a portal."""

import re
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, Field

_PLACEHOLDERS = frozenset({("session_id", "", None), ("subject_id", "", None)})


def _require_safe_template(template: str) -> str:
    """What is filled in can be an id only, and must not choose the host that the button leads to."""
    problem = "only the placeholders {session_id} and {subject_id} are allowed"
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise ValueError(problem) from None
    fields = [(name, spec, conversion) for _, name, spec, conversion in parts if name is not None]
    if not _PLACEHOLDERS.issuperset(fields):
        raise ValueError(problem)
    authority = re.split(r"[/?#]", template.partition("://")[2], maxsplit=1)[0]
    if re.search(r"[{}@\\%]", authority):
        raise ValueError("the host must be plain: no placeholder, user name or password")
    return template


PortalUrlTemplate = Annotated[
    str, Field(pattern=r"^$|^https?://[^\s<>|\"]+$"), AfterValidator(_require_safe_template)
]
"""An address with `{session_id}` and `{subject_id}` behind the host, or an empty text."""
