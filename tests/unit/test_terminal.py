"""R28: the terminal that the README shows was recorded from a run, and moves without a script."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.terminal.drawing import Frame, Span, drawn
from tests.terminal.recording import Recorder

README = Path(__file__).parents[2] / "README.md"
SHOWN = README.parent / "docs/screenshots/terminal.svg"
SVG = "{http://www.w3.org/2000/svg}"
GREEN = Span("done", "#56d364")


def texts(svg: str) -> list[tuple[str, str]]:
    """What each line says, and whether it is there at the end."""
    lines = ET.fromstring(svg).iter(f"{SVG}text")
    return [("".join(line.itertext()), "e" if line.get("class", "").endswith(" e") else "") for line in lines]


def test_a_line_is_drawn_once_for_as_long_as_it_stands() -> None:
    frames = [
        Frame(0.0, ((Span("$ a"),), ())),
        Frame(1.0, ((Span("$ a"),), (Span("10 %"),))),
        Frame(2.0, ((Span("$ a"),), (GREEN, Span(" <1>")))),
    ]
    svg = drawn(frames, columns=20, rows=2, title="a & b")
    assert texts(svg) == [("$ a", "e"), ("10 %", ""), ("done <1>", "e")]
    assert "<script" not in svg
    assert 'fill="#56d364"' in svg
    assert "@keyframes m1{0%{opacity:0}14.29%{opacity:1}28.57%{opacity:0}}" in svg
    assert "prefers-reduced-motion" in svg


def test_a_recording_has_what_the_command_showed_in_its_colours(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, {}, {"secret": "shown"})
    program = r"import sys; print('\x1b[32mgood\x1b[0m secret', sys.stdout.isatty())"
    assert recorder.run([sys.executable, "-c", program]) == 0
    last = recorder.frames[-1]
    ((good, rest),) = [line for line in last.lines if line and line[0].text == "good"]
    assert (good.colour, rest.text) == ("#56d364", " shown True")
    moments = [frame.at_seconds for frame in recorder.frames]
    assert moments == sorted(moments)


@pytest.mark.parametrize("command", ["$ pixmill upload spring-collection.csv", "completed: "])
def test_the_readme_shows_a_run_up_to_its_end(command: str) -> None:
    assert SHOWN.relative_to(README.parent).as_posix() in README.read_text()
    shown = [text for text, stays in texts(SHOWN.read_text("utf-8")) if stays]
    assert any(text.startswith(command) for text in shown)
