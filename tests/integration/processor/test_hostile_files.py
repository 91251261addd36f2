"""JPEGs that were tampered with, through a real decoder child: whatever is in them, the child lives on."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.codec.jpeg import requantise
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from services.processor.verdicts import Compressed, Failure
from tests.worlds.files.pictures import exif, saved
from tests.worlds.processes.decoder_children import children, compressed

LIMITS = DecoderLimits(max_pixels=2_000_000)
TIMES = 8  # each way of tampering with each source
SOURCES: dict[str, dict[str, Any]] = {
    "plain": {},
    "grey": {"mode": "L"},
    "progressive": {"progressive": True},
    "restart markers": {"restart_marker_blocks": 2},
    "tables of its own": {"optimize": True, "exif": exif(1)},
    "4:2:2": {"subsampling": 1},
    "four colours": {"mode": "CMYK"},
}
MARKERS = bytes((0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xCA, 0xCC, 0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xEE))
FRAMES = (b"\xff\xc0", b"\xff\xc2")

Tampering = Callable[[bytearray, random.Random], None]


def source(size: tuple[int, int] = (83, 61), mode: str = "RGB", **options: Any) -> bytes:
    gradient = Image.radial_gradient("L").resize(size)
    turned = gradient.transpose(Image.Transpose.TRANSVERSE).resize(size)
    picture = Image.merge("RGB", (gradient, turned, Image.linear_gradient("L").resize(size)))
    return saved(picture.convert(mode), "JPEG", **{"quality": 88, **options})


def frame_at(data: bytes | bytearray) -> int:
    return max(map(data.find, FRAMES))


def segments(data: bytes | bytearray) -> list[int]:
    """Where something begins that looks like a marker."""
    return [at for at in range(2, len(data) - 4) if data[at] == 0xFF and data[at + 1] not in {0, 0xFF}]


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(2, len(data))] ^= 1 << chance.randrange(8)


def flip_bits_of_headers(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(2, min(700, len(data)))] ^= 1 << chance.randrange(8)


def cut_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(3, len(data)) :]
    if chance.random() < 0.5:
        data += b"\xff\xd9"


def take_out(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(2, len(data))
    del data[at : at + chance.randint(1, 200)]


def repeat(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(2, len(data))
    data[at:at] = data[at : at + chance.randint(1, 500)] * chance.randint(1, 20)


def change_marker(data: bytearray, chance: random.Random) -> None:
    data[chance.choice(segments(data)) + 1] = chance.choice(MARKERS)


def change_segment(data: bytearray, chance: random.Random) -> None:
    at = chance.choice(segments(data)) + chance.randint(2, 24)
    data[min(at, len(data) - 1)] = chance.choice((0, 1, 2, 16, 17, 63, 64, 127, 128, 255))


def claim_other_size(data: bytearray, chance: random.Random) -> None:
    at = frame_at(data) + 5
    sides = [chance.choice((0, 1, 8, 64, 1000, 1400, 65_535)) for _ in range(2)]
    data[at : at + 4] = b"".join(side.to_bytes(2, "big") for side in sides)


def claim_other_frame(data: bytearray, chance: random.Random) -> None:
    """Depth, number of components, sampling factors, tables."""
    at = frame_at(data)
    data[at + chance.choice((4, 9, 10, 11, 12, 13, 14, 15, 18))] = chance.choice(
        (0, 1, 2, 3, 4, 12, 0x11, 0x12, 0x21, 0x22, 0x44, 255)
    )


def add_scans(data: bytearray, chance: random.Random) -> None:
    at = data.rindex(b"\xff\xda")
    scans = bytearray()
    for _ in range(chance.choice((1, 3, 150))):
        head = (0, 8, 1, chance.randint(1, 3), chance.choice((0, 0x11)), chance.randrange(64), 63)
        scans += b"\xff\xda" + bytes((*head, chance.randrange(256))) + chance.randbytes(chance.randint(0, 9))
    data[at:at] = scans.replace(b"\xff", b"\xff\x00").replace(b"\xff\x00\xda", b"\xff\xda")


def add_segments(data: bytearray, chance: random.Random) -> None:
    kind = chance.choice((0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xDB, 0xC4, 0xDD))
    name = chance.choice((b"ICC_PROFILE\0\1\1", b"Exif\0\0II*\0", b"Adobe\0d\0\0\0\0\2", b"JFIF\0\1\1", b""))
    for _ in range(chance.choice((1, 5, 2_000))):
        body = name + chance.randbytes(chance.randint(0, 40))
        data[2:2] = bytes((0xFF, kind)) + (len(body) + 2).to_bytes(2, "big") + body


TAMPERINGS: tuple[Tampering, ...] = (
    *(flip_bits, flip_bits_of_headers, cut_off, take_out, repeat, change_marker, change_segment),
    *(claim_other_size, claim_other_frame, add_scans, add_segments),
)


def tampered(seed: int, options: dict[str, Any]) -> Iterator[bytes]:
    chance, whole = random.Random(seed), source(**options)
    for tampering in TAMPERINGS:
        for _ in range(TIMES):
            data = bytearray(whole)
            tampering(data, chance)
            yield bytes(data)


def outcome(verdict: Compressed | Failure) -> tuple[object, ...]:
    if isinstance(verdict, Failure):
        return (verdict.code,)
    return (verdict.format, verdict.width, verdict.height)


@pytest.mark.parametrize("name", SOURCES)
async def test_a_decoder_outlives_them_and_judges_them_as_their_pixels_do(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """R09"""
    files = list(tampered(7, SOURCES[name]))
    async with open_pool(1, LIMITS) as pool:
        assert isinstance(await compressed(pool, source()), Compressed)
        first = children()
        verdicts = [outcome(await compressed(pool, data)) for data in files]
        assert children() == first
    monkeypatch.setattr(requantise, "requantised", lambda *_: None)
    assert verdicts == [outcome(compress(data, 50, None, LIMITS.max_pixels)) for data in files]
