"""Status ends with the one line about a pooler, whatever ends with it."""

from types import SimpleNamespace

import pytest

from services.status import __main__ as status
from services.status import commands
from services.status.postgres.sessions import PooledError
from shared.settings import EXIT_WRONG_SETTING


def end_by(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def migrate(_: str) -> None:
        raise error

    settings = SimpleNamespace(log_level="INFO", postgres_dsn="unused")
    monkeypatch.setattr(status, "read_command", lambda *_, **__: status.MIGRATE)
    monkeypatch.setattr(status, "read_settings", lambda _: settings)
    for name in ("configure_logs", "show_metrics"):
        monkeypatch.setattr(status, name, lambda *_: None)
    monkeypatch.setattr(commands, "migrate_tables", migrate)
    status.main()


@pytest.mark.parametrize(
    "error",
    [
        PooledError("POSTGRES_DSN"),
        ExceptionGroup("a group", [ExceptionGroup("in a group", [PooledError("POSTGRES_DSN")])]),
        ExceptionGroup("a side that ended too", [PooledError("POSTGRES_DSN"), RuntimeError("too")]),
    ],
    ids=["alone", "in groups", "with another"],
)
def test_it_is_told_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """R13"""
    with pytest.raises(SystemExit) as ended:
        end_by(error, monkeypatch)
    assert ended.value.code == EXIT_WRONG_SETTING
    (line,) = capsys.readouterr().err.splitlines()
    assert "POSTGRES_DSN" in line


def test_what_is_none_of_it_is_an_error_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExceptionGroup, match="bugs"):
        end_by(ExceptionGroup("bugs", [RuntimeError("a bug")]), monkeypatch)
