"""R28: who stops it, and whom a server leaves in the middle, is told how to go on."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ID, Pixmill, Start


def until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    while not holds():
        assert process.poll() is None, process.communicate()


def test_ctrl_c_while_watching_says_how_to_go_on(start: Start, file: Path, server: FakePixmill) -> None:
    server.hold()
    process = start("upload", file, "--watch")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert f"Stopped. The request goes on. Look on: pixmill watch {ID}." in err.decode()
    assert b"Traceback" not in err


def test_ctrl_c_while_the_output_is_fetched_says_that_it_is_there(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hold()
    process = start("upload", file, "--output", "my table.csv")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    server.hang_next()
    server.release()
    until(lambda: f"GET /v1/requests/{ID}/output.csv" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    server.unhang()
    assert process.returncode == 130
    assert err.decode().endswith(f"Fetch what came out: pixmill download {ID} --output 'my table.csv'\n")


@pytest.mark.parametrize("command", ["upload", "watch"])
def test_an_output_that_cannot_be_written_is_fetched_without_a_second_request(
    pixmill: Pixmill, server: FakePixmill, file: Path, command: str
) -> None:
    """As on a full disk: the same upload again, which was the way out, is a second request."""
    (file.parent / "out.csv.part").mkdir()
    if command == "watch":
        assert pixmill("upload", file).code == 0
    ran = pixmill(command, file if command == "upload" else ID, "--output", "out.csv")
    assert (ran.code, "error: out.csv.part: Is a directory.\n" in ran.err) == (1, True)
    assert ran.err.endswith(f"this fetches what came out: pixmill download {ID} --output out.csv\n")


def test_an_output_that_is_refused_at_the_end_is_told_with_its_problem(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hold()
    process = start("upload", file, "--output", "out.csv", "--json")
    until(lambda: f"GET /v1/requests/{ID}/events" in server.calls, process)
    server.refuse_next(503, "Not now.", retry_after="0", times=3)
    server.release()
    out, _ = process.communicate()
    told = json.loads(out.splitlines()[-1])
    assert (told["kind"], told["problem"]["status"], told["exit_code"]) == ("error", 503, 1)
    assert told["way_out"].endswith(f"pixmill download {ID} --output out.csv")


def test_ctrl_c_while_uploading_says_that_a_repeat_is_safe(
    start: Start, file: Path, server: FakePixmill
) -> None:
    server.hang_next()
    process = start("upload", file)
    until(lambda: "POST /v1/requests" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "the same command again goes on with the same request" in err.decode()
    server.unhang()
    assert start("upload", file).wait() == 0
    assert len({each.idempotency_key for each in server.uploads}) == 1
    assert len(server.world.requests) == 1


def test_ctrl_c_while_uploading_calls_no_repeat_safe_where_no_key_is_kept(
    start: Start, file: Path, server: FakePixmill, home: Path
) -> None:
    (home / ".local").write_bytes(b"")
    server.hang_next()
    process = start("upload", file)
    until(lambda: "POST /v1/requests" in server.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert err.decode().endswith("whether it was accepted; the same command again makes a second request.\n")


def test_a_download_that_is_cut_off_says_how_to_go_on(start: Start, file: Path, server: FakePixmill) -> None:
    assert start("upload", file, "--watch").wait() == 0
    server.hang_next()
    process = start("download", ID, "--images", "new")
    until(lambda: server.calls[-1] == f"GET /v1/requests/{ID}", process)
    server.cut_next(times=100)
    server.unhang()
    _, err = process.communicate()
    assert process.returncode == 1
    assert err.decode().endswith("Once the server answers, the same command fetches what is missing.\n")


def test_a_server_that_dies_while_it_is_watched(start: Start, file: Path, tmp_path: Path) -> None:
    with FakePixmill() as dying:
        dying.hold()
        process = start("upload", file, "--watch", variables={"PIXMILL_URL": dying.url})
        until(lambda: f"GET /v1/requests/{ID}/events" in dying.calls, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert f"pixmill watch {ID}" in err.decode()


@pytest.mark.parametrize(
    ("status", "goes_on"),
    [
        (401, "The request goes on without a key. Give a right one by `pixmill login`"),
        (403, "The request goes on without a key. Give a right one by `pixmill login`"),
        (429, "The request goes on"),
        (503, "The request goes on once the server does"),
    ],
)
def test_a_wait_that_is_refused_is_gone_on_with_without_a_second_request(
    pixmill: Pixmill, server: FakePixmill, file: Path, status: int, goes_on: str
) -> None:
    """As when a key was withdrawn, or may only upload: the way out was that of the upload before it, and the
    same upload again is a second request.
    """
    assert pixmill("upload", file).code == 0
    server.refuse_next(status, "Not you, not now.", retry_after="0", times=100)
    ran = pixmill("watch", ID)
    assert (ran.code, "error: Not you, not now.\n" in ran.err) == (1, True)
    way_out = ran.err.splitlines()[-1]
    assert way_out.startswith(f"  {goes_on}")
    assert way_out.endswith(f"; look at it again: pixmill watch {ID}.")
    assert "upload" not in way_out


def test_a_wait_for_what_is_not_there_says_so(pixmill: Pixmill, server: FakePixmill, file: Path) -> None:
    ran = pixmill("watch", ID)
    assert (ran.code, "pixmill list" in ran.err, "goes on" in ran.err) == (1, True, False)
