"""Lists are cut before they are read: an event of a mebibyte takes about as long to read as any other."""

import json
import time

import pytest

from bot.ralio.events import parse
from bot.ralio.list_limits import MAX_READ_CHECKS, MAX_READ_REASONS, cap_checks

READ_WITHIN_S = 0.5
"""Of the processor. Uncut they take one to five seconds; of what is left, most is parsing the JSON."""


@pytest.mark.parametrize(
    "checks",
    [
        "[" + ",".join(["1"] * 500_000) + "]",
        "[" + ",".join(["{}"] * 350_000) + "]",
        '[{"type":"identity","reasons":[' + ",".join(["1"] * 500_000) + "]}]",
        "[" + ",".join(['{"reasons":[' + ",".join(["1"] * 50) + "]}"] * 9_000) + "]",
        '[{"type":"' + "\\u0000a" * 140_000 + '"}]',
    ],
    ids=["numbers", "objects", "reasons", "reasons of many", "a long word"],
)
def test_no_mebibyte_of_checks_blocks_the_event_loop(checks: str) -> None:
    """The loop answers everyone else, Slack within three seconds."""
    head = '{"eventId":"e","eventType":"kyc_session_manual_review","timestamp":"2026-01-01T00:00:00Z"'
    body = f'{head},"data":{{"sessionId":"s","checks":{checks}}}}}'.encode()
    began = time.thread_time()
    parse(body, 1)
    assert time.thread_time() - began < READ_WITHIN_S


def test_refused_checks_stay_when_a_list_is_cut() -> None:
    """They are why a person has to look."""
    refused = {"type": "document", "state": "refused"}
    capped = cap_checks([{"type": "identity", "state": "validated"}] * 1_000 + [refused])
    assert isinstance(capped, list)
    assert (len(capped), capped[0]) == (MAX_READ_CHECKS, refused)


def test_what_is_short_is_left_as_it_is() -> None:
    """And what is no list."""
    checks = [
        {"type": "document", "reasons": [{"code": str(number)} for number in range(MAX_READ_REASONS)]},
        1,
    ]
    assert json.dumps(cap_checks(checks)) == json.dumps(checks)
    assert cap_checks("checks") == "checks"
