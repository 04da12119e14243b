"""A UUID is one id in every spelling; any other id is the text that it is."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reviews.ids import canonical_id

UUID = "5b0d6a3e-0c1f-4f0e-9d55-6a1f3c2b7e10"
BARE = UUID.replace("-", "")


@pytest.mark.parametrize(
    "spelling",
    [
        UUID,
        UUID.upper(),
        BARE,
        BARE.upper(),
        f"{{{UUID}}}",
        f"{{{BARE.upper()}}}",
        f"{{ {UUID} }}",
        f"urn:uuid:{UUID}",
        f"URN:UUID:{UUID.upper()}",
        f"urn:uuid: {{{UUID}}}",
        f" {UUID}",
        f"\t{UUID}\r\n",
        UUID.replace("-", "", 1),
        UUID[:23] + UUID[24:],
    ],
)
def test_every_spelling_of_a_uuid_is_the_same_id(spelling: str) -> None:
    """Case, dashes, braces, the URN's prefix and blanks say nothing."""
    assert canonical_id(spelling) == UUID


@pytest.mark.parametrize(
    "text",
    [
        "",
        "session-1",
        "Session-1",
        " session-1 ",
        "4711",
        BARE[:-1],
        BARE + "0",
        UUID[:-1] + "g",
        UUID + "}",
        "{" + UUID,
        "x" + UUID + "}",
        "{" + UUID + "x",
        UUID.replace("-", "--", 1),
        UUID.replace("-", "_"),
        UUID.replace("-", "\N{EN DASH}"),
        BARE[:4] + "-" + BARE[4:],
        f"urn:oid:{UUID}",
        f"urn:uuid:urn:uuid:{UUID}",
        f"{UUID}\x00",
        f"<{UUID}>",
        "\N{FULLWIDTH DIGIT FIVE}" + UUID[1:],
        f"catch-up:{UUID}:7",
    ],
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    """Opaque ids are compared letter by letter."""
    assert canonical_id(text) == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.uuids().map(str) | st.uuids().map(lambda each: each.hex.upper()))
def test_a_canonical_id_stays_one(text: str) -> None:
    """Once more changes nothing, and what is changed is a UUID that Python reads as the same."""
    found = canonical_id(text)
    assert canonical_id(found) == found
    if found != text:
        assert str(uuid.UUID(text.strip())) == found
