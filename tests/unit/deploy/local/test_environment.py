"""What of our environment reaches a child: a processor's share of the work, a download's way out."""

import os
from pathlib import Path

import pytest

from deploy.local.environment import OF_A_PROCESSOR, download_environment, processor_environment
from deploy.local.keys import kept_keys
from deploy.local.servers.fetch_kafka_jars import believe_what_the_system_does
from deploy.local.services import MODULES, ServicePlan
from deploy.local.settings import read_settings


def test_a_processor_is_told_only_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OF_A_PROCESSOR:
        monkeypatch.delenv(name, raising=False)
    assert processor_environment() == {}
    monkeypatch.setenv("REQUESTS_PER_HOST", "128")
    monkeypatch.setenv("CONCURRENCY", "")
    assert processor_environment() == {"REQUESTS_PER_HOST": "128"}


def test_both_that_answer_a_browser_are_told_which_pages_may_call(tmp_path: Path) -> None:
    """R15: it did nothing in the local stack, where a page is written first."""
    origins = "http://localhost:5173"
    plan = ServicePlan(
        settings=read_settings({"CORS_ORIGINS": origins}, tmp_path),
        keys=kept_keys(tmp_path / "keys.json"),
        kafka_bootstrap="127.0.0.1:9092",
        postgres_dsn="postgresql://",
        store_url="file:///store",
        public_url="http://127.0.0.1:8000",
        modules=MODULES,
    )
    told = {each.role: each.program.environment.get("CORS_ORIGINS") for each in plan.services()}
    assert told == {"ingest": origins, "status": origins, "notifier": None, "processor": None}


def test_a_download_goes_the_way_that_the_machine_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert download_environment() == {"HTTPS_PROXY": "http://proxy.example:3128"}


@pytest.mark.parametrize("chosen", ["", "/the/persons/own.pem"])
def test_a_download_believes_whom_the_system_believes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str
) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", chosen)
    if not chosen:
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    believe_what_the_system_does()
    assert os.environ["REQUESTS_CA_BUNDLE"] == (chosen or str(authorities))
