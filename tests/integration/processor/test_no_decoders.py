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
CONSUMER = "processor consumer"

# Each Python runs it as it starts: a decoder ends there, and says that it did.
STILLBORN = """
import os, sys
if "services.processor.decoders.child" in sys.orig_argv:
    with open({told!r}, "a") as told:
        print("ended", file=told)
    os._exit(1)
"""


async def test_a_processor_without_decoders_does_not_join_others_until_one_starts(
    kafka: str, tmp_path: Path
) -> None:
    """R21: its share of the images would wait for it."""
    told, program = tmp_path / "told", tmp_path / "sick" / "sitecustomize.py"
    told.touch()
    program.parent.mkdir()
    program.write_text(STILLBORN.format(told=str(told)))
    sick = Processor(
        kafka, program.parent, {"KAFKA_INSTANCE_ID": "processor-sick", "PYTHONPATH": str(program.parent)}
    )
    request_id = uuid4()
    async with raw_server(says(ANSWER)) as host, running(kafka, tmp_path):
        await sick.begin()
        try:
            await until(lambda: told.read_text().count("ended") >= 4)  # two at the start, one a look
            await ask(kafka, [requested(request_id, n, host.url()) for n in range(24)])
            found = await results(kafka, request_id, 24)
            assert {done.outcome for done in found.values()} == {ImageOutcome.DONE}
            reasons = await sick.unready_reasons()
            assert reasons.keys() == {"decoder", CONSUMER}
            assert reasons[CONSUMER] == "not yet connected"
            program.unlink()
            await sick.until_ready()
        finally:
            await sick.end()
