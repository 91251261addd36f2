"""Which worker runs which system test, played through with workers that only take the time."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from tests.system.one_stack import OneStack

WORKERS = ("first", "second")
SECONDS = {"test_chaos": 100, "test_local_stack": 2, "tests/browser": 3}
COLLECTED = [
    *[f"tests/system/test_local_stack.py::test_{n}" for n in range(40)],
    "tests/system/test_chaos.py::test_all",
    *[f"tests/system/test_{file}.py::test_{n}" for file in ("taps", "command") for n in range(30)],
    *[f"tests/browser/test_{file}.py::test_{n}" for file in range(15) for n in range(10)],
]


class Worker:
    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.queue: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indexes: list[int]) -> None:
        self.queue += indexes

    def shutdown(self) -> None:
        self.shutting_down = True


Ran = list[tuple[str, float, str]]


@pytest.fixture(scope="module")
def ran() -> Ran:
    return played(COLLECTED)


def played(collected: list[str]) -> Ran:
    """Each test with who ran it and when it began."""
    config: Any = SimpleNamespace(getvalue=lambda _: WORKERS, option=SimpleNamespace(loadscopereorder=True))
    scheduler = OneStack(config, SimpleNamespace(loadscopesched=lambda *_: None))
    workers = {name: Worker(name) for name in WORKERS}
    for worker in workers.values():
        scheduler.add_node(worker)
    for worker in workers.values():
        scheduler.add_node_collection(worker, collected)
    scheduler.schedule()
    ran, now = [], dict.fromkeys(WORKERS, 0.0)
    while busy := [name for name in WORKERS if workers[name].queue]:
        name = min(busy, key=lambda each: now[each])
        index = workers[name].queue.pop(0)
        ran.append((name, now[name], collected[index]))
        now[name] += _seconds(collected[index])
        scheduler.mark_test_complete(workers[name], index)
    return ran


def _seconds(test: str) -> float:
    return next((seconds for part, seconds in SECONDS.items() if part in test), 1)


def test_each_test_is_run_once(ran: Ran) -> None:
    assert sorted(test for _, _, test in ran) == sorted(COLLECTED)


def test_those_of_one_stack_stay_on_one_worker_also_where_the_other_has_nothing_left() -> None:
    ran = played([test for test in COLLECTED if "tests/browser" not in test])
    assert len({who for who, _, _ in ran}) == 2
    assert len({who for who, _, test in ran if "test_taps" in test or "test_command" in test}) == 1


def test_a_second_browser_is_started_only_by_who_has_nothing_else_left(
    ran: Ran,
) -> None:
    runs: dict[str, list[bool]] = defaultdict(list)
    for who, _, test in ran:
        runs[who].append(test.startswith("tests/browser/"))
    with_the_browser, helper = runs["first"], runs["second"]
    assert all(with_the_browser)
    assert helper == sorted(helper)
    assert any(helper)


def test_no_worker_waits_long_for_the_other_in_the_end(ran: Ran) -> None:
    """For a file of the browser, at most: the longest test is the first."""
    ends: dict[str, float] = {who: began + _seconds(test) for who, began, test in ran}
    assert abs(ends["first"] - ends["second"]) <= 10 * SECONDS["tests/browser"]
    assert next(test for who, _, test in ran if who == "second") == "tests/system/test_chaos.py::test_all"
