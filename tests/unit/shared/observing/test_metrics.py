"""R21: one list of metrics, each with a bounded set of labels."""

import ast
import re
from pathlib import Path

import pytest

from services.processor.measured import bounded_code
from shared.contract.codes import Code, FailureCode, http_code
from shared.observing.metrics import METRICS

ROOT = Path(__file__).parents[4]
BOUNDED = {"method", "route", "status", "quota", "folder", "group", "outcome", "code", "stage", "direction"}
BOUNDED |= {"state", "work", "kind", "why"}
EVERY = {metric._name: metric for metrics in METRICS.values() for metric in metrics}


def test_metrics_are_made_in_one_file_only() -> None:
    for file in (*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")):
        imported = [
            node.module for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)
        ]
        assert "prometheus_client" not in imported or file.name in {"metrics.py", "health_routes.py"}, file


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_metric_names_its_unit_explains_itself_and_has_only_bounded_labels(name: str) -> None:
    metric = EVERY[name]
    assert name.startswith("pixmill_")
    assert metric._documentation.endswith(".")
    assert set(metric._labelnames) <= BOUNDED


@pytest.mark.parametrize("code", [None, *map(http_code, range(1000)), FailureCode.TIMED_OUT])
def test_whatever_status_a_host_invents_the_codes_stay_few(code: Code | None) -> None:
    bounded = bounded_code(code)
    assert re.fullmatch(r"none|timed_out|http_[0-9]xx", bounded)


def test_a_code_of_our_own_stays_as_it_is() -> None:
    assert [bounded_code(code) for code in FailureCode] == list(FailureCode)
