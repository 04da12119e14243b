"""When each alert fires, by promtool: windows, first bursts, business hours and two deployments side by side."""

import subprocess
from pathlib import Path

import pytest

from bot.metrics import Metrics
from tests.support.promtool import (
    PROGRAM,
    RULES,
    Samples,
    Series,
    alert,
    needs_promtool,
    require_alerts,
    scraped,
    timeline,
)

pytestmark = needs_promtool

JOB, INSTANCE = "reviews", "10.0.0.1:8080"
TARGET = {"job": JOB, "instance": INSTANCE}
WEEK_MIN = 7 * 24 * 60


def _well(**target: str) -> Samples:
    """A bot without any problem, that has just started."""
    metrics = Metrics()
    metrics.readiness(dict.fromkeys(["database", "held", "slack_token", "ralio_api"], False))
    return scraped(metrics.text().decode(), **(target or TARGET))


def _series(name: str, /, **labels: str) -> Series:
    return name, tuple(sorted((TARGET | labels).items()))


def _with(samples: Samples, values: dict[Series, float]) -> Samples:
    return {**samples, **values}


WEBHOOKS = "review_bot_webhooks_total"
WRONG_SIGNATURES = _series(WEBHOOKS, result="wrong_signature")
RECORDED = _series(WEBHOOKS, result="recorded")
REFUSED = [
    alert("ReviewBotNoneAccepted", job=JOB, result="wrong_signature"),
    alert("ReviewBotWrongSignatures", job=JOB, result="wrong_signature"),
]


def test_the_rules_can_be_loaded() -> None:
    """Promtool's own check, which also finds expressions that can't match."""
    assert PROGRAM is not None
    done = subprocess.run(
        [PROGRAM, "check", "rules", "--lint-fatal", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_refusals_within_an_hour_are_enough(tmp_path: Path) -> None:
    """However far apart; one is not, and an hour later it is over. While others are accepted no one is woken."""
    well = _with(_well(), {RECORDED: 1})
    later = _with(well, {RECORDED: 9})
    series = timeline(
        (120, well),
        (55, _with(later, {WRONG_SIGNATURES: 1})),
        (120, _with(later, {WRONG_SIGNATURES: 2})),
        (10, _with(later, {WRONG_SIGNATURES: 3})),
    )
    warning = [alert("ReviewBotWrongSignatures", job=JOB, result="wrong_signature")]
    require_alerts(tmp_path, series, {150: [], 178: warning, 240: [], 300: []})


def test_the_first_burst_counts_although_no_scrape_was_before(tmp_path: Path) -> None:
    """Right after a start, by a process that Prometheus has never seen; `increase()` alone sees nothing of it."""
    burst = _with(
        _well(),
        {
            WRONG_SIGNATURES: 2,
            _series(WEBHOOKS, result="too_large"): 1,
            _series("review_bot_unknown_paths_total", signed="yes"): 1,
            _series("review_bot_interactions_total", result="wrong_signature"): 2,
        },
    )
    expected = [
        *REFUSED,
        alert("ReviewBotTooLarge", job=JOB, result="too_large"),
        alert("ReviewBotWrongPath", job=JOB, signed="yes"),
        alert("ReviewBotWrongSlackSignatures", job=JOB, result="wrong_signature"),
    ]
    require_alerts(tmp_path, timeline((180, burst)), {1: expected, 30: expected, 70: []})


def test_a_gap_of_prometheus_is_not_a_burst(tmp_path: Path) -> None:
    """What was refused before the gap is old."""
    old = _with(_well(), {WRONG_SIGNATURES: 7})
    series = timeline((180, old), (20, {}), (120, old))
    require_alerts(tmp_path, series, {201: [], 250: [], 262: [], 300: []})


def test_a_restart_does_not_hide_refusals(tmp_path: Path) -> None:
    """The counter begins again at 0."""
    series = timeline(
        (120, _with(_well(), {WRONG_SIGNATURES: 9})), (60, _with(_well(), {WRONG_SIGNATURES: 2}))
    )
    require_alerts(tmp_path, series, {119: [], 130: REFUSED})


def test_of_two_deployments_each_has_its_own_alerts(tmp_path: Path) -> None:
    """One is well: it neither hides what the other one lacks, nor that it is away."""
    sandbox, production = _well(job="sandbox", instance="a"), _well(job="production", instance="b")
    problem = ("review_bot_problem", (("instance", "b"), ("job", "production"), ("name", "slack_token")))
    down: Samples = {("up", (("instance", "b"), ("job", "production"))): 0.0}
    series = timeline(
        (60, {**sandbox, **production}),
        (60, {**sandbox, **production, problem: 1.0}),
        (60, {**sandbox, **down}),
    )
    away = [
        alert("ReviewBotAway", job="production"),
        alert("ReviewBotInstanceAway", job="production", instance="b"),
    ]
    expected = {
        50: [],
        62: [],
        70: [alert("ReviewBotNotReady", job="production", instance="b", name="slack_token")],
        122: [],
        140: away,
    }
    require_alerts(tmp_path, series, expected)


def test_one_of_two_processes_away_is_a_warning(tmp_path: Path) -> None:
    """The other one serves."""
    one, other = _well(), _well(job=JOB, instance="10.0.0.2:8080")
    down: Samples = {("up", (("instance", "10.0.0.2:8080"), ("job", JOB))): 0.0}
    series = timeline((60, {**one, **other}), (60, {**one, **down}))
    require_alerts(
        tmp_path, series, {50: [], 80: [alert("ReviewBotInstanceAway", job=JOB, instance="10.0.0.2:8080")]}
    )


def test_every_other_problem_is_reported(tmp_path: Path) -> None:
    """Ralio's API and the record by name, clicks that fail or take too long; what the day of incidents leaves out."""
    wrong = {
        _series("review_bot_problem", name="ralio_api"): 1.0,
        _series("review_bot_problem", name="audit"): 1.0,
        _series("review_bot_interactions_total", result="failed"): 1.0,
    }
    bucket = "review_bot_answer_seconds_bucket"
    slow = {
        _series(bucket, route="/slack/interactions", le=limit): f"0+{each}x59"
        for limit, each in (("2.0", 0), ("3.0", 1), ("+Inf", 1))
    }
    expected = [
        alert("ReviewBotRalioApi", **TARGET, name="ralio_api"),
        alert("ReviewBotAuditBroken", **TARGET, name="audit"),
        alert("ReviewBotClicksNotRecorded", job=JOB),
        alert("ReviewBotSlowClicks", job=JOB),
    ]
    require_alerts(tmp_path, timeline((60, _with(_well(), wrong))) | slow, {20: expected})


def test_a_bot_that_was_never_there_is_away(tmp_path: Path) -> None:
    """Such as after a wrong address in Prometheus' own file."""
    require_alerts(
        tmp_path, timeline((20, {("up", (("job", "other"),)): 1.0})), {3: [], 10: [alert("ReviewBotAway")]}
    )


@pytest.mark.parametrize(
    ("waited_s", "is_working", "fires"), [(14_000, 1, False), (15_000, 1, True), (15_000, 0, False)]
)
def test_an_unclaimed_review_is_reported_in_business_hours(
    tmp_path: Path,
    waited_s: float,
    is_working: float,
    fires: bool,  # noqa: FBT001 - a case
) -> None:
    """At night no one could claim it."""
    waiting = {
        _series("review_bot_oldest_unclaimed_seconds", queue="user"): waited_s,
        _series("review_bot_business_hours", queue="user"): is_working,
        _series("review_bot_business_hours", queue="related-party"): 1.0,
    }
    expected = [alert("ReviewBotUnclaimed", job=JOB, queue="user")] if fires else []
    require_alerts(tmp_path, timeline((20, _with(_well(), waiting))), {10: expected})


def test_a_disagreement_is_reported_for_a_day(tmp_path: Path) -> None:
    """Not for ever, although it stays on record; another process that takes over is none."""
    other = {"job": JOB, "instance": "10.0.0.2:8080"}

    def samples(count: float, **target: str) -> Samples:
        labels = TARGET | target
        kind = tuple(sorted((labels | {"kind": "contradicts"}).items()))
        return {
            ("review_bot_ready", tuple(sorted(labels.items()))): 1,
            ("review_bot_disagreements", kind): count,
        }

    periods = ((120, samples(2)), (60, samples(3)), (26 * 60, samples(3, **other)))
    expected = [alert("ReviewBotDisagreement", job=JOB, kind="contradicts")]
    minutes = {110: [], 130: expected, 1_000: expected, 130 + 26 * 60: []}
    require_alerts(tmp_path, timeline(*periods), minutes, "10m")
