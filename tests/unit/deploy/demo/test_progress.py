"""What the demo shows of its request, where nobody looks on: a line for each change and no more."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from deploy.demo import __main__ as demo
from deploy.demo.course import Course
from deploy.local.processes.patience import Patience


def answer(done: int, *, ended: bool = False) -> Mapping[str, Any]:
    return {
        "state": "completed" if ended else "processing",
        "progress": 50.0 * done,
        "counts": {"images": 2, "done": done},
        "completed_at": "now" if ended else None,
        "failures": [],
    }


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the server says at each look."""
    each = iter([answer(0), answer(0), answer(0), answer(1), answer(1), answer(2, ended=True)])

    async def look(*_: object) -> Mapping[str, Any]:
        return next(each)

    monkeypatch.setattr(demo, "_json", look)
    monkeypatch.setattr(demo, "LOOK_AGAIN_SECONDS", 0)
    yield
    assert list(each) == []


async def test_each_change_is_one_line_in_a_pipe(answers: None, capsys: pytest.CaptureFixture[str]) -> None:
    anything: Any = None
    await demo._watch(Course(Patience(sessions=list, seconds=60), lambda: None), anything, "url")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("]")[1] for line in lines] == [
        "   0.0 %  processing",
        "  50.0 %  processing",
        " 100.0 %  completed",
    ]
