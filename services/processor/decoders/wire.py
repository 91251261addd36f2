"""The frames that the pool and a decoder child exchange over their socket (pure)."""

import json
from dataclasses import asdict, dataclass
from struct import Struct

from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

REQUEST = Struct("<IBBI")  # bytes of the body, quality, format wanted, pixel limit
READY = b"\x01"  # what a child says first
RESPONSE = Struct("<II")  # bytes of the verdict, bytes of the output
_FORMATS = (None, *PictureFormat)


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
    fields = asdict(verdict)
    output = fields.pop("data", b"")
    told = json.dumps({"memory_bytes": memory_bytes, **fields}).encode()
    return b"".join((RESPONSE.pack(len(told), len(output)), told, output))


def unpacked_verdict(received: bytearray) -> tuple[Compressed | Failure, int] | None:
    """The verdict, and the child's memory after it; None while some of it is still under way."""
    if len(received) < RESPONSE.size:
        return None
    told_bytes, output_bytes = RESPONSE.unpack_from(received)
    end_of_told = RESPONSE.size + told_bytes
    if len(received) < end_of_told + output_bytes:
        return None
    fields = json.loads(received[RESPONSE.size : end_of_told])
    memory_bytes = int(fields.pop("memory_bytes"))
    if "code" in fields:
        return Failure(FailureCode(fields.pop("code")), **fields), memory_bytes
    fields["format"] = PictureFormat(fields["format"])
    return Compressed(data=bytes(received[end_of_told:]), **fields), memory_bytes
