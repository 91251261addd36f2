"""The demo goes on as long as anything moves, and names its step when it fails."""

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from deploy.demo.course import Course, DemoFailed
from deploy.local.processes.patience import Patience


def course(*, work: bool = False, cause_of_end: Callable[[], str | None] = lambda: None) -> Course:
    """It may stand still for a moment only."""
    patience = Patience(sessions=list, seconds=0.001, wanting=lambda _: work)
    return Course(patience, cause_of_end)


async def fail(course: Course, error: Exception) -> None:
    course.begin("uploading the CSV")
    raise error


async def stand_still(course: Course, ended: list[str]) -> None:
    course.begin("waiting for the webhook")
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(course.step)


async def test_what_the_work_returns_is_the_result() -> None:
    assert await course(work=True).run(asyncio.sleep(0, "done")) == "done"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "TimeoutError"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError: Server disconnected"),
        (ConnectionRefusedError("nobody listens"), "ConnectionRefusedError: nobody listens"),
    ],
)
async def test_an_error_is_told_with_the_step_that_it_ended(error: Exception, words: str) -> None:
    """Some errors have no words of their own."""
    failing = course()
    with pytest.raises(DemoFailed) as failed:
        await failing.run(fail(failing, error))
    assert str(failed.value) == f"while uploading the CSV: {words}"


async def test_work_is_ended_when_nothing_moves_and_its_step_is_told() -> None:
    still, ended = course(), list[str]()
    with pytest.raises(DemoFailed, match=r"^while waiting for the webhook, nothing has moved for 0\.001 s$"):
        await still.run(stand_still(still, ended))
    await asyncio.sleep(0)
    assert ended == ["waiting for the webhook"]


async def test_a_stack_that_ends_by_itself_ends_the_demo_with_its_cause() -> None:
    lost = course(work=True, cause_of_end=lambda: "the stack ended with exit status 1: out of memory")
    with pytest.raises(
        DemoFailed, match=r"^while waiting for the webhook, the stack ended with .* out of mem"
    ):
        await lost.run(stand_still(lost, []))


async def test_slow_work_is_waited_for_as_long_as_the_stack_works() -> None:
    """It may stand still for a millisecond, and takes three looks."""
    assert await course(work=True).run(asyncio.sleep(1.2, "late")) == "late"
