"""R21: alerts, their tests and their runbook entries; the dashboard asks for metrics that exist."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.processor.decoders.ends import End
from shared.observing.metrics import METRICS
from tests.worlds.deployment.deployed import ROOT, SERVICES

WATCH = ROOT / "deploy" / "prometheus"
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((WATCH / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()
SHOWN = {metric._name for metrics in METRICS.values() for metric in metrics}
SUFFIX = re.compile(r"_(total|bucket|count|sum)$")


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *arguments], cwd=WATCH, capture_output=True, text=True, check=False)


def test_each_alert_is_raised_by_what_it_is_for() -> None:
    """R21"""
    done = promtool("test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_and_the_configuration_are_what_prometheus_takes() -> None:
    assert promtool("check", "rules", "alerts.yml").returncode == 0
    assert promtool("check", "config", "prometheus.yml").returncode == 0
    jobs = yaml.safe_load((WATCH / "prometheus.yml").read_text())["scrape_configs"]
    assert [job["job_name"] for job in jobs] == list(SERVICES)


@pytest.mark.parametrize("alert", [rule["alert"] for rule in ALERTS])
def test_an_alert_has_a_test_that_raises_it_and_a_runbook_entry(alert: str) -> None:
    """R21"""
    tests = yaml.safe_load((WATCH / "alerts_test.yml").read_text())["tests"]
    raised = {
        each["alertname"] for test in tests for each in test["alert_rule_test"] if each.get("exp_alerts")
    }
    assert alert in raised
    assert f"### {alert}\n" in RUNBOOK


def test_the_runbook_has_no_entry_for_an_alert_that_is_not_there() -> None:
    section = RUNBOOK.partition("## Alerts")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == [rule["alert"] for rule in ALERTS]


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    board = json.loads((ROOT / "deploy/grafana/dashboards/pixmill.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    for query in (*queries, *(rule["expr"] for rule in ALERTS)):
        named = {SUFFIX.sub("", name) for name in re.findall(r"pixmill_\w+", query)}
        assert named <= SHOWN, query


def test_the_runbook_names_metrics_that_exist() -> None:
    assert {SUFFIX.sub("", name) for name in re.findall(r"\bpixmill_\w+", RUNBOOK)} <= SHOWN


def test_the_runbook_knows_each_way_in_which_a_decoder_is_lost() -> None:
    ways = {end.name.lower() for end in End if not end.is_of_the_image}
    (told,) = [text for text in RUNBOOK.split("\n\n") if "`decoder_lost` in the log means" in text]
    assert [way for way in sorted(ways) if f"`{way}`" not in told] == []


def test_every_metric_of_the_list_is_on_the_dashboard_or_in_an_alert() -> None:
    watched = (
        Path(ROOT / "deploy/grafana/dashboards/pixmill.json").read_text() + (WATCH / "alerts.yml").read_text()
    )
    assert [name for name in sorted(SHOWN) if name not in watched] == []
