"""The frames that the pool and a decoder child exchange over their socket (pure)."""

import json
from dataclasses import asdict, dataclass
from struct import Struct
from typing import Any

from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

REQUEST = Struct("<IBBI")  # bytes of the body, quality, format wanted, pixel limit
MOST_ASKED = 2**32 - 1  # bytes, and pixels
READY = b"\x01"  # what a child says first
RESPONSE = Struct("<II")  # bytes of the verdict, bytes of the output
_OUTPUTS = tuple(PictureFormat)
_FORMATS = (None, *PictureFormat)
# Nearly every image becomes a picture. A failure is told as JSON, which begins with another byte.
_COMPRESSED = Struct("<BQBII?dd")  # _PICTURE, the child's memory, format, width, height, and so on
_PICTURE = 1


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a child is asked to do with the body that follows."""

    body_bytes: int
    quality: int
    wanted: PictureFormat | None  # None keeps the format
    max_pixels: int

    def packed(self) -> bytes:
        return REQUEST.pack(self.body_bytes, self.quality, _FORMATS.index(self.wanted), self.max_pixels)

    @classmethod
    def unpacked(cls, header: bytes) -> "Assignment":
        body_bytes, quality, wanted, max_pixels = REQUEST.unpack(header)
        return cls(body_bytes, quality, _FORMATS[wanted], max_pixels)


def packed_verdict(verdict: Compressed | Failure, memory_bytes: int) -> bytes:
    """The verdict, with the output behind it."""
    if isinstance(verdict, Failure):
        told = json.dumps({"memory_bytes": memory_bytes, **asdict(verdict)}).encode()
        return RESPONSE.pack(len(told), 0) + told
    told = _COMPRESSED.pack(
        _PICTURE,
        memory_bytes,
        _OUTPUTS.index(verdict.format),
        verdict.width,
        verdict.height,
        verdict.recompressed,
        verdict.decode_ms,
        verdict.encode_ms,
    )
    return b"".join((RESPONSE.pack(len(told), len(verdict.data)), told, verdict.data))


def verdict_bytes(received: bytearray) -> int | None:
    """Of the first verdict; None while some of it is still under way."""
    if len(received) < RESPONSE.size:
        return None
    size = RESPONSE.size + sum(RESPONSE.unpack_from(received))
    return size if len(received) >= size else None


def unpacked_verdict(received: bytearray) -> tuple[Compressed | Failure, int]:
    """The first verdict, which is there, and the child's memory after it."""
    told_bytes, output_bytes = RESPONSE.unpack_from(received)
    end_of_told = RESPONSE.size + told_bytes
    told = received[RESPONSE.size : end_of_told]
    if told[0] == _PICTURE:
        return _compressed(told, bytes(received[end_of_told : end_of_told + output_bytes]))
    return _failure(json.loads(told))


def _failure(fields: dict[str, Any]) -> tuple[Failure, int]:
    memory_bytes = int(fields.pop("memory_bytes"))
    return Failure(FailureCode(fields.pop("code")), **fields), memory_bytes


def _compressed(told: bytearray, output: bytes) -> tuple[Compressed, int]:
    _, memory_bytes, kind, width, height, recompressed, decode_ms, encode_ms = _COMPRESSED.unpack(told)
    verdict = Compressed(
        data=output,
        format=_OUTPUTS[kind],
        width=width,
        height=height,
        recompressed=recompressed,
        decode_ms=decode_ms,
        encode_ms=encode_ms,
    )
    return verdict, memory_bytes
