"""The daily digest, as golden files, and at the limits."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.review import Status
from bot.slack.api.client import Message
from bot.slack.messages.digest import digest
from bot.store.tables.digest import DAY_MS, Digest, Step, StepKind
from bot.store.tables.worklist import QueueCounts
from tests.support import golden
from tests.support.examples import LONGEST_ID, OPENED_AT, formatted_texts, is_harmless

HOUR = 3_600_000
NOW = OPENED_AT
OFFICE = BusinessHours(ZoneInfo("Europe/Madrid"), frozenset(range(5)), 9 * 60, 18 * 60)

QUIET = Digest(QueueCounts(), 0, [], 0, 0, [], "7 0123456789abcdef")
BUSY = Digest(
    counts=QueueCounts({Status.OPEN: 3, Status.CLAIMED: 2, Status.PROPOSED: 1}, NOW - 30 * HOUR),
    overdue=2,
    people=[("UANNA", 2), ("UBORIS", 1)],
    disagreements=1,
    held=2,
    steps=[
        Step(StepKind.OPENED, NOW - 3 * DAY_MS, NOW - 3 * DAY_MS),
        Step(StepKind.OPENED, NOW - 2 * HOUR, NOW - 2 * HOUR),
        Step(StepKind.CLAIMED, NOW - 2 * HOUR, NOW - HOUR),
        Step(StepKind.CLAIMED, NOW - 3 * DAY_MS, NOW - 2 * DAY_MS),
        Step(StepKind.DECIDED, NOW - 2 * HOUR, NOW - HOUR // 2),
        Step(StepKind.DECIDED, NOW - 3 * DAY_MS, NOW - 2 * DAY_MS),
    ],
    head="4711 0123456789abcdef",
    verdicts_missing=3,
)
MOST = replace(
    BUSY,
    counts=QueueCounts(dict.fromkeys(Status, 5_000_000), NOW),
    overdue=5_000_000,
    people=[(LONGEST_ID, 5_000_000)] * 20,
    disagreements=5_000_000,
    held=5_000_000,
    steps=[*BUSY.steps] * 1_000,
)
CASES = {
    "quiet": (QUIET, ROUND_THE_CLOCK),
    "busy": (BUSY, ROUND_THE_CLOCK),
    "busy_in_business_hours": (BUSY, OFFICE),
}


def _message(told: Digest, hours: BusinessHours = ROUND_THE_CLOCK) -> Message:
    return digest("digest:user:2026-03-17", "user", told, hours, NOW)


@pytest.mark.parametrize("name", CASES)
def test_a_digest_is_exactly_as_on_file(name: str) -> None:
    """The state of the queue, who has how many reviews, waiting times, problems, and the week."""
    message = _message(*CASES[name])
    assert golden.on_file(
        f"digest_{name}", {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    )


def test_every_file_has_its_case() -> None:
    """None is left over."""
    assert golden.names("digest_") == {f"digest_{name}" for name in CASES}


def test_slack_accepts_the_fullest_digest() -> None:
    """Five million reviews, twenty people with the longest ids, a thousand changes per day."""
    message = _message(MOST)
    assert block_problems(list(message.blocks)) == []
    assert all_text_length(list(message.blocks)) < 12_000
    assert len(message.text) < 4_000


def test_only_people_with_work_are_mentioned() -> None:
    """Whatever an id looks like, it mentions no other person."""
    message = _message(replace(BUSY, people=[("<!channel>", 1)]))
    assert all(is_harmless(text) for text in [message.text, *formatted_texts(list(message.blocks))])


def test_a_wait_is_counted_in_business_hours() -> None:
    """Opened before the end of Friday and claimed after that of Monday: a day's work, not three days."""
    friday, monday = NOW - 4 * DAY_MS, NOW - DAY_MS + HOUR
    told = replace(QUIET, steps=[Step(StepKind.CLAIMED, friday, monday)])
    office, always = _message(told, OFFICE).text, _message(told).text
    assert "Time to claim, median: 9 h 19 min in the last day" in office
    assert "Time to claim, median: 73 h 0 min in the last day" in always


def test_a_claim_before_the_last_opening_is_not_counted() -> None:
    """The review was reopened since, and a new wait began."""
    told = replace(QUIET, steps=[Step(StepKind.CLAIMED, NOW - HOUR, NOW - 2 * HOUR)])
    assert "Time to claim, median: none in the last day, none in the last week" in _message(told).text
