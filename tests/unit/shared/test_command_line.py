"""Every service says what it can do and what it needs, to somebody who has set nothing yet."""

import importlib
import os
import subprocess
import sys

import pytest
from pydantic_settings import BaseSettings

from tests.worlds.patience import DEADLINE_SECONDS

SERVICES = ("ingest", "status", "processor", "notifier")


def settings_of(service: str) -> type[BaseSettings]:
    kind: type[BaseSettings] = importlib.import_module(f"services.{service}.settings").Settings
    return kind


def helped(service: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"services.{service}", "--help"]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )


@pytest.mark.parametrize("service", SERVICES)
def test_help_needs_no_settings_and_explains_each(service: str) -> None:
    ended = helped(service)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    for name, setting in settings_of(service).model_fields.items():
        (place,) = [place for place, line in enumerate(lines) if line.startswith(f"  {name.upper()} (")]
        assert lines[place].endswith("(required)") == setting.is_required()
        assert len(lines[place + 1].strip()) > 10


def told(
    service: str, arguments: list[str], patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """The same in this process: its exit code and what it wrote."""
    for name in settings_of(service).model_fields:
        patch.delenv(name.upper(), raising=False)
    patch.setattr(sys, "argv", [f"services.{service}", *arguments])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"services.{service}.__main__").main()
    return int(str(ended.value)), *capsys.readouterr()


@pytest.mark.parametrize(
    ("service", "arguments", "part"),
    [
        ("ingest", ["new-key"], "--expires-in-days"),
        ("notifier", ["listen"], "--port"),
        ("status", ["migrate"], "bring the tables up to date"),
        ("processor", ["run"], "MAX_MEMORY_USED (by default 0.9)"),
    ],
)
def test_help_of_a_subcommand_needs_no_settings(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    service: str,
    arguments: list[str],
    part: str,
) -> None:
    code, out, complaints = told(service, [*arguments, "--help"], monkeypatch, capsys)
    assert (code, complaints) == (0, "")
    assert part in out


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_command_is_refused_before_any_setting_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], service: str
) -> None:
    code, _, complaints = told(service, ["migrat"], monkeypatch, capsys)
    assert code == 2
    assert complaints.startswith(f"usage: python -m services.{service} ")
    assert "invalid choice: 'migrat'" in complaints
