"""R28: whoever waits for a request at whose host nothing goes on is told so."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from pixmill.command.telling import standstill
from pixmill.command.telling.output import Output
from pixmill.command.telling.progress import WatchingOnATerminal
from pixmill.command.telling.standstill import Standstill
from pixmill.errors import UnreachableError
from pixmill.records import Image, Request
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ID, Pixmill

SENTENCE = (
    "Nothing new for a while: the last try of an image at {} ended in http_502. It is tried again by itself."
)


class Waits(Event):
    """What comes to pass in each wait; `wait` gives whether anything is new after it."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: list[Callable[[], object]] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout == standstill.STILL_SECONDS == 20
        self.happens.pop(0)()
        return self.is_set()


def nothing() -> None:
    pass


def news(remaining: int, state: str = "processing") -> Request:
    counts = {"images": 5, "remaining": remaining}
    return Request.from_json({"request_id": ID, "state": state, "counts": counts, "eta_seconds": 51.0})


def image(last_code: str | None) -> Image:
    url = "https://somebody:secret@shop.example:8443/a.jpg"
    told = {"id": "1", "product_id": "1", "ordinal": 0, "state": "planned", "input_url": url}
    return Image.from_json({**told, "last_code": last_code})


def test_it_is_told_once_until_it_goes_on_and_who_is_asked_in_vain_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [image(None), None, UnreachableError("Away."), image("http_502"), image("http_502")]

    def next_image() -> Image | None:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(count: int) -> None:
        assert capsys.readouterr().err.splitlines() == [SENTENCE.format("shop.example:8443")] * count

    waits = Waits()
    still = Standstill(Output(), next_image, waits)
    waits.happens = [
        nothing,  # before the first news
        lambda: still.look(news(2)),
        *[nothing] * 4,
        lambda: told(1),
        lambda: still.look(news(2)),
        lambda: still.look(news(1)),
        lambda: told(0),
        lambda: told(1),
        still.__exit__,
    ]
    still.watch()
    assert (waits.happens, answers) == ([], [])


@pytest.mark.parametrize("end", [lambda still: still.look(news(1)), lambda still: still.__exit__()])
def test_what_goes_on_or_ends_meanwhile_is_no_standstill(
    capsys: pytest.CaptureFixture[str], end: Callable[[Standstill], object]
) -> None:
    def late() -> Image:
        end(still)
        return image("http_502")

    waits = Waits()
    still = Standstill(Output(), late, waits)
    waits.happens = [lambda: still.look(news(2)), nothing, still.__exit__]
    still.watch()
    assert capsys.readouterr().err == ""


def test_a_bar_shows_neither_speed_nor_time_left_while_it_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It said `51 s left` for as long as the host was away."""
    monkeypatch.setenv("COLUMNS", "200")
    shown: list[str] = []
    waits = Waits()
    with WatchingOnATerminal(Output()) as bar:
        still = Standstill(Output(), lambda: None, waits, stood_still=bar.stand_still)

        def look(remaining: int) -> None:
            still.look(news(remaining))
            bar.look(news(remaining))

        def note() -> None:
            shown.append(bar._bar.tasks[0].fields["told"])

        waits.happens = [nothing, lambda: look(5), note, note, lambda: look(3), note, note, still.__exit__]
        still.watch()
    assert [(" left" in line, "images/s" in line) for line in shown] == [
        (True, False),
        (False, False),
        (True, True),
        (False, False),
    ]
    assert [line.split()[0] for line in shown] == ["0/5", "0/5", "2/5", "2/5"]


@pytest.mark.parametrize("state", ["pending", "cancelling", "completed"])
def test_nobody_is_asked_while_nothing_runs(state: str) -> None:
    asked: list[str] = []
    waits = Waits()
    still = Standstill(Output(), lambda: asked.append(state), waits)
    waits.happens = [lambda: still.look(news(2, state)), nothing, still.__exit__]
    still.watch()
    assert asked == []


def test_the_command_tells_it_on_standard_error(
    pixmill: Pixmill, file: Path, server: FakePixmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Output.note

    def then_it_goes_on(out: Output, text: str) -> None:
        note(out, text)
        if text.startswith("Nothing new"):
            server.release()

    monkeypatch.setattr(standstill, "STILL_SECONDS", 0.001)
    monkeypatch.setattr(Output, "note", then_it_goes_on)
    server.fail("https://shop.example/a.jpg", "http_502")
    server.hold()
    ran = pixmill("upload", file, "--watch")
    assert ran.err.splitlines().count(SENTENCE.format("shop.example")) == 1
    assert "Nothing new" not in ran.out


def test_a_program_that_reads_json_costs_no_call(
    pixmill: Pixmill, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standstill, "Thread", None)  # what begins one fails
    assert pixmill("upload", file, "--watch", "--json").code == 0
