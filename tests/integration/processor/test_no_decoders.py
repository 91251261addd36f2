"""A processor of which no decoder starts leaves the images to those that can make them."""

from pathlib import Path
from uuid import uuid4

from shared.contract.events import ImageOutcome
from tests.worlds.files.pictures import jpeg
from tests.worlds.hosts.raw_server import raw_server, says
from tests.worlds.patience import until
from tests.worlds.services.processor_process import Processor, ask, requested, results, running

PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE

# Each Python runs it as it starts: a decoder ends there.
STILLBORN = """
import os, sys
if "services.processor.decoders.child" in sys.orig_argv:
    os._exit(1)
"""


async def test_a_processor_without_decoders_does_not_join_others_until_one_starts(
    kafka: str, tmp_path: Path
) -> None:
    """R21: its share of the images would wait for it."""
    folder, request_id = tmp_path / "sick", uuid4()
    folder.mkdir()
    program = folder / "sitecustomize.py"
    program.write_text(STILLBORN)
    sick = Processor(kafka, folder, {"KAFKA_INSTANCE_ID": "", "PYTHONPATH": str(folder)})

    async def stays_out() -> bool:
        reasons = await sick.unready_reasons()
        return "does not start" in reasons.get("decoder", "") and await sick.is_absent()

    def has_joined() -> bool:
        return "partitions_assigned" in (folder / "processor.log").read_text()

    async with raw_server(says(ANSWER)) as host, running(kafka, tmp_path):
        await sick.begin()
        try:
            await until(stays_out)
            await ask(kafka, [requested(request_id, n, host.url()) for n in range(24)])
            found = await results(kafka, request_id, 24)
            assert {done.outcome for done in found.values()} == {ImageOutcome.DONE}
            assert not has_joined()
            program.unlink()
            await sick.until_ready()
            assert has_joined()
        finally:
            await sick.end()
