"""R28: `listen` receives what `trigger` sends, and refuses what is not genuine."""

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from pixmill.command.session import Session
from pixmill.command.verbs.webhooks.listen import Receiver
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import Pixmill
from tests.unit.client.command.test_addresses import ELSEWHERE, NO_WAY

Start = Callable[..., "subprocess.Popen[bytes]"]


class Local(BaseHTTPRequestHandler):
    """A receiver that is being written."""

    bodies: list[tuple[bytes, dict[str, str]]]

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).bodies.append((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(202)
        self.end_headers()


@pytest.fixture
def local() -> Iterator[str]:
    Local.bodies = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Local)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def read(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


@pytest.mark.parametrize("command", [["trigger"], ["listen", "--forward"]])
@pytest.mark.parametrize("receiver", ["localhost:9000", "http://x y/", "http://"])
def test_an_address_that_is_no_receiver_s_is_told_with_one_that_is(
    pixmill: Pixmill, server: FakePixmill, command: list[str], receiver: str
) -> None:
    ran = pixmill(*command, receiver)
    assert (ran.code, server.calls) == (2, [])
    assert ran.err == (
        f"error: {receiver!r} is no address of a receiver.\n  It is as http://127.0.0.1:9000/.\n"
    )


def test_an_address_that_is_none_of_this_machine_is_told_apart_from_a_port_that_is_taken(
    pixmill: Pixmill, server: FakePixmill
) -> None:
    taken = pixmill("listen", "--port", str(urlsplit(server.url).port))
    assert (taken.code, taken.err.splitlines()[-1]) == (1, "  --port 0 takes a free one.")
    for host in ("nosuch.invalid", "203.0.113.1"):
        elsewhere = pixmill("listen", "--port", "0", "--host", host)
        assert (elsewhere.code, elsewhere.err.splitlines()[-1]) == (
            1,
            "  --host names an address of this machine.",
        )


def test_an_ipv6_address_is_one_to_listen_on(start: Start, pixmill: Pixmill, server: FakePixmill) -> None:
    listening = start("listen", "--host", "::1", "--port", "0", "--limit", "1", "--json")
    url = read(listening)["url"]
    assert url.startswith("http://[::1]:")
    assert pixmill("trigger", url).code == 0
    assert listening.wait() == 0


@pytest.mark.parametrize("command", [["listen", "--port", "0"], ["trigger", "http://127.0.0.1:1/"]])
def test_what_keeps_the_secret_from_coming_is_told_with_what_helps_there(
    pixmill: Pixmill, server: FakePixmill, command: list[str]
) -> None:
    ran = pixmill(*command, PIXMILL_URL=f"{server.url}/elsewhere")
    assert (ran.code, ran.err.splitlines()[-1][:26]) == (1, "  Is the address right (--")
    with FakePixmill(api_key="pxm_right") as closed:
        ran = pixmill(*command, PIXMILL_URL=closed.url)
    assert (ran.code, ran.err.splitlines()[-1][:17]) == (1, "  `pixmill login`")


def test_a_sample_goes_through_listen_to_a_local_server(
    start: Start, pixmill: Pixmill, local: str, server: FakePixmill
) -> None:
    listening = start("listen", "--port", "0", "--forward", local, "--limit", "2", "--json")
    url = read(listening)["url"]
    sent = pixmill("trigger", url)
    assert (sent.code, sent.out) == (0, f"{url} answered 202\n")
    told = read(listening)
    assert (told["genuine"], told["repeated"], told["answer"]) == (True, False, 202)
    assert told["event"]["type"] == "request.completed"
    ((body, headers),) = Local.bodies
    assert json.loads(body) == told["event"]
    assert headers["webhook-id"] == told["id"]
    forged = pixmill("trigger", url, "--secret", "whsec_AAAA")
    assert (forged.code, "answered 401" in forged.out) == (1, True)
    assert read(listening)["genuine"] is False
    assert len(Local.bodies) == 1
    assert listening.wait() == 0


def test_listen_ends_behind_its_last_answer() -> None:
    """Whoever sent it heard nothing where the command was gone first, and took it for lost."""
    nowhere = SimpleNamespace(data=lambda *_: None, result=lambda *_: None)
    receiver = Receiver(cast("Session", SimpleNamespace(out=nowhere)), "whsec_AAAA", None, limit=1)
    ends: list[bool] = []
    receiver.ended = lambda: ends.append(True)
    assert receiver.take(b"{}", {}) == 401
    assert not ends
    receiver.answered()
    assert ends


def test_a_local_server_that_is_down_is_told_and_tried_again_by_pixmill(
    start: Start, pixmill: Pixmill
) -> None:
    listening = start("listen", "--port", "0", "--forward", "http://127.0.0.1:1", "--limit", "1", "--json")
    assert "answered 502" in pixmill("trigger", read(listening)["url"]).out


def test_the_password_of_a_receiver_is_shown_nowhere(start: Start, pixmill: Pixmill, local: str) -> None:
    behind = local.replace("http://", "http://me:hidden@")
    for address, code in ((behind, 0), ("http://me:hidden@127.0.0.1:1", 1)):
        for option in ([], ["--json"]):
            ran = pixmill("trigger", address, *option)
            assert (ran.code, "hidden" in ran.out + ran.err) == (code, False)
    away = ["--forward", "http://me:hidden@127.0.0.1:1", "--limit", "1"]
    listening = start("listen", "--port", "0", *away, stderr=subprocess.PIPE)
    assert listening.stdout is not None
    pixmill("trigger", listening.stdout.readline().decode().split()[-1])
    _, told = listening.communicate()
    assert (b"cannot be reached" in told, b"hidden" in told) == (True, False)


def test_a_receiver_on_this_machine_is_reached_without_a_proxy(
    start: Start, pixmill: Pixmill, local: str, environment: dict[str, str]
) -> None:
    environment |= dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:1")
    environment["ALL_PROXY"] = "socks5://127.0.0.1:1"  # that nobody could take
    listening = start("listen", "--port", "0", "--forward", local, "--limit", "1", "--json")
    sent = pixmill("trigger", read(listening)["url"])
    assert (sent.code, len(Local.bodies)) == (0, 1)


@pytest.mark.parametrize(("variables", "sentence"), NO_WAY)
def test_an_environment_that_shows_no_way_to_a_receiver_is_told_in_a_sentence(
    pixmill: Pixmill, variables: dict[str, str], sentence: str
) -> None:
    sent = pixmill("trigger", ELSEWHERE, "--secret", "whsec_AAAA", **variables)
    assert (sent.code, sentence in sent.err, "Traceback" in sent.err) == (1, True, False)


@pytest.mark.parametrize(("variables", "sentence"), NO_WAY)
def test_where_the_environment_shows_no_way_on_pixmill_is_asked_to_try_again(
    start: Start, pixmill: Pixmill, variables: dict[str, str], sentence: str
) -> None:
    secret = ["--secret", "whsec_AAAA"]
    on = ["--forward", ELSEWHERE, "--limit", "1"]
    listening = start("listen", "--port", "0", *on, *secret, variables=variables)
    assert listening.stdout is not None
    url = listening.stdout.readline().decode().split()[-1]
    assert "answered 502" in pixmill("trigger", url, *secret).out
    _, told = listening.communicate()
    assert (sentence.encode() in told, b"Traceback" in told) == (True, False)


def test_each_end_can_be_sampled(pixmill: Pixmill, local: str) -> None:
    for state in ("completed", "failed", "cancelled"):
        assert pixmill("trigger", local, "--state", state).code == 0
    assert [json.loads(body)["status"] for body, _ in Local.bodies] == ["completed", "failed", "cancelled"]


def test_what_cannot_work_is_said(pixmill: Pixmill, local: str) -> None:
    assert "cannot be reached: nothing listens there." in pixmill("trigger", "http://127.0.0.1:1/").err
    assert pixmill("listen", "--secret", "no secret").code == 2
    for nowhere in ("nonsense", "ftp://x/", "http://", "http://x:99999/"):
        for tool in (["trigger", nowhere], ["listen", "--port", "0", "--forward", nowhere]):
            ran = pixmill(*tool)
            assert (ran.code, "is no address of a receiver" in ran.err) == (2, True)
    away = pixmill("listen", PIXMILL_URL="http://127.0.0.1:1")
    assert (away.code, "PIXMILL_WEBHOOK_SECRET" in away.err) == (1, True)
    secret = away.err.split("PIXMILL_WEBHOOK_SECRET=")[1].strip()
    assert pixmill("trigger", local, "--secret", secret, PIXMILL_URL="http://127.0.0.1:1").code == 0
    taken = pixmill("listen", "--port", str(urlsplit(local).port))
    assert (taken.code, "--port 0 takes a free one" in taken.err) == (1, True)


@pytest.mark.parametrize(
    ("length", "status"), [(b"9" * 5000, b"413"), (b"-1", b"413"), ("٣".encode(), b"413"), (b"0", b"401")]
)
def test_a_sender_whose_numbers_are_none_is_answered(start: Start, length: bytes, status: bytes) -> None:
    listening = start("listen", "--port", "0", "--secret", "whsec_AAAA", "--json")
    url = urlsplit(read(listening)["url"])
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(
            b"POST / HTTP/1.0\r\nwebhook-id: 1\r\nwebhook-signature: v1,AA\r\nwebhook-timestamp: "
            + b"9" * 5000
            + b"\r\ncontent-length: "
            + length
            + b"\r\n\r\n"
        )
        assert connection.makefile("rb").readline().split()[1] == status
