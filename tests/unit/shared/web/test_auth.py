"""Who gets in with which key."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import Request
from structlog.testing import capture_logs

from services.ingest.issue_key import issue_key
from shared.web.api_keys import ApiKey, ApiKeys, Scope, UnreadableKeys, append_key, key_hash, read_keys
from shared.web.auth import CHECK_FILE_SECONDS, AuthMode, KeyFile, open_authenticator
from shared.web.problems import Problem

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def refused(keys: KeyFile, asking: Request) -> int:
    with pytest.raises(Problem) as raised:
        asyncio.run(keys.tenant(asking))
    return raised.value.status


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    append_key(path, ApiKey(sha256=key_hash("shop key"), tenant="shop"))
    append_key(path, ApiKey(sha256=key_hash("old key"), tenant="shop", expires_at=NOW))
    append_key(path, ApiKey(sha256=key_hash("reader"), tenant="reader", scopes=(Scope.READ,)))
    return path


async def test_either_header_tells_the_tenant(file: Path) -> None:
    """R20"""
    keys = KeyFile(file, lambda: NOW)
    assert await keys.tenant(request(x_api_key="shop key")) == "shop"
    assert await keys.tenant(request(authorization="Bearer shop key")) == "shop"
    assert await keys.tenant(request(authorization="bearer reader")) == "reader"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_api_key": ""},
        {"x_api_key": "other"},
        {"x_api_key": "old key"},
        {"authorization": "Basic shop key"},
    ],
)
def test_nobody_else_gets_in(file: Path, headers: dict[str, str]) -> None:
    """R20"""
    assert refused(KeyFile(file, lambda: NOW), request(**headers)) == 401


async def test_a_key_without_the_scope_is_a_403(file: Path) -> None:
    """R20"""
    tenant_of = KeyFile(file, lambda: NOW).tenant_with(Scope.UPLOAD)
    assert await tenant_of(request(x_api_key="shop key")) == "shop"
    with pytest.raises(Problem) as raised:
        await tenant_of(request(x_api_key="reader"))
    assert raised.value.status == 403


def test_a_changed_file_is_read_again_and_a_broken_one_changes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20"""
    keys = KeyFile(file, lambda: NOW)
    passed = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: passed)
    append_key(file, ApiKey(sha256=key_hash("new key"), tenant="new", expires_at=NOW + timedelta(days=1)))
    passed += CHECK_FILE_SECONDS + 1
    assert asyncio.run(keys.tenant(request(x_api_key="new key"))) == "new"
    file.write_text("no key\n")
    with capture_logs() as lines:
        for _ in range(3):
            passed += CHECK_FILE_SECONDS + 1
            assert asyncio.run(keys.tenant(request(x_api_key="new key"))) == "new"
    assert [line["event"] for line in lines] == ["keys_unreadable"]
    file.write_text("")
    passed += CHECK_FILE_SECONDS + 1
    assert refused(keys, request(x_api_key="new key")) == 401


def test_a_key_that_is_revoked_while_a_service_starts_is_revoked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20"""

    def read_and_revoked(path: Path) -> ApiKeys:
        keys = read_keys(path)
        path.write_text("")
        return keys

    monkeypatch.setattr("shared.web.auth.read_keys", read_and_revoked)
    keys = KeyFile(file, lambda: NOW)
    passed = time.monotonic() + CHECK_FILE_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: passed)
    assert refused(keys, request(x_api_key="shop key")) == 401


def test_a_key_that_is_added_behind_a_line_without_an_end_is_a_line_of_its_own(file: Path) -> None:
    """R20: an editor may leave the last line so. Two keys on one line are none, and no service started."""
    file.write_text(file.read_text().removesuffix("\n"))
    append_key(file, ApiKey(sha256=key_hash("new key"), tenant="new"))
    assert [key.tenant for key in read_keys(file).values()] == ["shop", "shop", "reader", "new"]


def test_a_file_that_is_not_there_or_is_no_list_of_keys_is_refused_at_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text('{"sha256": "x"}')
    for path in (None, tmp_path / "nowhere", broken):
        with pytest.raises(UnreadableKeys):
            open_authenticator(AuthMode.KEYS, path)


async def test_an_open_door_makes_every_caller_the_local_tenant() -> None:
    assert await open_authenticator(AuthMode.OFF, None).tenant(request()) == "local"


async def test_a_new_key_is_printed_once_and_stored_as_a_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """R20"""
    path = tmp_path / "keys"
    assert issue_key(["--tenant", "shop", "--file", str(path)]) == 0
    key = capsys.readouterr().out.strip()
    assert key not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert await KeyFile(path).tenant(request(x_api_key=key)) == "shop"


@pytest.mark.parametrize("days", ["0", "-1", "999999999", "soon"])
def test_a_key_cannot_be_issued_for_a_time_that_is_none(tmp_path: Path, days: str) -> None:
    with pytest.raises(SystemExit):
        issue_key(["--tenant", "shop", "--file", str(tmp_path / "keys"), "--expires-in-days", days])
    assert not (tmp_path / "keys").exists()


def test_a_tenant_with_a_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    assert issue_key(["--tenant", "../shop", "--file", str(tmp_path / "keys")]) == 1
