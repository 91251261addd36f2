"""Hours of faults over status' engine and the notifier, under a virtual time: what people, hosts and
receivers remember agrees with tables, store and topics; and a wrong engine is found out.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from chaos.simulation.faults import Fault
from chaos.simulation.run import Verdict, simulate
from chaos.simulation.topics import Message, Place, Reader
from chaos.simulation.virtual_time import simulated_database
from services.status.images.dispatching import dispatcher
from services.status.jobs import publishing
from services.status.jobs.publishing import Claimed, Execute
from services.status.postgres.statements import SQL
from services.status.webhooks import scheduler as webhook_scheduler
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import WebhookRetry
from tests.worlds.patience import DEADLINE_SECONDS

SEEDS = 50
TOGETHER = 10  # seeds in one test
STEPS = 400

Simulate = Callable[[int], Awaitable[Verdict]]


@pytest.fixture(scope="module")
def simulated(postgres: str) -> Iterator[Simulate]:
    """A Postgres that is slow in real time is no fault of the simulated one."""
    dsn = simulated_database(postgres)
    with ExitStack() as patches:
        for module in ("postgres.pool", "jobs.leases"):
            patches.enter_context(patch(f"services.status.{module}.CONNECT_SECONDS", DEADLINE_SECONDS))
        yield lambda seed: simulate(dsn, seed, STEPS)


@pytest.mark.parametrize("first", range(1, SEEDS + 1, TOGETHER))
async def test_whatever_falls_all_that_was_accepted_ends_rightly(simulated: Simulate, first: int) -> None:
    """R09, R17, R29"""
    faults = Counter[str]()
    for seed in range(first, first + TOGETHER):
        verdict = await simulated(seed)
        assert verdict.violations == [], f"seed {seed}"
        faults.update(verdict.faults)
    assert set(faults) >= {*Fault, "status killed in a step", "a batch read again"}


async def test_a_seed_repeats_exactly(simulated: Simulate) -> None:
    assert (await simulated(7)).digest == (await simulated(7)).digest


async def test_afterwards_everybody_asks_the_real_time_again(simulated: Simulate) -> None:
    await simulated(1)
    assert vars(dispatcher)["time"] is time


async def finds(simulated: Simulate, *, seeds: int = 20) -> str:
    """What the first seed says that sees something wrong."""
    for seed in range(1, seeds + 1):
        try:
            verdict = await simulated(seed)
        except Exception as error:  # noqa: BLE001 - a mistake may show itself in any way
            return f"{type(error).__name__}: {error}"
        if verdict.violations:
            return verdict.violations[0]
    return "nothing"


async def test_a_second_insert_of_one_request_is_found(
    simulated: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = SQL["accept_requests"].replace("ON CONFLICT (id) DO NOTHING", "")
    assert without != SQL["accept_requests"]
    monkeypatch.setitem(SQL, "accept_requests", without)
    assert "UniqueViolation" in await finds(simulated)


async def test_what_is_marked_before_it_is_published_is_found(
    simulated: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def marked_first(claimed: Claimed, producer: Producer, execute: Execute) -> None:
        await execute(claimed.mark, *claimed.parameters)
        await producer.publish(claimed.messages)

    monkeypatch.setattr(publishing, "publish_claimed", marked_first)
    assert await finds(simulated) != "nothing"


async def test_a_retry_under_a_new_id_is_found(simulated: Simulate, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_rightly = webhook_scheduler._retry

    def with_new_id(row: Mapping[str, Any]) -> Outgoing:
        message = asked_rightly(row)
        assert isinstance(message.event, WebhookRetry)
        return replace(message, event=message.event.model_copy(update={"webhook_id": uuid4()}))

    monkeypatch.setattr(webhook_scheduler, "_retry", with_new_id)
    assert await finds(simulated) != "nothing"


async def test_an_offset_that_is_committed_before_its_work_is_found(
    simulated: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_rightly = Reader.take

    def take_and_commit(reader: Reader, place: Place, most: int) -> Sequence[Message]:
        batch = take_rightly(reader, place, most)
        reader.commit(place)
        return batch

    monkeypatch.setattr(Reader, "take", take_and_commit)
    assert "it never ends" in await finds(simulated)
