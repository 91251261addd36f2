"""Real decoder children: what kills one costs its image and nothing else, and none outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.decoders.decoder import ROOT, Decoder
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import DecoderPool, open_pool
from services.processor.decoders.standstill import life_of
from services.processor.decoders.turns import TINY_TOGETHER
from services.processor.verdicts import Compressed, Failure, NoVerdict
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from shared.outcomes import Away
from tests.worlds.files.pictures import HEIGHT, WIDTH, jpeg, noise, photo, plain_jpeg, saved
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.processes.decoder_children import children, compressed
from tests.worlds.processes.freezing import freeze

LIMITS = DecoderLimits(max_pixels=1_000_000)
HEAVY = saved(noise((5000, 5000)), "PNG", compress_level=0)


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


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


def a_python(folder: Path, script: str) -> Path:
    """One that children are started with, and that does this instead."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


@pytest.fixture
def without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Pillow would read keeps its child at work until somebody ends it."""
    in_place_of_pillow(tmp_path, monkeypatch, "while True: pass")


async def struck(pool: DecoderPool[Decoder], *signals: signal.Signals) -> Compressed | Failure:
    """What becomes of an image whose children get these signals, one each, while they work on it."""
    await compressed(pool, plain_jpeg())
    idle_bytes = max(map(resident_bytes, children()))
    compressing = asyncio.create_task(compressed(pool, HEAVY))
    was_struck: set[int] = set()

    def at_work() -> list[int]:
        """Those that hold the image, so that they are struck in the middle of it."""
        fresh = set(children()) - was_struck
        return [child for child in fresh if resident_bytes(child) > idle_bytes + len(HEAVY) // 2]

    for signum in signals:
        await until(at_work)
        for child in at_work():
            was_struck.add(child)
            os.kill(child, signum)
    return await compressing


async def test_one_tenants_large_images_do_not_keep_anothers_small_ones_waiting() -> None:
    """R29: one decoder, and the large ones come first. A PNG takes as long as a hundred small ones; by the
    decoder's time the small ones' share is over after two or three of them.
    """
    large, small = saved(photo(size=(300, 300)), "PNG"), jpeg()
    ends: list[bytes] = []

    async def one(data: bytes) -> None:
        assert isinstance(await compressed(pool, data), Compressed)
        ends.append(data)

    async with open_pool(1, DecoderLimits(small_pixels=WIDTH * HEIGHT)) as pool, asyncio.TaskGroup() as tasks:
        for data in (*[large] * 10, *[small] * 30):
            tasks.create_task(one(data))
    assert ends.count(large) == 10
    assert ends[: 30 + 5].count(small) == 30


@pytest.mark.usefixtures("without_end")
async def test_an_image_that_crashes_its_child_twice_is_a_crashed_decoder_and_the_pool_goes_on() -> None:
    async with open_pool(1, DecoderLimits()) as pool:
        verdict = await struck(pool, signal.SIGSEGV, signal.SIGSEGV)
        assert verdict == Failure(FailureCode.CRASHED_DECODER, "ended with status -11")
        assert isinstance(await compressed(pool, plain_jpeg()), Compressed)


@pytest.mark.usefixtures("without_end")
@pytest.mark.parametrize("first", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_child_that_somebody_kills_says_nothing_of_its_image(first: signal.Signals) -> None:
    """R29: it is tried again, and in the end comes again."""
    async with open_pool(1, DecoderLimits()) as pool:
        with pytest.raises(NoVerdict):
            await struck(pool, first, signal.SIGKILL)
        (idle,) = await a_child(pool)
        os.kill(idle, signal.SIGKILL)
        assert isinstance(await compressed(pool, plain_jpeg()), Compressed)


async def a_child(pool: DecoderPool[Decoder]) -> list[int]:
    await compressed(pool, plain_jpeg())
    return children()


async def test_children_that_do_not_start_are_a_fault_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29"""
    stillborn = a_python(tmp_path, "kill -9 $$")
    async with open_pool(1, LIMITS) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", str(stillborn))
            for child in children():
                os.kill(child, signal.SIGKILL)
            with pytest.raises(Away, match="does not start"):
                await compressed(pool, jpeg())
        assert isinstance(await compressed(pool, jpeg()), Compressed)


async def test_a_pool_tells_whether_its_children_start_before_an_image_needs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its processor was ready, and took images that stood still with it."""
    stillborn = a_python(tmp_path, "exit 1")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(stillborn))
        async with open_pool(2, LIMITS) as pool:
            for _ in range(2):
                with pytest.raises(Away, match="does not start"):
                    await pool.check()
            patch.undo()
            await pool.check()
            started = children()
            assert isinstance(await compressed(pool, jpeg()), Compressed)
            for child in started:
                os.kill(child, signal.SIGKILL)
            await pool.check()  # one that was killed says nothing of the next
            patch.setattr(sys, "executable", str(tmp_path / "gone"))
            await until(lambda: not children())
            with pytest.raises(Away):
                await compressed(pool, jpeg())
            with pytest.raises(Away):
                await compressed(pool, jpeg())
            with pytest.raises(Away, match="gone"):
                await pool.check()


async def test_a_child_that_stands_still_while_it_starts_is_replaced_however_short_each_check_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its processor joined no others until somebody restarted it."""
    standing = a_python(tmp_path, "kill -STOP $$")
    limits = DecoderLimits(still_seconds=0.4)

    async def is_given_up() -> bool:
        try:
            async with asyncio.timeout(limits.still_seconds / 4):
                await pool.check()
        except TimeoutError:
            return False
        except Away:
            return True
        return False

    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(standing))
        async with open_pool(1, limits) as pool:
            await until(is_given_up)
            patch.undo()
            await pool.check()


async def test_an_image_that_overruns_its_cpu_is_told_so_at_once() -> None:
    """R29: takes up to two seconds of CPU, by which the limit is rounded."""
    async with open_pool(1, DecoderLimits(cpu_seconds=1)) as pool:
        order = Failure(FailureCode.CRASHED_DECODER, "used more than 1 s of CPU")
        assert await compressed(pool, HEAVY, wanted=PictureFormat.AVIF) == order


async def test_an_image_that_only_takes_long_does_not_fail() -> None:
    """R29: a machine that gives it the core for a moment only."""
    limits = DecoderLimits(still_seconds=0.4)
    picture = saved(photo(size=(1600, 1600)), "PNG")
    async with open_pool(1, limits) as pool:
        (child,) = await a_child(pool)
        began = time.monotonic()
        slowed = asyncio.create_task(compressed(pool, picture))
        while not slowed.done():
            before = life_of(child)
            os.kill(child, signal.SIGSTOP)
            await asyncio.sleep(limits.still_seconds / 6)
            os.kill(child, signal.SIGCONT)
            await until(lambda: slowed.done() or life_of(child) != before)  # noqa: B023 - used at once
        assert isinstance(await slowed, Compressed)
        assert children() == [child]
        assert time.monotonic() - began > limits.still_seconds


async def test_a_decoder_that_stands_still_is_killed_and_its_neighbour_is_not() -> None:
    limits = DecoderLimits(still_seconds=1)
    data = jpeg()
    async with open_pool(2, limits) as pool:
        await asyncio.gather(*(compressed(pool, data) for _ in range(2)))
        stuck, healthy = children()
        freeze(stuck)
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
from tests.worlds.processes.decoder_children import compressed
from tests.worlds.processes.freezing import freeze
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
    deadline = time.monotonic() + DEADLINE_SECONDS
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


async def test_a_child_without_one_of_its_libraries_blames_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29: it comes with the first picture that needs it."""
    (tmp_path / "PIL.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with open_pool(1, LIMITS) as pool:
        assert isinstance(await compressed(pool, plain_jpeg()), Compressed)
        with pytest.raises(NoVerdict):
            await compressed(pool, saved(photo(), "PNG"))
        assert isinstance(await compressed(pool, plain_jpeg()), Compressed)


# What a child loads in place of Pillow, so that each picture which Pillow would read does this to it.
MISDEEDS = {
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with status -11"),
    "takes too much memory": ("bytearray(1 << 40)", "ended with status 3"),
    "never ends": ("while True: pass", "used more than 1 s of CPU"),
}


def in_place_of_pillow(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    (folder / "PIL.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(folder))


async def together(pool: DecoderPool[Decoder], pictures: Sequence[bytes]) -> Sequence[asyncio.Task[Any]]:
    """All on their way to its only child, which is at work on the first of them."""
    await compressed(pool, plain_jpeg())
    tasks = [asyncio.create_task(compressed(pool, data)) for data in pictures]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


TINY_PNG = saved(photo(), "PNG")


@pytest.mark.parametrize(("program", "reason"), MISDEEDS.values(), ids=MISDEEDS)
@pytest.mark.parametrize("at", [0, 3, TINY_TOGETHER - 1])
async def test_what_one_tiny_image_does_to_its_child_is_the_business_of_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: str, at: int
) -> None:
    """R29"""
    in_place_of_pillow(tmp_path, monkeypatch, program)
    pictures = [plain_jpeg()] * (TINY_TOGETHER - 1)
    pictures.insert(at, TINY_PNG)
    async with open_pool(1, DecoderLimits(cpu_seconds=1)) as pool:
        verdicts = await asyncio.gather(*await together(pool, pictures))
    assert verdicts.pop(at) == Failure(FailureCode.CRASHED_DECODER, reason)
    assert all(isinstance(verdict, Compressed) for verdict in verdicts)


async def test_a_tiny_image_that_stands_still_is_nobodys_fault_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29"""
    in_place_of_pillow(tmp_path, monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)")
    pictures = [plain_jpeg(), TINY_PNG, *[plain_jpeg()] * 4]
    async with open_pool(1, DecoderLimits(still_seconds=0.5)) as pool:
        tasks = await together(pool, pictures)
        verdicts = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(verdicts.pop(1), NoVerdict)
    assert all(isinstance(verdict, Compressed) for verdict in verdicts)


async def test_a_tiny_image_that_is_given_up_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is in the middle of it, and ends by its CPU; nobody else is told so."""
    in_place_of_pillow(tmp_path, monkeypatch, "while True: pass")
    async with open_pool(1, DecoderLimits(cpu_seconds=1)) as pool:
        given_up, *others = await together(pool, [TINY_PNG, *[plain_jpeg()] * 4])
        given_up.cancel()
        assert all(isinstance(verdict, Compressed) for verdict in await asyncio.gather(*others))


async def test_who_gives_up_before_its_turn_leaves_the_child_to_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29: a child that was killed for it would look like one that somebody else has killed."""
    in_place_of_pillow(tmp_path, monkeypatch, "while True: pass")
    async with open_pool(1, DecoderLimits(cpu_seconds=1)) as pool:
        at_work, given_up = await together(pool, [TINY_PNG, plain_jpeg()])
        before = children()
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert children() == before
        assert await at_work == Failure(FailureCode.CRASHED_DECODER, "used more than 1 s of CPU")


async def test_tiny_images_that_are_all_given_up_end_their_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place_of_pillow(tmp_path, monkeypatch, "while True: pass")
    async with open_pool(1, DecoderLimits()) as pool:
        given_up = await together(pool, [TINY_PNG] * 4)
        (child,) = children()
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        assert isinstance(await compressed(pool, plain_jpeg()), Compressed)
        assert child not in children()


async def test_a_child_of_many_tiny_images_is_replaced_between_them() -> None:
    limits = DecoderLimits(recycle_images=3)
    data = plain_jpeg()
    async with open_pool(1, limits) as pool:
        verdicts = await asyncio.gather(*(compressed(pool, data) for _ in range(5 * TINY_TOGETHER)))
        assert verdicts == [compress(data, 50, None, limits.max_pixels)] * len(verdicts)
        assert len(children()) <= 1
