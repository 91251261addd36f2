"""The processor as a process on a real broker: images, a bad setting, SIGTERM, and kill -9 in mid-work."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from services.processor.fetching.host_width import FIRST
from shared.contract.events import ImageOutcome
from tests.worlds.files.pictures import jpeg, opened
from tests.worlds.hosts.raw_server import raw_server, repeats, says
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.processor_process import ask, requested, results, running

PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
DRIP = repeats(b"HTTP/1.1 200 OK\r\n\r\n\xff\xd8\xff", b"x" * 20_000, 0.5)  # slow, but fast enough to be kept


async def test_good_and_bad_images_end_each_for_itself(kafka: str, tmp_path: Path) -> None:
    """R06, R07, R09"""
    request_id = uuid4()
    async with raw_server(says(ANSWER)) as good, running(kafka, tmp_path) as processor:
        late = requested(request_id, 3, good.url())
        late = late.model_copy(update={"take_by": datetime.now(UTC) - timedelta(hours=2)})
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
        events = [requested(request_id, n, slow.url()) for n in range(FIRST)]
        events += [requested(request_id, n, good.url()) for n in range(FIRST, FIRST + 20)]
        await ask(kafka, events)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < FIRST:
                await asyncio.sleep(0.01)
        await processor.end(kill=True)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while processor.decoders():
                await asyncio.sleep(0.01)
        seen = slow.connections
        await processor.start()
        found = await results(kafka, request_id, 20)
        assert {done.outcome for n, done in found.items() if n >= FIRST} == {ImageOutcome.DONE}
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < seen + FIRST:
                await asyncio.sleep(0.01)


async def test_a_sigterm_in_mid_work_ends_within_the_drain(kafka: str, tmp_path: Path) -> None:
    lasting = {"FETCH_SECONDS": "3600"}  # of such a host: who waits for one does not end
    async with raw_server(DRIP) as slow, running(kafka, tmp_path, **lasting) as processor:
        await ask(kafka, [requested(uuid4(), n, slow.url()) for n in range(FIRST)])
        async with asyncio.timeout(DEADLINE_SECONDS):
            while slow.connections < FIRST:
                await asyncio.sleep(0.01)
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
