"""The frames that the pool and a decoder child exchange over their socket (pure)."""

import json
import struct
from dataclasses import asdict, dataclass
from math import isfinite
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
MOST_SIDE = 2**31 - 1  # as image.done tells it
_OF_NONSENSE = (struct.error, ValueError, LookupError, TypeError, OverflowError, RecursionError)


class Nonsense(Exception):  # noqa: N818 - about the child, not about the image
    """It is no verdict: the picture may have taken the child over."""


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
    """The first verdict, which is there, and the child's memory after it. Raises `Nonsense`."""
    told_bytes, output_bytes = RESPONSE.unpack_from(received)
    end_of_told = RESPONSE.size + told_bytes
    told = received[RESPONSE.size : end_of_told]
    try:
        if told[0] == _PICTURE:
            return _compressed(told, bytes(received[end_of_told : end_of_told + output_bytes]))
        return _failure(json.loads(told))
    except _OF_NONSENSE as error:
        raise Nonsense from error


def _failure(fields: dict[str, Any]) -> tuple[Failure, int]:
    failure = Failure(FailureCode(fields["code"]), fields["detail"], fields["retry_after_seconds"])
    if not isinstance(failure.detail, str | None):
        raise Nonsense
    if not isinstance(failure.retry_after_seconds, float | None):
        raise Nonsense
    return failure, int(fields["memory_bytes"])


def _compressed(told: bytearray, output: bytes) -> tuple[Compressed, int]:
    _, memory_bytes, kind, width, height, recompressed, decode_ms, encode_ms = _COMPRESSED.unpack(told)
    if max(width, height) > MOST_SIDE or not isfinite(decode_ms + encode_ms):
        raise Nonsense
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
