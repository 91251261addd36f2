"""Each failpoint is in the code, each gap of the table of crashes has one, and an armed one springs once."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from chaos.live.failpoints import launch
from chaos.live.failpoints.catalogue import FAILPOINTS, UNCOMMITTED, Act, Failpoint, Moment
from chaos.live.failpoints.traps import Traps

DOCUMENT = Path(__file__).parents[4] / "docs" / "architecture.md"
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def rows_of_crashes() -> set[str]:
    _, _, table = DOCUMENT.read_text("utf-8").partition("| crash | what happens |\n|---|---|\n")
    return set(ROW.findall(table.partition("\n\n")[0]))


WORK: list[str] = []


async def come_by(_: Failpoint) -> None:
    WORK.append("came by")


@pytest.mark.parametrize("failpoint", FAILPOINTS, ids=lambda each: each.name)
def test_the_function_of_a_failpoint_is_in_the_code_and_can_be_wrapped(failpoint: Failpoint) -> None:
    place = launch.place_of(failpoint.where)
    try:
        launch.wrap(failpoint, come_by)
        assert getattr(place.owner, place.name) is not place.function
    finally:
        setattr(place.owner, place.name, place.function)


def test_each_row_of_the_table_of_crashes_has_a_failpoint_and_no_failpoint_has_another() -> None:
    assert {each.row for each in FAILPOINTS} - {UNCOMMITTED} == rows_of_crashes()


def test_no_two_failpoints_have_one_name() -> None:
    assert len({each.name for each in FAILPOINTS}) == len(FAILPOINTS)


class Worker:
    def __init__(self, kind: str) -> None:
        self.kind = kind

    async def work(self) -> str:
        WORK.append("worked")
        return "done"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A module of its own, in which failpoints may be wrapped."""
    WORK.clear()
    module = SimpleNamespace(Worker=type("Worker", (Worker,), {"work": Worker.work}))
    monkeypatch.setitem(sys.modules, "chaos_test_worker", module)
    return module


@pytest.mark.parametrize("moment", Moment)
async def test_a_failpoint_is_passed_where_it_stands(worker: SimpleNamespace, moment: Moment) -> None:
    failpoint = Failpoint(
        name="gap",
        role="status",
        row=UNCOMMITTED,
        where="chaos_test_worker:Worker.work",
        moment=moment,
        of={"kind": "meant"},
    )
    launch.wrap(failpoint, come_by)
    assert await worker.Worker("meant").work() == "done"
    assert (["came by", "worked"] if moment is Moment.BEFORE else ["worked", "came by"]) == WORK
    WORK.clear()
    await worker.Worker("another").work()
    assert WORK == ["worked"]


def test_an_armed_trap_springs_once_and_tells_in_which_process(tmp_path: Path) -> None:
    traps = Traps(tmp_path)
    traps.make()
    assert not traps.springs("a gap")
    traps.arm("a gap")
    assert traps.sprung_in("a gap") is None
    assert traps.springs("a gap")
    assert not traps.springs("a gap")
    assert traps.sprung_in("a gap") == os.getpid()
    traps.arm("a gap")
    assert traps.sprung_in("a gap") is None
    traps.disarm("a gap")
    assert not traps.springs("a gap")


async def test_who_is_to_stand_at_a_failpoint_stands_there_before_he_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    async def stand(seconds: float) -> None:
        done.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", stand)
    monkeypatch.setattr(os, "kill", lambda _, number: done.append(number))
    traps = Traps(tmp_path)
    traps.make()
    stands = next(each for each in FAILPOINTS if each.stands_seconds)
    await launch.come_by(traps, stands)
    assert done == []
    traps.arm(stands.name)
    await launch.come_by(traps, stands)
    assert done == [stands.stands_seconds, signal.SIGKILL]


def test_something_ends_and_something_freezes() -> None:
    assert {each.act for each in FAILPOINTS} == set(Act)
