"""Prometheus' own promtool judges the alert rules, on samples that the bot really told or that a test makes up."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are one more package for a few files
from prometheus_client.parser import text_string_to_metric_families

PROGRAM = shutil.which("promtool")
RULES = Path(__file__).parents[2] / "config" / "prometheus-alerts.yml"

needs_promtool = pytest.mark.skipif(
    PROGRAM is None and "CI" not in os.environ, reason="promtool is not installed here"
)
"""Where CI promises it, a test without it fails."""

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric's name and its labels."""

Samples = Mapping[Series, float]


@dataclass(frozen=True, slots=True)
class Alert:
    """A firing alert with the labels that tell which deployment, queue or problem it is about."""

    name: str
    labels: tuple[tuple[str, str], ...]


def alert(name: str, /, **labels: str) -> Alert:
    """An alert to expect."""
    return Alert(name, tuple(sorted(labels.items())))


def scraped(text: str, **target: str) -> dict[Series, float]:
    """What Prometheus makes of a scrape: each sample with the target's labels, and that the target is up."""
    samples: dict[Series, float] = {("up", _sorted(target)): 1.0}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples[sample.name, _sorted(sample.labels | target)] = sample.value
    return samples


def timeline(*periods: tuple[int, Samples]) -> dict[Series, str]:
    """Promtool's notation: for each series its value in each period (minutes, samples), or that it ended."""
    names = {series for _, samples in periods for series in samples}
    parts = {
        series: [
            f"stale _x{minutes - 1}"
            if (value := samples.get(series)) is None
            else f"{value:f}+0x{minutes - 1}"
            for minutes, samples in periods
        ]
        for series in names
    }
    return {series: " ".join(values) for series, values in parts.items()}


def require_alerts(
    folder: Path,
    series: Mapping[Series, str],
    expected: Mapping[int, Sequence[Alert]],
    evaluated_every: str = "1m",
) -> None:
    """AssertionError unless exactly these alerts fire, by minute; their annotations are those of the rules."""
    assert PROGRAM is not None, "promtool is not installed"
    text = RULES.read_text(encoding="utf-8")
    groups = yaml.safe_load(text)["groups"]
    rules = {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}
    assert {each.name for alerts in expected.values() for each in alerts} <= set(rules)
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": evaluated_every,
        "group_eval_order": [group["name"] for group in groups],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": _selector(name), "values": values}
                    for name, values in series.items()
                    if name[0] in text
                ],
                "alert_rule_test": [
                    {
                        "eval_time": f"{minute}m",
                        "alertname": name,
                        "exp_alerts": [_expected(rule, each) for each in alerts if each.name == name],
                    }
                    for minute, alerts in expected.items()
                    for name, rule in rules.items()
                ],
            }
        ],
    }
    file = folder / "alerts_test.yml"
    file.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run(
        [PROGRAM, "test", "rules", str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _expected(rule: Mapping[str, Any], expected: Alert) -> dict[str, Any]:
    labels = dict(expected.labels)

    def filled_in(text: str) -> str:
        return re.sub(r"{{ \$labels\.(\w+) }}", lambda match: labels[match[1]], text)

    annotations = {name: filled_in(text) for name, text in rule["annotations"].items()}
    return {"exp_labels": labels | rule["labels"], "exp_annotations": annotations}


def _sorted(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _selector(series: Series) -> str:
    name, labels = series
    return f"{name}{{{', '.join(f'{label}={value!r}' for label, value in labels)}}}".replace("'", '"')
