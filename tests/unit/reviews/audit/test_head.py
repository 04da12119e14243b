"""A head as it is printed, and as it is read from what was kept of it."""

import pytest

from bot.reviews.audit.chain import Head

DIGEST = "0123456789abcdef" * 4
PLAIN, KEYED = f"sha256:{DIGEST}", f"0a1b2c3d:{DIGEST}"


@pytest.mark.parametrize("text", ["", "12", "12:ab", "x:sha256:ab", "12sha256:ab", "²:sha256:ab"])
def test_a_head_that_is_none(text: str) -> None:
    """The message shows what one looks like."""
    with pytest.raises(
        ValueError, match=r"^a head looks like 1234:sha256:0a1b\.\.\., as 'audit verify' prints it$"
    ):
        Head.read(text)


def test_a_head_is_read_as_it_is_printed() -> None:
    """White space around it comes from copying."""
    head = Head(12, "sha256:ab")
    assert Head.read(f" {head}\n") == head


def test_heads_are_found_in_lines_of_any_text() -> None:
    """As the operations channel and `audit verify` show them; empty lines don't count."""
    text = f"""
The record was verified up to `7:{PLAIN}`.

12:{KEYED}
  999999999999999999:{PLAIN} (2026-03-20)
"""
    assert Head.read_lines(text) == [Head(7, PLAIN), Head(12, KEYED), Head(999_999_999_999_999_999, PLAIN)]
    assert Head.read_lines(" \n\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "nothing",
        f"7:{PLAIN}0",
        f"7:{PLAIN[:-1]}",
        f"7:{PLAIN.upper()}",
        f"7:md5:{DIGEST}",
        f"7:0a1b2c3:{DIGEST}",
        f"a7:{PLAIN}",
        f":7:{PLAIN}",
        f"1000000000000000000:{PLAIN}",
        f"\N{ARABIC-INDIC DIGIT SEVEN}:{PLAIN}",
    ],
    ids=lambda line: ascii(line)[:24],
)
def test_a_line_without_a_head_is_named(line: str) -> None:
    """By its number, empty lines included."""
    with pytest.raises(ValueError, match=r"^line 3 holds no head such as 1234:sha256:0a1b\.\.\.$"):
        Head.read_lines(f"12:{KEYED}\n\n{line}\n13:{KEYED}")
