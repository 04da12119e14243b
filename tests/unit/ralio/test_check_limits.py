"""Lists are cut before they are read: an event of a mebibyte takes about as long to read as any other."""

import time

import pytest

from bot.ralio.checks import MAX_READ_CHECKS, MAX_READ_REASONS, read_checks
from bot.ralio.events import parse

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


@pytest.mark.parametrize("state", ["refused", "Refused", " REFUSED ", 2, "2"])
def test_refused_checks_are_read_first_and_the_rest_is_counted(state: object) -> None:
    """They are why a person has to look."""
    validated = [{"type": "identity", "state": "Validated"}] * 1_000
    read = read_checks([*validated, {"type": "document", "state": state}])
    assert (len(read.checks), read.left_out) == (MAX_READ_CHECKS, 1_001 - MAX_READ_CHECKS)
    assert (read.checks[0].type, read.checks[0].state) == ("document", "refused")


def test_reasons_that_are_not_read_are_counted() -> None:
    """The card says how many more codes there are."""
    reasons = [{"code": str(number)} for number in range(MAX_READ_REASONS + 7)]
    (check,) = read_checks([{"type": "document", "reasons": reasons}]).checks
    assert (len(check.codes), check.more_codes) == (MAX_READ_REASONS, 7)


def test_a_short_list_keeps_its_order() -> None:
    """Nothing is left out."""
    read = read_checks([{"type": "identity", "state": "Validated"}, {"type": "document", "state": "Refused"}])
    assert [check.type for check in read.checks] == ["identity", "document"]
    assert (read.left_out, read.unreadable) == (0, False)
