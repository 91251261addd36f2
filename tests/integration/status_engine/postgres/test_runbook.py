"""R21: what an operator asks Postgres at night, by docs/operations.md, can be asked."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.worlds.deployment.deployed import ROOT
from tests.worlds.services.status_world import StatusWorld, open_world

RUNBOOK = (ROOT / "docs" / "operations.md").read_text("utf-8")
QUESTIONS = re.findall(r'-c "(SELECT .+)"$', RUNBOOK, re.MULTILINE)


@pytest.fixture
async def world(database: str) -> AsyncIterator[StatusWorld]:
    async with open_world(database) as world:
        yield world


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_of_the_runbook_is_answered(world: StatusWorld, question: str) -> None:
    now = datetime.now(UTC)
    await world.add_request(state="processing", images=3, planned_images=3, run_started_at=now)
    assert any(row["tenant"] == world.tenant for row in await world.pool.fetch(question))


def test_the_runbook_has_questions() -> None:
    assert len(QUESTIONS) == 2
