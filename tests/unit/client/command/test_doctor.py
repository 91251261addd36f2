"""R28: the doctor looks at each connection, version and clock, and says in one line what to do."""

import errno
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pixmill import __version__
from pixmill.command.verbs.doctor.of_kafka import client_version
from pixmill.command.verbs.doctor.of_server import clocks
from pixmill.command.verbs.doctor.versions import Version, version_of, versions
from pixmill.testing import FakePixmill
from pixmill.testing.handler import Handler

from tests.unit.client.command.conftest import Pixmill, Ran

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOBODY = "127.0.0.1:1"


def checks(ran: Ran) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in map(json.loads, ran.out.splitlines())}


def test_all_is_well_before_a_server_of_the_same_version(pixmill: Pixmill) -> None:
    ran = pixmill("doctor", "--json")
    assert (ran.code, [each["name"] for each in checks(ran).values() if not each["well"]]) == (0, [])
    assert (
        checks(ran)["versions"]["found"] == f"{__version__} here, {__version__} there: they belong together"
    )


def test_what_fails_first_is_named(pixmill: Pixmill) -> None:
    ran = pixmill("doctor", PIXMILL_URL="http://127.0.0.1:1")
    assert ran.code == 1
    verdicts = [line.split()[0] for line in ran.out.splitlines() if not line.startswith(" ")]
    assert verdicts == ["ok"] * 5 + ["fails"]


def test_behind_a_proxy_the_name_is_left_to_it(pixmill: Pixmill) -> None:
    """Within a company often nobody else knows names outside."""
    proxy = f"http://{NOBODY}"
    ran = pixmill("doctor", "--json", "--url", "http://shop.invalid", HTTP_PROXY=proxy, http_proxy=proxy)
    found = checks(ran)
    assert (found["its name"]["well"], NOBODY in found["its name"]["found"]) == (True, True)
    assert (found["its answer"]["well"], "the proxy" in found["its answer"]["found"]) == (False, True)


@pytest.mark.parametrize(
    ("own", "theirs", "is_well", "part"),
    [
        ("1.4.0", "1.4.9", True, "they belong together"),
        ("1.4.0", "1.4", True, "they belong together"),
        ("1.4.0", "1.10.0", True, "a client of 1.10 knows what was added"),
        ("1.10.0", "1.4.2", False, "what came after 1.4 is not known there"),
        ("1.4.0", "2.0.0", False, "between major versions nothing is promised"),
        ("2.0.0", "1.9.0", False, "between major versions nothing is promised"),
        ("1.4.0", "nightly", True, "they cannot be compared"),
    ],
)
def test_versions_are_compared_by_what_is_promised(
    own: str, theirs: str, part: str, *, is_well: bool
) -> None:
    """docs/stability.md: a minor version adds, and only a major one takes away."""
    check = versions(own, theirs)
    assert (check.well, part in check.found) == (is_well, True), check
    assert "\n" not in check.way_out


def test_a_server_of_another_major_or_minor_version_is_told_with_what_to_do(
    pixmill: Pixmill, server: FakePixmill
) -> None:
    major, minor = map(int, __version__.split(".")[:2])
    for theirs, code, part in (
        (f"{major}.{minor + 1}.0", 0, f"a client of {major}.{minor + 1} knows what was added"),
        (f"{major + 1}.0.0", 1, f"Install the client of version {major + 1}: `pipx install ./client`"),
        (f"{major - 1}.9.0", 1, f"Install the client of version {major - 1}: `pipx install ./client`"),
    ):
        server.version = theirs
        ran = pixmill("doctor")
        assert (ran.code, part in ran.out) == (code, True), ran.out
        assert "webhooks: the secret is told" in ran.out  # it goes on


@pytest.mark.parametrize(
    ("seconds", "part"),
    [(600, "s behind the server's"), (-7200, "s ahead of the server's"), (60, "together")],
)
def test_a_clock_that_is_off_is_told_with_its_direction(
    pixmill: Pixmill, monkeypatch: pytest.MonkeyPatch, seconds: int, part: str
) -> None:
    def date_of_the_server(_: Handler) -> str:
        return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

    monkeypatch.setattr(Handler, "date_time_string", date_of_the_server)
    check = checks(ran := pixmill("doctor", "--json"))["clocks"]
    assert (ran.code, part in check["found"]) == (int(not check["well"]), True), check
    assert check["well"] == ("together" in part) == ("NTP" not in check["way_out"])


@pytest.mark.parametrize(
    ("date", "found"),
    [
        (None, "the server does not say its time"),
        ("yesterday", "the server does not say its time"),
        ("Thu, 01 Jan 2026 12:00:30 GMT", "together"),
        ("Thu, 01 Jan 2026 12:00:30 -0000", "together"),
        ("Thu, 01 Jan 2026 13:00:30 +0100", "together"),
        ("Thu, 01 Jan 2026 14:00:00 GMT", "this machine's is 7,200 s behind the server's"),
    ],
)
def test_a_date_is_read_in_each_of_its_spellings(date: "str | None", found: str) -> None:
    assert clocks(date, NOW).found == found


def test_what_is_not_pixmill_is_told_apart_from_one_that_is_away(
    pixmill: Pixmill, server: FakePixmill
) -> None:
    server.refuse_next(503, "The service does not answer at the moment; try again.")
    away = pixmill("doctor")
    assert "fails what answers: The service does not answer at the moment" in away.out
    assert "tell the operator" in away.out
    server.refuse_next(404, "")
    assert "not Pixmill" in pixmill("doctor").out


def test_the_address_that_a_server_sends_on_to_is_told(
    pixmill: Pixmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent_on(self: Handler, _: Any, __: bytes) -> None:
        self._send(301, b"", "text/plain", {"Location": "https://pixmill.example/openapi.json"})

    monkeypatch.setattr("pixmill.testing.handler.ROUTES", (("GET", "/openapi.json", sent_on),))
    ran = pixmill("doctor")
    assert (ran.code, "it sends on to https://pixmill.example\n" in ran.out) == (1, True)


def test_the_document_needs_no_key_and_a_wrong_key_is_told(pixmill: Pixmill) -> None:
    with FakePixmill(api_key="pxm_right") as closed:
        ran = pixmill("doctor", "--json", PIXMILL_URL=closed.url, PIXMILL_API_KEY="pxm_wrong")
        assert [each["name"] for each in checks(ran).values() if not each["well"]] == ["API key", "webhooks"]
        assert pixmill("doctor", PIXMILL_URL=closed.url, PIXMILL_API_KEY="pxm_right").code == 0


def test_kafka_is_looked_at_where_it_is_used(pixmill: Pixmill) -> None:
    assert "Kafka" not in pixmill("doctor").out
    found = checks(pixmill("doctor", "--json", PIXMILL_KAFKA=NOBODY))
    assert found["Kafka's client"]["well"] is True
    assert found["Kafka"]["found"] == f"{NOBODY}: no broker answers there"


def test_a_missing_client_of_kafka_is_told_with_how_to_install_it(
    pixmill: Pixmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    ran = pixmill("doctor", PIXMILL_KAFKA=NOBODY)
    assert (ran.code, "pip install 'pixmill[kafka]'" in ran.out) == (1, True)


def test_a_client_of_kafka_that_is_too_old_is_told() -> None:
    least = version_of("0.12")
    assert least == Version(0, 12)
    assert client_version("0.14.0", least).well
    assert client_version("0.14.0", None).well
    assert "older than 0.12" in client_version("0.9.0", least).found


def test_a_place_that_cannot_be_written_is_told(pixmill: Pixmill, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = checks(pixmill("doctor", "--json", XDG_STATE_HOME=str(tmp_path / "file")))
    assert "XDG_STATE_HOME" in found["what is kept of uploads"]["way_out"]


def test_a_place_below_a_folder_that_is_closed_to_us_is_told_and_does_not_end_it(
    pixmill: Pixmill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that `sudo -E pixmill upload` made where root's files are nobody else's to see."""
    closed, look = tmp_path / "closed", os.stat
    closed.mkdir()

    def looked(path: Any, **options: Any) -> os.stat_result:
        if closed in Path(os.fsdecode(path)).parents:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "stat", looked)
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != closed)
    found = checks(pixmill("doctor", "--json", XDG_STATE_HOME=str(closed)))
    assert found["what is kept of uploads"]["found"] == f"{closed} cannot be written"
    assert found["API key"]["well"]
