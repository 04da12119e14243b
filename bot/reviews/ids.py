"""Ids that Ralio gives to sessions, subjects and events: UUIDs in one spelling, any other opaque id as it is."""

import re

TEST_SESSION_PREFIX = "send-test-"
"""How the session ids of `send-test` begin; Ralio's are UUIDs. The statistics in `bot/store/sql` leave them out."""

_URN = "urn:uuid:"
_UUID = re.compile(
    r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})", re.ASCII | re.IGNORECASE
)
_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def canonical_id(text: str) -> str:
    """A UUID in lower case with dashes, whatever its case, dashes, braces, `urn:uuid:` or blanks around it.

    Any other text is returned as it is. Migration 0006 spells stored ids in the same way.
    """
    if _CANONICAL.fullmatch(text):
        return text  # nearly all are: verifying a long record calls this millions of times
    bare = text.strip()
    if bare[: len(_URN)].lower() == _URN:
        bare = bare[len(_URN) :].strip()
    if bare.startswith("{") and bare.endswith("}"):
        bare = bare[1:-1].strip()
    found = _UUID.fullmatch(bare)
    return "-".join(found.groups()).lower() if found else text
