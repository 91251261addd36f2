"""R28: whatever a server says instead of an answer is told in a line, and never as a traceback."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from pixmill.command.telling.output import Output
from pixmill.command.verbs import tap
from pixmill.command.verbs.webhooks.repeats import Repeats
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import Pixmill

DIGITS = b"9" * 5000
PIXMILL = b'{"info": {"title": "Pixmill", "version": "1.0.0"}}'
Says = Callable[[bytes], str]


def ok(body: bytes, *headers: bytes) -> bytes:
    """It says that the connection is over, or the next call might go out on it while it is being closed."""
    length = b"content-length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"connection: close", length, *headers, b"", body])


STRANGE = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a status of many digits": b"HTTP/1.1 " + DIGITS + b" OK\r\n\r\n",
    "a length of many digits": b"HTTP/1.1 200 OK\r\ncontent-length: " + DIGITS + b"\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    "no header": b"HTTP/1.1 200 OK\r\nheader\r\n\r\n",
    "a chunk of many digits": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + DIGITS + b"\r\n{}",
    "what is not packed": ok(PIXMILL, b"content-encoding: gzip"),
    "an address that is none": b"HTTP/1.1 302 Found\r\nlocation: http://[::1\r\nconnection: close\r\n"
    b"content-length: 0\r\n\r\n",
    "JSON without an end to its depth": ok(b"[" * 200_000),
    "a number of many digits": ok(b'{"info": ' + DIGITS + b"}"),
    "a version of many digits": ok(PIXMILL.replace(b"1.0.0", DIGITS + b".0")),
    "a title of many lines": ok(PIXMILL.replace(b"Pixmill", b"a\\n" * 1000)),
    "a year of many digits": ok(PIXMILL, b"date: Thu, 01 Jan " + DIGITS[:20] + b" 12:00:00 GMT"),
    "a zone of many digits": ok(PIXMILL, b"date: Thu, 01 Jan 2026 12:00:00 +" + DIGITS[:20]),
    "always one answer": ok(PIXMILL),
}


@pytest.fixture
def says() -> Iterator[Says]:
    """Starts a server that says these bytes to everybody."""
    with ExitStack() as stack:

        def start(answer: bytes) -> str:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=_serve, args=(server, answer))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown, socket.SHUT_RDWR)
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start


def _serve(server: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(ConnectionError):
                connection.recv(65536)
                connection.sendall(answer)


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_the_doctor_tells_it_in_a_line(pixmill: Pixmill, says: Says, answer: bytes) -> None:
    ran = pixmill("doctor", PIXMILL_URL=says(answer))
    assert (ran.code, ran.err) == (1, "")
    findings = [line for line in ran.out.splitlines() if not line.startswith("      ")]
    assert all(line.startswith(("ok    ", "fails ")) and len(line) < 400 for line in findings), findings
    assert any(line.startswith("fails ") for line in findings)


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_a_command_tells_it_as_an_error(pixmill: Pixmill, says: Says, answer: bytes) -> None:
    ran = pixmill("retry", "id", PIXMILL_URL=says(answer))
    assert (ran.code, ran.out, ran.err.startswith("error: ")) == (1, "", True)


def test_a_refusal_in_another_shape_is_a_refusal(pixmill: Pixmill, server: FakePixmill, says: Says) -> None:
    body = json.dumps({"errors": ["no"], "errors_total": "many"}).encode()
    ran = pixmill("cancel", "id", PIXMILL_URL=says(ok(body).replace(b"200 OK", b"400 Bad Request")))
    assert (ran.code, "HTTP status 400" in ran.err) == (1, True)


NOWHERE = {
    "the gateway's": {
        "type": "about:blank",
        "title": "Not Found",
        "error": "The gateway refused this: Not Found.",
    },
    "a service's": {"type": "/problems/not-found", "title": "Not Found", "error": "Not Found"},
}


@pytest.mark.parametrize("problem", NOWHERE.values(), ids=NOWHERE)
@pytest.mark.parametrize("command", [["list"], ["upload", __file__], ["status", "id"]])
def test_a_path_behind_the_address_is_told_to_be_of_the_address(
    pixmill: Pixmill, says: Says, command: list[str], problem: dict[str, str]
) -> None:
    wrong = says(ok(json.dumps({"status": 404, **problem}).encode()).replace(b"200 OK", b"404 Not Found"))
    ran = pixmill(*command, PIXMILL_URL=wrong)
    assert (ran.code, ran.err.splitlines()[-2]) == (1, f"error: {problem['error']}")
    assert ran.err.splitlines()[-1].startswith("  Is the address right (--url, PIXMILL_URL)?")
    assert "without a path behind it?\n" in pixmill("doctor", PIXMILL_URL=wrong).out


@pytest.mark.parametrize("page", [b"<html>Log in</html>", b"{}", b"[]"])
def test_a_page_in_place_of_an_answer_leads_to_the_address(pixmill: Pixmill, says: Says, page: bytes) -> None:
    ran = pixmill("list", PIXMILL_URL=says(ok(page, b"content-type: text/html")))
    assert (ran.code, "error: What answers there is not Pixmill: " in ran.err) == (1, True)
    assert ran.err.splitlines()[-1].startswith("  Is the address right (--url, PIXMILL_URL)?")


def test_a_key_in_other_letters_is_the_server_s_to_refuse(pixmill: Pixmill) -> None:
    with FakePixmill(api_key="pxm_right") as closed:
        ran = pixmill("doctor", PIXMILL_URL=closed.url, PIXMILL_API_KEY="schlüssel")
    assert (ran.code, "fails API key: " in ran.out) == (1, True)


NO_KAFKA = b"\0\0\0\x20\0\0\0\1" + b"\xff" * 28  # an answer in its form, whose content is none


@pytest.mark.parametrize("address", ["host:port", ":", "127.0.0.1:99999999", "[::1", NO_KAFKA])
def test_an_address_that_is_no_kafka_s_is_told(pixmill: Pixmill, says: Says, address: "str | bytes") -> None:
    kafka = urlsplit(says(address)).netloc if isinstance(address, bytes) else address
    ran = pixmill("tap", "--bootstrap", kafka)
    assert (ran.code, f"error: Kafka at {kafka}: it is no HOST:PORT of a broker." in ran.err) == (1, True)
    ran = pixmill("doctor", PIXMILL_KAFKA=kafka)
    assert (ran.code, f"fails Kafka: {kafka}: it is no HOST:PORT of a broker" in ran.out) == (1, True)


def test_a_message_that_cannot_be_read_is_told_and_the_next_one_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    session: Any = SimpleNamespace(out=Output())
    event = {"request_id": "id", "status": "completed", "message": "Done.", "timestamp": "now"}
    repeats = Repeats()
    for offset, value in enumerate((None, b"{", b"[" * 200_000, b"[]", json.dumps(event).encode())):
        headers = [("ce_id", str(offset).encode()), ("ce_type", tap.TYPE.encode()), ("ce_time", None)]
        message = SimpleNamespace(headers=headers, value=value, offset=offset, partition=0)
        tap._tell(session, message, repeats)
    told = capsys.readouterr()
    assert told.out == "now  id  completed  Done.\n"
    assert told.err.splitlines() == [
        f"error: Message {offset} of partition 0 cannot be read." for offset in range(4)
    ]
