"""Why uploads are answered 503 is told in the log once, and that they are accepted again."""

import pytest
from structlog.testing import CapturingLogger

from shared.observing import contact
from shared.observing.logs import Action
from tests.worlds.services.ingest_world import open_ingest


async def test_uploads_that_nobody_takes_are_told_once_with_the_reason_and_once_when_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R21: a full bucket answers every probe, so readiness says nothing of it."""
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    async with open_ingest() as ingest:
        ingest.store.away = True
        answers = [(await ingest.post()).status_code for _ in range(2)]
        ingest.store.away = False
        answers.append((await ingest.post()).status_code)
    assert answers == [503, 503, 202]
    assert [call.args[0] for call in said.calls] == [Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK]
    assert said.calls[0].kwargs == {"work": "uploads", "dependency": "store", "reason": "the fake is away"}
