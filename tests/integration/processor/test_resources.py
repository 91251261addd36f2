"""The processor when memory or disk runs short: it slows down, says so, and loses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from services.processor.verdicts import Compressed
from shared.contract.events import ImageOutcome
from tests.worlds.files.pictures import exif, jpeg, photo, saved
from tests.worlds.hosts.raw_server import raw_server, says
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.decoder_children import compressed
from tests.worlds.services.processor_process import ask, requested, results, running

MEBIBYTE = 1024**2
DISK_BYTES = 64 * MEBIBYTE
OWN_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-c")
PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
CAMERA_SIZE = (6000, 4000)
CAMERA_PIXELS = CAMERA_SIZE[0] * CAMERA_SIZE[1]
DECODERS = 4


async def test_a_full_disk_holds_the_work_until_there_is_room_again(kafka: str, tmp_path: Path) -> None:
    """R22: on a small disk of its own, which is filled from outside."""
    mount = f'mount -t tmpfs -o size={DISK_BYTES} none "{tmp_path}/store" && exec "$@"'
    (tmp_path / "store").mkdir()
    request_id = uuid4()
    async with (
        raw_server(says(ANSWER)) as host,
        running(kafka, tmp_path, (*OWN_DISK, mount, "sh"), MAX_DISK_USED="0.8") as processor,
    ):
        assert processor.process is not None
        filler = Path(f"/proc/{processor.process.pid}/root{tmp_path}/store/filler")
        await asyncio.to_thread(filler.write_bytes, bytes(int(DISK_BYTES * 0.9)))
        async with asyncio.timeout(DEADLINE_SECONDS):
            while "90% used, work waits from 80% on" not in str(await processor.unready_reasons()):
                await asyncio.sleep(0.05)
        await processor.until_polled_again()  # a poll that was under way may still take something
        await ask(kafka, [requested(request_id, number, host.url()) for number in range(5)])
        await processor.until_polled_again()
        assert host.connections == 0
        await asyncio.to_thread(filler.unlink)
        found = await results(kafka, request_id, 5)
        assert {done.outcome for done in found.values()} == {ImageOutcome.DONE}
        await processor.until_ready()


@asynccontextmanager
async def watched_memory() -> AsyncIterator[list[int]]:
    """What all decoder children together hold, sampled: a peak that passes while we stand still is missed."""
    samples: list[int] = []

    async def sample() -> None:
        while True:
            samples.append(sum(_resident_bytes(pid) for pid in _children()))
            await asyncio.sleep(0.02)

    sampling = asyncio.create_task(sample())
    yield samples
    sampling.cancel()
    await asyncio.gather(sampling, return_exceptions=True)


def _children() -> list[str]:
    return Path("/proc/thread-self/children").read_text().split()


def _resident_bytes(pid: str) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def _most_resident_bytes(pid: str) -> int:
    """Since it started."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


async def bytes_of_one(picture: bytes) -> int:
    """What the children held at most, of which one made it, as the kernel says."""
    async with open_pool(DECODERS, DecoderLimits(recycle_memory_bytes=2**40)) as pool:
        await asyncio.gather(*(decoder.check() for decoder in pool._decoders))
        assert isinstance(await compressed(pool, picture), Compressed)
        return sum(_most_resident_bytes(pid) for pid in _children())


async def peak_bytes(picture: bytes, count: int, budget_pixels: int) -> int:
    """What the children held at most while so many pictures were asked for at once."""
    limits = DecoderLimits(pixels_in_flight=budget_pixels)
    async with open_pool(DECODERS, limits) as pool, watched_memory() as samples:
        verdicts = await asyncio.gather(*(compressed(pool, picture) for _ in range(count)))
    assert all(isinstance(verdict, Compressed) for verdict in verdicts)
    return max(samples)


async def test_many_camera_pictures_at_once_take_little_more_memory_than_one() -> None:
    """R22: 24 megapixels each, with more decoders than the memory is good for."""
    picture = saved(photo(size=CAMERA_SIZE), "JPEG", quality=90, exif=exif(6))
    one = await bytes_of_one(picture)
    many = await peak_bytes(picture, 2 * DECODERS, CAMERA_PIXELS)
    assert many < 1.5 * one
