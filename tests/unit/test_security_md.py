"""SECURITY.md is tested: every test that it names exists, and its limits are the server's."""

import re
from pathlib import Path

import pytest

from bot.ralio import checks
from bot.store.tables import events
from bot.web import body_budget, limits, request_body

MEBIBYTE = 1_048_576
ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[^`]+)`", SECURITY)))
ROWS = re.findall(r"^\| (\d[\d., ]*) \|.*\|$", SECURITY, re.MULTILINE)


@pytest.mark.parametrize("name", TESTS)
def test_every_test_that_is_named_exists(name: str) -> None:
    """File and function."""
    file, _, function = name.partition("::")
    content = (ROOT / file).read_text(encoding="utf-8")
    assert not function or re.search(rf"^(async )?def {function}\(", content, re.MULTILINE)


def test_every_item_has_a_test() -> None:
    """A number of the standard, and at least one test beside it."""
    items = [line for line in SECURITY.splitlines() if re.match(r"\| \d", line) and "`tests/" in line]
    assert len(items) == len(ROWS) > 30
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", item) for row in ROWS for item in row.split(", "))


def test_the_limits_are_the_servers() -> None:
    """As they stand in the table."""
    allowed = limits.Limits()
    assert f"| connections | {allowed.connections};" in SECURITY
    assert f"| {allowed.head_s:g} s from connecting" in SECURITY
    assert f"{limits.MAX_FIELDS} fields of {limits.MAX_FIELD_BYTES:,} bytes" in SECURITY
    assert (
        f"| a body | {request_body.READ_LIMIT_S:g} s; {request_body.SMALL_BODY_LIMIT_S:g} s up to 64 KiB;"
        in SECURITY
    )
    assert request_body.SMALL_BODY_BYTES == 64 * 1024
    assert f"`MAX_BODIES_BYTES` ({body_budget.DEFAULT_BYTES // MEBIBYTE} MiB)" in SECURITY
    assert f"| pipelined requests from strangers | {limits.MAX_PIPELINED} answers" in SECURITY
    assert (
        f"| an answer that the client does not read | {allowed.unread_s:g} s, or until its connection is needed |"
        in SECURITY
    )
    assert f"| the quarantine | {events.QUARANTINE_BYTES // MEBIBYTE} MiB of bodies;" in SECURITY
    assert f"| {checks.MAX_READ_CHECKS} checks, {checks.MAX_READ_REASONS} reasons each," in SECURITY
    assert f"| an idle connection | {allowed.keep_alive_s:g} s |" in SECURITY
