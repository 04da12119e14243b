"""The alert rules and the dashboard ask for what the bot really tells."""

import json
import re
from pathlib import Path

from bot.metrics import Metrics

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "config/prometheus-alerts.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((ROOT / "config/grafana-dashboard.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
TOLD = set(re.findall(r"^# TYPE (\S+) ", Metrics().text().decode(), re.MULTILINE))


def test_every_metric_of_a_rule_exists() -> None:
    """By the name under which Prometheus gets it."""
    asked = set(re.findall(r"review_bot_\w+", RULES))
    assert asked
    assert {name.removesuffix("_bucket") for name in asked} <= TOLD


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    """A histogram by its buckets, its sum or its count."""
    asked = set(re.findall(r"review_bot_\w+", " ".join(QUERIES)))
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} == TOLD


def test_every_label_of_a_rule_can_occur() -> None:
    """A misspelt one would never wake anybody."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    labels = re.findall(r'\w+="([^"]+)"', RULES + " ".join(QUERIES))
    assert labels
    assert [label for label in labels if f'"{label}"' not in source] == []


def test_every_command_of_a_rule_exists() -> None:
    """As an operator would type it."""
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    named = re.findall(r"python -m bot (\w+(?: \w+)?)", RULES)
    assert named
    assert all(f"`python -m bot {command}" in commands for command in named)
