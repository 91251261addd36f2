"""A store that works and refuses an output CSV: the run waits for an operator, nobody waits for the run."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from services.status.jobs import set_aside
from shared.observing.metrics import SET_ASIDE
from shared.store import Refused, Writer
from shared.testing.fakes import FakeStore
from tests.worlds.patience import until
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import open_engine

FIRST_SECONDS = 0.2


@dataclass
class PickyStore(FakeStore):
    refused: set[UUID] = field(default_factory=set)
    refused_at: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        if any(str(request_id) in key for request_id in self.refused):
            self.refused_at.append(time.monotonic())
            raise Refused("status: 400 EntityTooLarge")
        async with super().writer(key) as writer:
            yield writer


def stuck() -> float:
    value: float = SET_ASIDE.labels("completer")._value.get()
    return value


async def test_a_refused_output_is_tried_again_seldom_and_counted_and_ends_once_it_is_taken(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R14 R21"""
    monkeypatch.setattr(set_aside, "FIRST_SECONDS", FIRST_SECONDS)
    store, before = PickyStore(), stuck()
    async with open_engine(new_database(postgres), store=store) as engine:
        bad = await engine.accept([["https://a/1.jpg"]])
        store.refused.add(bad)
        good = await engine.accept([["https://a/1.jpg"], ["https://a/2.jpg"]])
        async with engine.running(done):
            await engine.until_ended(good)
            await until(lambda: len(store.refused_at) >= 3)
            first, second, third, *_ = store.refused_at
            assert second - first >= FIRST_SECONDS
            assert third - second >= 2 * FIRST_SECONDS
            assert stuck() == before + 1
            assert (await engine.row(bad))["completed_at"] is None
            store.refused.clear()
            assert (await engine.until_ended(bad))["state"] == "completed"
    assert stuck() == before
