"""What one processor can do by itself, through a real broker: all images are asked for at once, and nobody
decides anything meanwhile. It takes a tenth of a whole stack's time: a lever is measured by it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from bench.figures import Figure, WrongResult
from bench.instruments.cpu import cpu_by_part, ms_per_image
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from deploy.local.free_ports import free_port
from deploy.local.testing import kafka_broker
from shared.clock import utc_now
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageDone, ImageFormat, ImageOutcome, ImageRequested, Topic
from shared.kafka import open_producer
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics

PARTITIONS = 12
STANDS_STILL_SECONDS = 120.0
PRODUCT_IMAGES, TINY_IMAGES = 1_000, 5_000


def processor_alone(_: Stacks, shop: Shop) -> Sequence[Figure]:
    return _measured(shop, PRODUCT_IMAGES, "processor_alone")


def processor_alone_tiny(_: Stacks, shop: Shop) -> Sequence[Figure]:
    return _measured(shop, TINY_IMAGES, "processor_alone_tiny")


def _measured(shop: Shop, images: int, name: str) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="pixmill-bench-") as folder, kafka_broker(Path(folder)) as kafka:
        broker, running = kafka
        asyncio.run(ensure_topics(broker.bootstrap, wanted_topics(PARTITIONS), 1))
        with _processor(Path(folder), broker.bootstrap) as pid:
            pids = {"processor": [pid], "kafka": [running.child.pid]}
            asyncio.run(_work_off(broker.bootstrap, shop, "warm-up", images // 2))
            before, began = cpu_by_part(pids), time.perf_counter()
            asyncio.run(_work_off(broker.bootstrap, shop, "measured", images))
            rate = images / (time.perf_counter() - began)
            by_part = ms_per_image(before, cpu_by_part(pids), images)
    about = {"images": images}
    return [
        Figure(f"{name}_images_per_second", rate, "images/s", about),
        Figure(f"{name}_cpu_ms_per_image", sum(by_part.values()), "ms", about | {"by_part": by_part}),
    ]


@contextmanager
def _processor(folder: Path, bootstrap: str) -> Iterator[int]:
    (folder / "store").mkdir()
    environment = {
        "PORT": str(free_port()),
        "KAFKA_BOOTSTRAP": bootstrap,
        "STORE_URL": (folder / "store").as_uri(),
        "ALLOW_HOSTS": "127.0.0.0/8",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "services.processor"], env=os.environ | environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


async def _work_off(bootstrap: str, shop: Shop, mark: str, images: int) -> None:
    request_id = uuid.uuid4()
    async with _answers(bootstrap) as answers:
        await _ask(bootstrap, [_event(request_id, row, shop.url(row, mark)) for row in range(images)])
        for _ in range(images):
            async with asyncio.timeout(STANDS_STILL_SECONDS):
                _require_done(await anext(answers))


def _require_done(message: ConsumerRecord) -> None:
    done = ImageDone.parse(message.value)
    if done.outcome is not ImageOutcome.DONE:
        raise WrongResult(f"an image ended with {done.code}: {done.detail}")


async def _ask(bootstrap: str, events: Sequence[ImageRequested]) -> None:
    async with open_producer(bootstrap, "status") as producer:
        await producer.publish([Outgoing(event, utc_now()) for event in events])


def _event(request_id: uuid.UUID, row: int, url: str) -> ImageRequested:
    return ImageRequested(
        request_id=request_id,
        image_id=uuid.uuid4(),
        ordinal=row,
        run=1,
        attempt=1,
        url=url,
        quality=50,
        format=ImageFormat.KEEP,
        take_by=utc_now() + timedelta(hours=1),
    )


@asynccontextmanager
async def _answers(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(Topic.IMAGE_DONE.value, bootstrap_servers=bootstrap)
    async with consumer:
        await consumer.seek_to_end()
        yield consumer
