"""Topics without what other tests have left in them, and all that lies in some."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka.topics import WantedTopic, ensure_topics
from tests.worlds.patience import until


async def make_anew(bootstrap: str, wanted: Sequence[WantedTopic]) -> None:
    """Deletes and creates them. Nobody else may use them meanwhile."""
    names = {topic.name for topic in wanted}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if old := names & set(await admin.list_topics()):
            await admin.delete_topics(list(old))

        async def are_gone() -> bool:
            return not names & set(await admin.list_topics())

        await until(are_gone)
        await ensure_topics(bootstrap, wanted, 1)

        async def are_there() -> bool:
            return names <= set(await admin.list_topics())

        await until(are_there)  # a broker may say that it made one before it tells of it
    finally:
        await admin.close()


@asynccontextmanager
async def reader_of(bootstrap: str, *topics: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Reads these topics from their beginning, in no group."""
    async with AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    ) as reader:
        yield reader
