"""One whole stack a session, an image host, a webhook receiver: what a user and an operator would have."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from deploy.local.own_stack import OwnStack, own_stack
from services.notifier.listen import LocalReceiver
from tests.system.client import Client
from tests.system.one_stack import OneStack
from tests.system.origin import Origin


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStack:
    return OneStack(config, log)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStack]:
    with own_stack(
        tmp_path_factory.mktemp("stack"), PROCESSORS="2", WEBHOOK_SCHEDULE="0,1,1,2,2,2"
    ) as running:
        yield running


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin().open() as host:
        yield host


@pytest.fixture
async def client(stack: OwnStack) -> AsyncIterator[Client]:
    async with Client(stack).open() as client:
        yield client


@pytest.fixture
async def receiver(client: Client) -> AsyncIterator[LocalReceiver]:
    async with LocalReceiver(await client.webhook_secret()).open() as receiver:
        yield receiver
