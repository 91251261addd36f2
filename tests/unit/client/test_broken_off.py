"""What the async client leaves behind of an answer that it does not read to its end."""

import gc
import sys
from collections.abc import AsyncGenerator
from typing import Any

from pixmill import AsyncClient
from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS


async def test_no_generator_is_left_for_an_event_loop_that_may_have_ended(server: FakePixmill) -> None:
    """R28: after a `wait`, "Task was destroyed but it is pending" stood at the end of a program."""
    left: list[AsyncGenerator[Any, Any]] = []
    async with AsyncClient(server.url) as client:
        accepted = await client.upload(PRODUCTS)
        sys.set_asyncgen_hooks(finalizer=left.append)
        server.cut_next(times=2)
        assert (await client.wait(accepted.id)).ended
    gc.collect()
    assert left == []
