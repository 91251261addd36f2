"""Messages of a partition wait for each other as long as the rule says, and not when the work is to end."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.consuming.broker import Partition, Record
from shared.consuming.work import BATCH_MOST, BatchWork, admit_all
from shared.contract.events import Topic
from tests.unit.shared.consuming.test_taken_bytes import Held, containment, record
from tests.worlds.patience import DEADLINE_SECONDS, until

PARTITION = Partition(Topic.IMAGE_REQUESTED.value, 0)
FOR_EVER = 3_600.0


@dataclass
class Rule:
    """Lets nothing through until there are so many, but at once what comes after a rest."""

    enough: int
    asked: list[tuple[int, float]] = field(default_factory=list)

    def __call__(self, queue: Sequence[Record], since_last_seconds: float) -> float:
        self.asked.append((len(queue), since_last_seconds))
        return 0.0 if len(queue) >= self.enough or since_last_seconds > FOR_EVER else FOR_EVER


def batches_of(rule: Rule) -> tuple[BatchWork, Held]:
    handle = Held()
    handle.go_on.set()
    work = BatchWork(containment(handle), admit_all, rule)
    work.open([PARTITION])
    return work, handle


def put(work: BatchWork, first: int, count: int) -> None:
    work.take(PARTITION, [record(offset) for offset in range(first, first + count)])


def has_settled(work: BatchWork) -> Callable[[], bool]:
    return lambda: work.under_way() == 0


async def test_the_first_batch_after_a_rest_goes_at_once_and_the_next_waits_until_it_is_enough() -> None:
    work, handle = batches_of(Rule(enough=3))
    put(work, 0, 1)
    await until(has_settled(work))
    put(work, 1, 1)
    put(work, 2, 1)
    await asyncio.sleep(0)
    assert handle.batches == [1]
    put(work, 3, 1)
    await until(has_settled(work))
    assert handle.batches == [1, 3]


async def test_a_full_batch_asks_nobody() -> None:
    rule = Rule(enough=2 * BATCH_MOST)
    work, handle = batches_of(rule)
    put(work, 0, 1)
    await until(has_settled(work))
    put(work, 1, BATCH_MOST)
    await until(has_settled(work))
    assert handle.batches == [1, BATCH_MOST]
    assert len(rule.asked) == 1


async def test_work_that_is_to_end_does_not_wait_for_more() -> None:
    work, handle = batches_of(Rule(enough=3))
    put(work, 0, 1)
    await until(has_settled(work))
    put(work, 1, 1)
    await asyncio.sleep(0)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await work.drain(FOR_EVER)
    assert handle.batches == [1]
