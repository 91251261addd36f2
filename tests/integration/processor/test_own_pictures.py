"""Each picture carries its own number: whatever its host, a decoder or a cancelled neighbour does, an image
never gets the picture of another, also over TLS. Chance decides what happens, from a seed.
"""

import asyncio
import ipaddress
import os
import signal
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from PIL import Image

from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from services.processor.fetching.fetcher import Fetcher, FetchLimits
from services.processor.fetching.host_gates import HostGates
from services.processor.gathering import Gathering
from services.processor.handler import handle
from services.processor.places import Places
from services.processor.ports import Dependencies
from services.processor.scouting import Scouting
from shared.clock import utc_now
from shared.contract.events import ImageDone, ImageOutcome
from shared.store import open_store
from shared.testing.fakes import incoming
from tests.worlds.files.pictures import opened, saved
from tests.worlds.hosts.certificate import certificate
from tests.worlds.hosts.patient_client import patient_client
from tests.worlds.hosts.raw_server import raw_server
from tests.worlds.processes.decoder_children import children
from tests.worlds.services.processor_process import requested

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
REQUEST_ID = UUID("019a0000-0000-7000-8000-000000000001")
IMAGES = 120
AT_ONCE = 8
BITS, SQUARE = 8, 16  # of a number, and in pixels
TURNS_OF_THE_LOOP = 6  # in which a client on this loop sees what was written


def picture_of(number: int) -> bytes:
    """Its bits as squares, beside each its opposite."""
    bits = [number >> bit & 1 for bit in range(BITS)]
    squares = Image.frombytes("L", (BITS, 2), bytes(255 * bit for bit in [*bits, *(1 - bit for bit in bits)]))
    return saved(squares.resize((BITS * SQUARE, 2 * SQUARE), Image.Resampling.NEAREST), "JPEG", quality=90)


def number_of(data: bytes) -> int:
    small = opened(data).convert("L").resize((BITS, 2), Image.Resampling.BOX).tobytes()
    bits = [value > 127 for value in small]
    assert bits[BITS:] == [not bit for bit in bits[:BITS]]
    return sum(bit << place for place, bit in enumerate(bits[:BITS]))


def whole_answer(number: int, chance: Random) -> tuple[bytes, bytes]:
    """Head and body."""
    body = picture_of(number)
    if chance.random() < 0.5:
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked


class Host:
    """Answers each path with its number's picture, and does what no host should."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.asked: list[int] = []
        self.images: list[asyncio.Task[ImageDone]] = []

    async def answer(self, number: int, writer: asyncio.StreamWriter) -> None:
        self.asked.append(number)
        chance = self._chance
        head, body = whole_answer(number, chance)
        behind = chance.choice(
            [b"", b"", b"", b"\r\n", b"".join(whole_answer(number, chance)), head, head[:9]]
        )
        cut = chance.randrange(len(body) + 1)
        await self._say(writer, chance.choice([b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"]) + head)
        await self._say(writer, body[:cut])
        match chance.randrange(12):
            case 0:
                self.images[number].cancel()
            case 1:
                chance.choice(self.images).cancel()  # wherever it is on its way
            case 2:
                for pid in children()[:1]:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            case 3:
                writer.transport.abort()
                return
        await self._say(writer, body[cut:] + behind)
        if chance.randrange(4) == 0:
            await self._say(writer, b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        for _ in range(TURNS_OF_THE_LOOP):
            await asyncio.sleep(0)


@pytest.mark.parametrize(("seed", "is_encrypted"), [(0, False), (1, False), (2, True)])
async def test_no_image_gets_the_picture_of_another(seed: int, *, is_encrypted: bool, tmp_path: Path) -> None:
    serving, trusting = certificate(tmp_path) if is_encrypted else (None, None)
    host = Host(Random(seed))

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = server.requests[-1]
        while True:
            await host.answer(int(request.split()[1].removeprefix(b"/")), writer)
            request = await reader.readuntil(b"\r\n\r\n")

    store = open_store(f"file://{tmp_path}/store")
    async with (
        raw_server(behaviour, tls=serving) as server,
        patient_client(LOOPBACK, tls=trusting) as client,
        open_pool(2, DecoderLimits()) as decoders,
    ):
        gates = HostGates(AT_ONCE, under_way=IMAGES)
        deps = Dependencies(
            places=Places(AT_ONCE, lambda: None),
            gathering=Gathering(2),
            scouting=Scouting(store),
            fetcher=Fetcher(client, gates, FetchLimits(), now=utc_now, late_seconds=lambda: 0),
            decoders=decoders,
            store=store,
            now=utc_now,
        )

        async def image(number: int) -> ImageDone:
            (told,) = await handle(incoming(requested(REQUEST_ID, number, f"{server.url()}{number}")), deps)
            assert isinstance(told.event, ImageDone)
            return told.event

        host.images = [asyncio.create_task(image(number)) for number in range(IMAGES)]
        ends = await asyncio.gather(*host.images, return_exceptions=True)
    got = [end for end in ends if isinstance(end, ImageDone)]
    done = [end for end in got if end.outcome is ImageOutcome.DONE]
    assert len(done) > IMAGES // 2, ends
    for end in done:
        for key in (end.original_key, end.output_key):
            assert key is not None
            assert number_of(await store.get(key)) == end.ordinal
