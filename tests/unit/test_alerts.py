"""The alert rules and the dashboard ask for what the bot really tells."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are one more package for a few files

from bot.metrics import Metrics
from tests.support.documentation import PAGES, anchor_of

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "config/prometheus-alerts.yml").read_text(encoding="utf-8")
DASHBOARD = json.loads((ROOT / "config/grafana-dashboard.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
TOLD = set(re.findall(r"^# TYPE (\S+) ", Metrics().text().decode(), re.MULTILINE))


def test_every_metric_of_a_rule_exists() -> None:
    """By the name under which Prometheus gets it."""
    expressions = re.sub(r"\w+:(\w+):\w+", "", RULES)  # what a rule records has a name of its own
    asked = set(re.findall(r"review_bot_\w+", expressions))
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


GROUPS = yaml.safe_load(RULES)["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_how_bad_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    """The link leads to a heading of the page; a story or a test of the rules makes the alert fire."""
    assert rule["labels"]["severity"] in ("critical", "warning")
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    text = (ROOT / page).read_text(encoding="utf-8")
    assert anchor in {anchor_of(heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    tests = [ROOT / "tests/scenarios/test_alerts.py", ROOT / "tests/unit/test_alert_rules.py"]
    assert any(f'"{rule["alert"]}"' in path.read_text(encoding="utf-8") for path in tests)


def test_alerts_tell_deployments_apart() -> None:
    """A result keeps all labels, or at least `job`."""
    for rule in ALERTS:
        is_of_a_process = rule["expr"].startswith("review_bot_problem{")
        assert is_of_a_process or re.search(r"by \(job|on \(job|^job_\w+:", rule["expr"]), rule["alert"]


def test_every_heading_of_the_runbook_that_is_linked_exists() -> None:
    """Links within the pages, too."""
    for page in PAGES:
        for file, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", page.read_text(encoding="utf-8")):
            target = (
                (page.parent / file).read_text(encoding="utf-8") if file else page.read_text(encoding="utf-8")
            )
            headings = {anchor_of(heading) for heading in re.findall(r"^#+ (.*)$", target, re.MULTILINE)}
            assert anchor in headings, f"{page.name}: #{anchor}"


def test_the_dashboard_begins_with_readiness_and_shows_one_deployment() -> None:
    """Whether it is ready, and which problems there are; every query is about the chosen job."""
    first, second = DASHBOARD["panels"][:2]
    assert "review_bot_ready" in first["targets"][0]["expr"]
    assert "review_bot_problem" in second["targets"][0]["expr"]
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource", "job"]
    for query in QUERIES:
        assert query.count('{job=~"$job"') == len(re.findall(r"review_bot_\w+", query)), query
