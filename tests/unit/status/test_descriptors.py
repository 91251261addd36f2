"""A status that may open too little ends with a line that says so; it lost one connection for another."""

import resource
from types import SimpleNamespace

import pytest

from services.status import __main__ as status
from services.status.descriptors import LEAST_DESCRIPTORS, require_descriptors
from shared.settings import EXIT_WRONG_SETTING


def limited_to(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, resource.RLIM_INFINITY))


def test_it_is_told_in_one_line_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R21"""
    settings = SimpleNamespace(log_level="INFO", require_authenticator=lambda: None)
    monkeypatch.setattr(status, "read_command", lambda *_, **__: None)
    monkeypatch.setattr(status, "read_settings", lambda _: settings)
    for name in ("configure_logs", "show_metrics", "_run", "run_service"):
        monkeypatch.setattr(status, name, lambda *_: None)
    limited_to(40, monkeypatch)
    with pytest.raises(SystemExit) as ended:
        status.main()
    assert ended.value.code == EXIT_WRONG_SETTING
    (line,) = capsys.readouterr().err.splitlines()
    assert f"ulimit -n: 40 files and connections at once are too few: it needs {LEAST_DESCRIPTORS}" in line


@pytest.mark.parametrize("most", [LEAST_DESCRIPTORS, resource.RLIM_INFINITY])
def test_as_many_as_it_needs_and_no_limit_are_enough(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    limited_to(most, monkeypatch)
    require_descriptors()
