"""The processor as a process on a real broker: images, a bad setting, SIGTERM, and kill -9 in mid-work."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
from aiokafka import AIOKafkaConsumer

from deploy.local.testing import free_port
from shared.events import ImageDone, ImageFormat, ImageOutcome, ImageRequested, Topic
from shared.handling import Outgoing
from shared.kafka import open_producer
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics
from tests.pictures import jpeg, opened
from tests.raw_server import raw_server, repeats, says

DEADLINE_SECONDS = 40.0
PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
DRIP = repeats(b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff", b"x" * 20_000, 0.5)  # slow, but fast enough to be kept


@dataclass
class Processor:
    bootstrap: str
    folder: Path
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def store(self) -> Path:
        return self.folder / "store"

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "KAFKA_INSTANCE_ID": "processor-test",
            "STORE_URL": f"file://{self.store}",
            "ALLOW_HOSTS": "127.0.0.0/8",
            "DECODERS": "2",
            "DRAIN_SECONDS": "3",
        }
        with (self.folder / "processor.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.processor", env=environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(DEADLINE_SECONDS), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                await asyncio.sleep(0.05)

    async def end(self, *, kill: bool = False) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill() if kill else self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), DEADLINE_SECONDS)

    def decoders(self) -> list[int]:
        """Every decoder of this process, told by its arguments, alive or orphaned."""
        assert self.process is not None
        told = f"\0{self.process.pid}\0".encode()
        return [
            pid for pid in _processes() if b"processor.decoder" in _command(pid) and told in _command(pid)
        ]

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, (self.folder / "processor.log").read_text()
        try:
            async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@asynccontextmanager
async def running(bootstrap: str, folder: Path) -> AsyncIterator[Processor]:
    await ensure_topics(bootstrap, wanted_topics(6), 1)
    processor = Processor(bootstrap, folder)
    try:
        await processor.start()
        yield processor
    finally:
        await processor.end()


def requested(request_id: UUID, ordinal: int, url: object) -> ImageRequested:
    return ImageRequested(
        request_id=request_id,
        image_id=uuid4(),
        ordinal=ordinal,
        run=1,
        attempt=1,
        url=str(url),
        quality=50,
        format=ImageFormat.KEEP,
        take_by=datetime.now(UTC) + timedelta(minutes=2),
    )


async def ask(bootstrap: str, events: Sequence[ImageRequested]) -> None:
    async with open_producer(bootstrap, "test") as producer:
        await producer.publish([Outgoing(event, datetime.now(UTC)) for event in events])


async def results(bootstrap: str, request_id: UUID, count: int) -> dict[int, ImageDone]:
    """By ordinal, once so many images of the request have ended."""
    found: dict[int, ImageDone] = {}
    consumer = AIOKafkaConsumer(
        Topic.IMAGE_DONE.value, bootstrap_servers=bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(found) < count:
                message = await consumer.getone()
                done = ImageDone.parse(message.value)
                if done.request_id == request_id:
                    found[done.ordinal] = done
    finally:
        await consumer.stop()
    return found


async def test_good_and_bad_images_end_each_for_itself(kafka: str, tmp_path: Path) -> None:
    """R06, R07, R09"""
    request_id = uuid4()
    async with raw_server(says(ANSWER)) as good, running(kafka, tmp_path) as processor:
        late = requested(request_id, 3, good.url())
        late = late.model_copy(update={"take_by": datetime.now(UTC) - timedelta(seconds=1)})
        events = [requested(request_id, 0, good.url()), requested(request_id, 1, "http://10.0.0.1/"), late]
        events.append(requested(request_id, 2, good.url() / "again"))
        await ask(kafka, events)
        found = await results(kafka, request_id, 4)
        assert [found[n].outcome for n in range(4)] == [
            ImageOutcome.DONE,
            ImageOutcome.FAILED,
            ImageOutcome.DONE,
            ImageOutcome.STALE,
        ]
        assert found[1].code == "blocked_address"
        done = found[0]
        assert (processor.store / str(done.original_key)).read_bytes() == PICTURE
        output = (processor.store / str(done.output_key)).read_bytes()
        assert (opened(output).format, len(output)) == ("JPEG", done.bytes_out)
        assert await processor.end() == 0
        assert processor.decoders() == []


async def test_work_cut_off_by_a_kill_is_done_again_and_no_decoder_is_left(
    kafka: str, tmp_path: Path
) -> None:
    request_id = uuid4()
    async with (
        raw_server(DRIP) as slow,
        raw_server(says(ANSWER)) as good,
        running(kafka, tmp_path) as processor,
    ):
        events = [requested(request_id, n, slow.url()) for n in range(4)]
        events += [requested(request_id, n, good.url()) for n in range(4, 24)]
        await ask(kafka, events)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < 4:
                await asyncio.sleep(0.01)
        await processor.end(kill=True)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while processor.decoders():
                await asyncio.sleep(0.01)
        seen = slow.connections
        await processor.start()
        found = await results(kafka, request_id, 20)
        assert {done.outcome for n, done in found.items() if n >= 4} == {ImageOutcome.DONE}
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < seen + 4:
                await asyncio.sleep(0.01)


async def test_a_sigterm_in_mid_work_ends_within_the_drain(kafka: str, tmp_path: Path) -> None:
    async with raw_server(DRIP) as slow, running(kafka, tmp_path) as processor:
        await ask(kafka, [requested(uuid4(), n, slow.url()) for n in range(3)])
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < 3:
                await asyncio.sleep(0.01)
        async with asyncio.timeout(15):
            assert await processor.end() == 0
        assert processor.decoders() == []


async def test_a_wrong_setting_is_one_line_and_its_own_exit_code() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "9",
        "KAFKA_BOOTSTRAP": "k:1",
        "STORE_URL": "file:///x",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.processor",
        env=environment | {"DECODERS": "none"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
    assert process.returncode == 78
    assert told.startswith(b"wrong setting DECODERS: ")
    assert told.count(b"\n") == 1
