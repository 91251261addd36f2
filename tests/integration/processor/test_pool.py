"""Real decoder children: what kills one costs its image and nothing else, and none outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.decoders.decoder import ROOT, Decoder
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from services.processor.verdicts import Compressed, Failure
from tests.worlds.decoder_children import children, compressed
from tests.worlds.freezing import freeze
from tests.worlds.pictures import jpeg, photo, saved

LIMITS = DecoderLimits(max_pixels=1_000_000, seconds=10)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@asynccontextmanager
async def kept_dead(signum: signal.Signals) -> AsyncIterator[None]:
    """Sends every child this signal again and again."""

    async def strike() -> None:
        while True:
            for child in children():
                os.kill(child, signum)
            await asyncio.sleep(0.001)

    striking = asyncio.create_task(strike())
    yield
    striking.cancel()
    await asyncio.gather(striking, return_exceptions=True)


async def test_a_child_makes_what_the_codec_makes() -> None:
    data = jpeg()
    async with open_pool(1, LIMITS) as pool:
        assert await compressed(pool, data) == compress(data, 50, None, LIMITS.max_pixels)
        assert await compressed(pool, b"<html>") == compress(b"<html>", 50, None, LIMITS.max_pixels)


async def test_a_body_larger_than_the_sockets_buffers_goes_both_ways() -> None:
    data = saved(photo(size=(1400, 700)), "BMP") + bytes(5_000_000)
    async with open_pool(1, LIMITS) as pool:
        verdict = await compressed(pool, data)
    assert isinstance(verdict, Compressed)
    assert (verdict.width, verdict.height) == (1400, 700)


async def test_many_images_share_the_children() -> None:
    pictures = [jpeg(quality=quality) for quality in range(60, 95)]
    async with open_pool(2, LIMITS) as pool:
        verdicts = await asyncio.gather(*(compressed(pool, data) for data in pictures))
    assert verdicts == [compress(data, 50, None, LIMITS.max_pixels) for data in pictures]


async def test_an_image_that_ends_its_child_twice_is_a_crashed_decoder_and_the_pool_goes_on() -> None:
    data = jpeg()
    async with open_pool(2, LIMITS) as pool:
        async with kept_dead(signal.SIGKILL):
            verdict = await compressed(pool, data)
        assert isinstance(verdict, Failure)
        assert verdict.code == "crashed_decoder"
        assert isinstance(await compressed(pool, data), Compressed)


async def test_a_decoder_that_does_not_end_is_killed_and_its_neighbour_is_not() -> None:
    limits = DecoderLimits(seconds=8)  # it pays for the start of a child, too, on a busy machine
    data = jpeg()
    async with open_pool(2, limits) as pool:
        await asyncio.gather(*(compressed(pool, data) for _ in range(2)))
        stuck, healthy = children()
        freeze(stuck)  # as a decoder that spins: it does not answer
        verdicts = await asyncio.gather(*(compressed(pool, data) for _ in range(6)))
        assert all(isinstance(verdict, Compressed) for verdict in verdicts)
        assert healthy in children()
        assert stuck not in children()


async def test_an_image_beyond_the_memory_limit_costs_only_itself() -> None:
    limits = DecoderLimits(memory_bytes=400 * 1024 * 1024, max_pixels=100_000_000)
    huge = saved(Image.new("RGB", (8000, 8000)), "PNG", compress_level=1)
    async with open_pool(1, limits) as pool:
        verdict = await compressed(pool, huge)
        assert isinstance(verdict, Failure)
        assert verdict.code == "crashed_decoder"
        assert isinstance(await compressed(pool, jpeg()), Compressed)


async def test_a_cancelled_image_leaves_the_next_one_a_clean_child() -> None:
    data = saved(photo(size=(900, 900)), "PNG")
    async with open_pool(1, LIMITS) as pool:
        for delay in (0, 0.001, 0.01, 0.05):
            task = asyncio.create_task(compressed(pool, data))
            await asyncio.sleep(delay)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        other = jpeg()
        assert await compressed(pool, other, quality=30) == compress(other, 30, None, LIMITS.max_pixels)


async def test_a_child_is_replaced_after_its_share_of_images() -> None:
    async with open_pool(1, DecoderLimits(recycle_images=2)) as pool:
        seen: set[int] = set()
        for _ in range(6):
            assert isinstance(await compressed(pool, jpeg()), Compressed)
            seen.update(children())
        assert len(seen) >= 3


async def test_no_child_is_left_when_the_pool_is_closed() -> None:
    async with open_pool(3, LIMITS):
        assert len(children()) == 3
    assert children() == []


async def test_a_child_ignores_the_signals_of_the_group_and_sees_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R20"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    async with open_pool(1, LIMITS) as pool:
        await compressed(pool, jpeg())
        (child,) = children()
        os.kill(child, signal.SIGINT)
        os.kill(child, signal.SIGTERM)
        assert isinstance(await compressed(pool, jpeg()), Compressed)
        assert children() == [child]
        assert b"AWS_SECRET_ACCESS_KEY" not in environment_of(child)


PARENT = """
import asyncio, sys
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from tests.worlds.decoder_children import compressed
from tests.worlds.freezing import freeze
async def main():
    async with open_pool(2, DecoderLimits()) as pool:
        await asyncio.gather(*(compressed(pool, b"no image") for _ in range(4)))
        print("ready", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def test_children_die_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        orphans = children(parent.pid)
        assert len(orphans) == 2
        parent.kill()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{orphan}").exists() and not _is_zombie(orphan) for orphan in orphans):
        assert time.monotonic() < deadline, "a decoder outlived its parent"
        time.sleep(0.02)


def _is_zombie(pid: int) -> bool:
    """Nobody may be there to collect an orphan in a container."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def test_a_decoder_that_was_never_started_stops() -> None:
    await Decoder(LIMITS).stop()
