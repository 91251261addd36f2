"""From JPEG to JPEG without pixels (pure). native/requantise.c, which only this calls, says what it takes."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "native" / "requantise.so"
COEFFICIENTS_TO = 60  # quality; above it a few pictures come out better by their pixels
MOST_SCANS = 100  # cameras and encoders make at most some twenty
MOST_MEMORY_BYTES = 256 * 1024**2  # three bytes a pixel are needed
ROOM = 2  # times the bytes of the source: a result that is larger than its source is not kept anyway


@dataclass(frozen=True, slots=True)
class Requantised:
    data: bytes
    reading_seconds: float


def without_pixels(data: bytes, size: tuple[int, int], quality: int) -> Requantised | None:
    """Of a plain source; None where it takes pixels."""
    return requantised(data, size, quality) if quality <= COEFFICIENTS_TO else None


def requantised(data: bytes, size: tuple[int, int], quality: int) -> Requantised | None:
    """The file at this quality, or None where it, or its size, is not what can be done without pixels."""
    requantise = _requantise()
    if requantise is None:
        return None
    output = ctypes.create_string_buffer(ROOM * len(data))
    reading_seconds = ctypes.c_double()
    written = requantise(
        data,
        len(data),
        *size,
        quality,
        MOST_SCANS,
        MOST_MEMORY_BYTES,
        output,
        len(output),
        reading_seconds,
    )
    return Requantised(ctypes.string_at(output, written), reading_seconds.value) if written else None


def is_built() -> bool:
    """Whether the library is here; it is built where there are a C compiler and libjpeg-turbo's header."""
    return _requantise() is not None


@cache
def _requantise() -> Callable[..., int] | None:
    try:
        function = ctypes.CDLL(str(LIBRARY)).requantise
    except OSError:
        return None
    function.restype = ctypes.c_size_t
    function.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t),
        *(ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_int, ctypes.c_int, ctypes.c_long),
        *(ctypes.c_char_p, ctypes.c_size_t),
        ctypes.POINTER(ctypes.c_double),
    ]
    checked: Callable[..., int] = function
    return checked
