"""The daily digest, as golden files, and at the limits."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.demo.blocks.validation import all_text_length, block_problems
from bot.reviews.business_hours import ROUND_THE_CLOCK, BusinessHours
from bot.reviews.queue_figures import PersonFigures, QueueFigures
from bot.slack.api.client import Message
from bot.slack.messages.digest import digest
from bot.store.tables.digest import DAY_MS, Digest, Step, StepKind
from bot.store.tables.reviews import ListedReview
from tests.support import golden
from tests.support.examples import (
    CLAIMED,
    LONGEST_ID,
    OPEN,
    OPENED_AT,
    PROPOSED,
    formatted_texts,
    is_harmless,
)

HOUR = 3_600_000
NOW = OPENED_AT
OFFICE = BusinessHours(ZoneInfo("Europe/Madrid"), frozenset(range(5)), 9 * 60, 18 * 60)

QUIET = Digest(QueueFigures())
OLDEST = [
    ListedReview(OPEN._replace(opened_at=NOW - 30 * HOUR), "CUSER00001", "1773765688.000100"),
    ListedReview(CLAIMED._replace(opened_at=NOW - 20 * HOUR, due_at=NOW), "CUSER00001", "1773765688.000200"),
    ListedReview(PROPOSED._replace(opened_at=NOW - 2 * HOUR), None, None),
]
BUSY = Digest(
    figures=QueueFigures(unclaimed=3, claimed=2, proposed=1, overdue=2),
    earlier=QueueFigures(unclaimed=1, claimed=5, proposed=1, overdue=0),
    workloads=[PersonFigures("UANNA", 7, 2), PersonFigures("UBORIS", 1)],
    oldest=OLDEST,
    disagreements=1,
    held=2,
    steps=[
        Step(StepKind.OPENED, NOW - 3 * DAY_MS, NOW - 3 * DAY_MS),
        Step(StepKind.OPENED, NOW - 2 * HOUR, NOW - 2 * HOUR),
        Step(StepKind.CLAIMED, NOW - 2 * HOUR, NOW - HOUR),
        Step(StepKind.CLAIMED, NOW - 3 * DAY_MS, NOW - 2 * DAY_MS),
        Step(StepKind.DECIDED, NOW - 2 * HOUR, NOW - HOUR // 2),
        Step(StepKind.DECIDED, NOW - 3 * DAY_MS, NOW - 2 * DAY_MS),
        Step(StepKind.CLAIMED, NOW - 9 * DAY_MS, NOW - 9 * DAY_MS + 20_000),
        Step(StepKind.DECIDED, NOW - 9 * DAY_MS, NOW - 8 * DAY_MS),
    ],
    verdicts_missing=3,
)
MOST = replace(
    BUSY,
    figures=QueueFigures(*[5_000_000] * 4),
    workloads=[PersonFigures(f"{LONGEST_ID}{number}", 5_000_000 * 4**number) for number in range(20)],
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
    return digest("digest:user:2026-03-17", "user", told, hours, NOW, "https://team.example.com/")


@pytest.mark.parametrize("name", CASES)
def test_a_digest_is_exactly_as_on_file(name: str) -> None:
    """Figures with their change, waiting times, problems, the oldest reviews, and the week."""
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


def test_only_who_is_overloaded_is_mentioned() -> None:
    """Whatever an id looks like, it mentions no other person."""
    crowded = replace(BUSY, oldest=[], workloads=[PersonFigures("<!channel>", 9), PersonFigures("UANNA", 4)])
    message = _message(crowded)
    texts = [message.text, *formatted_texts(list(message.blocks))]
    assert all(is_harmless(text) for text in texts)
    assert not any("UANNA" in text for text in texts)


def test_a_wait_is_counted_in_business_hours() -> None:
    """Opened before the end of Friday and claimed after that of Monday: a day's work, not three days."""
    friday, monday = NOW - 4 * DAY_MS, NOW - DAY_MS + HOUR
    shown = replace(QUIET, steps=[Step(StepKind.CLAIMED, friday, monday)])
    office, always = _message(shown, OFFICE).text, _message(shown).text
    assert "Median time to claim, last 7 days: 9 h 19 min" in office
    assert "Median time to claim, last 7 days: 73 h 0 min" in always


def test_a_claim_before_the_last_opening_is_not_counted() -> None:
    """The review was reopened since, and a new wait began."""
    shown = replace(QUIET, steps=[Step(StepKind.CLAIMED, NOW - HOUR, NOW - 2 * HOUR)])
    assert "Median time to claim, last 7 days: no data (7 days before: no data)" in _message(shown).text


def test_on_monday_the_last_business_day_is_friday() -> None:
    """What came on Friday is not forgotten, and compared with Thursday."""
    monday = NOW - DAY_MS
    at = [monday - 60 * HOUR, monday - 61 * HOUR, monday - 80 * HOUR]
    shown = replace(QUIET, steps=[Step(StepKind.OPENED, each, each) for each in at])
    message = digest("k", "user", shown, OFFICE, monday)
    assert "Last business day: 2 opened (+1), 0 decided (±0)" in message.text


def test_the_chart_leaves_out_days_without_work() -> None:
    """Only the days on which something was opened or decided, one line each; no chart without any."""
    assert "```" not in str(_message(QUIET).blocks)
    shown = replace(QUIET, steps=[Step(StepKind.OPENED, NOW - DAY_MS, NOW - DAY_MS)] * 3)
    (chart,) = [text for text in formatted_texts(list(_message(shown).blocks)) if "```" in text]
    assert chart.splitlines() == ["```", "        opened      decided", "Mon 16  3 ████████  0", "```"]
    assert max(map(len, chart.splitlines())) <= 40
