"""Each wrong setting is one clear line, and the exit code 78, for every service and command."""

import importlib

import pytest
from pydantic_settings import BaseSettings

from shared.broker_access import BrokerSettings
from shared.settings import EXIT_WRONG_SETTING, ServiceSettings, read_settings
from shared.topics import TopicSettings


def service_settings(name: str) -> type[BaseSettings]:
    module = importlib.import_module(f"services.{name}.settings")
    settings: type[BaseSettings] = module.Settings
    return settings


@pytest.mark.parametrize("name", ["ingest", "status", "processor", "notifier"])
@pytest.mark.parametrize(
    ("variable", "value"), [("PORT", "abc"), ("PORT", "0"), ("LOG_LEVEL", "loud"), ("DRAIN_SECONDS", "-1")]
)
def test_a_wrong_setting_of_a_service_is_a_line_that_names_it(
    name: str,
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PORT", "8000")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        read_settings(service_settings(name))
    assert ended.value.code == EXIT_WRONG_SETTING
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith(f"wrong setting {variable}: ")]
    assert all(line.startswith("wrong setting ") for line in lines)


def test_every_wrong_setting_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("DRAIN_SECONDS", "-1")
    with pytest.raises(SystemExit):
        read_settings(ServiceSettings)
    named = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert sorted(named) == ["wrong setting DRAIN_SECONDS", "wrong setting LOG_LEVEL", "wrong setting PORT"]


@pytest.mark.parametrize("kind", [TopicSettings, BrokerSettings])
def test_a_missing_setting_of_a_command_is_one_line_that_names_it(
    kind: type[BaseSettings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(SystemExit) as ended:
        read_settings(kind)
    assert ended.value.code == EXIT_WRONG_SETTING
    assert capsys.readouterr().err == "wrong setting KAFKA_BOOTSTRAP: Field required\n"
