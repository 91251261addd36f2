"""A processor as a process of its own on a real broker, and what it is asked and answers."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp

from deploy.local.free_ports import free_port
from shared.consuming.handling import Outgoing
from shared.consuming.member.group_member import POLL_SECONDS
from shared.contract.events import ImageDone, ImageFormat, ImageRequested, Topic
from shared.kafka import open_producer
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import make_anew, reader_of


@dataclass
class Processor:
    bootstrap: str
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    wrapper: Sequence[str] = ()  # a command that starts the process in some surroundings
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def store(self) -> Path:
        return self.folder / "store"

    async def start(self) -> None:
        await self.begin()
        await self.until_ready()

    async def begin(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "KAFKA_INSTANCE_ID": "processor-test",
            "STORE_URL": f"file://{self.store}",
            "ALLOW_HOSTS": "127.0.0.0/8",
            "DECODERS": "2",
            "DRAIN_SECONDS": "3",
            **self.variables,
        }
        with (self.folder / "processor.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.wrapper,
                sys.executable,
                "-m",
                "services.processor",
                env=environment,
                stdout=log,
                stderr=log,
            )

    async def until_ready(self) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self.unready_reasons():
                await asyncio.sleep(0.05)

    async def until_polled_again(self) -> None:
        """A few turns of the poll loop: what was to be taken has been taken."""
        for _ in range(5):
            await self.unready_reasons()
            await asyncio.sleep(POLL_SECONDS)

    async def unready_reasons(self) -> Mapping[str, str]:
        assert self.process is not None
        assert self.process.returncode is None, (self.folder / "processor.log").read_text()
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self.port}/readyz") as answer,
            ):
                reasons: Mapping[str, str] = (await answer.json())["reasons"]
        except aiohttp.ClientError as error:
            return {"process": str(error)}
        return reasons

    async def is_absent(self) -> bool:
        """Whether it leaves its partitions to others."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}/metrics") as answer,
        ):
            return 'pixmill_consumer_absent{group="processor"} 1.0' in await answer.text()

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


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@asynccontextmanager
async def running(
    bootstrap: str, folder: Path, wrapper: Sequence[str] = (), **variables: str
) -> AsyncIterator[Processor]:
    wanted = wanted_topics(6)
    await ensure_topics(bootstrap, wanted, 1)
    # Empty: it would fetch whatever other tests have asked for.
    await make_anew(bootstrap, [topic for topic in wanted if topic.name == Topic.IMAGE_REQUESTED.value])
    processor = Processor(bootstrap, folder, variables, wrapper)
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
    async with reader_of(bootstrap, Topic.IMAGE_DONE) as reader, asyncio.timeout(DEADLINE_SECONDS):
        while len(found) < count:
            done = ImageDone.parse((await reader.getone()).value)
            if done.request_id == request_id:
                found[done.ordinal] = done
    return found
