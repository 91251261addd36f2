"""What a PNG's cICP and an AVIF's nclx say of colours in the numbers of ITU-T H.273 (pure): which red, green
and blue, and how much light a level is. Of the light of HDR, what is brighter than white becomes white.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from shared.contract.picture_formats import PictureFormat

_PNG_SPOKEN = b"cICP"
_PNG_PIXELS = b"IDAT"
_AVIF_SPOKEN = b"colrnclx"
_TABLE_LEVELS = 4096
_WHITE_NITS = 203  # of HDR's white, as a screen without HDR shows it (ITU-R BT.2408)
_PQ_NITS, _HLG_NITS = 10_000, 1_000

_PRIMARIES: Mapping[int, Sequence[float]] = {  # red, green and blue, each as x and y
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    7: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07),
    9: (0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
}


@dataclass(frozen=True, slots=True)
class CodePoints:
    primaries: int
    transfer: int


def code_points_of(data: bytes, picture_format: PictureFormat) -> CodePoints | None:
    """None where the file says nothing by these numbers."""
    match picture_format:
        case PictureFormat.PNG:
            at = data.find(_PNG_SPOKEN, 0, max(0, data.find(_PNG_PIXELS)))
            numbers = data[at + 4 : at + 6] if at > 0 else b""
            return CodePoints(*numbers) if len(numbers) == 2 else None  # noqa: PLR2004 - two bytes
        case PictureFormat.AVIF:
            at = data.find(_AVIF_SPOKEN)
            try:
                return (
                    CodePoints(*struct.unpack_from(">HH", data, at + len(_AVIF_SPOKEN))) if at > 0 else None
                )
            except struct.error:
                return None
        case _:
            return None


def primaries_of(number: int) -> Sequence[float] | None:
    """None for those of sRGB, and for numbers that say nothing."""
    return _PRIMARIES.get(number)


@cache
def curve_of(number: int) -> Sequence[float] | None:
    """The light of evenly spaced levels, white being 1. None for that of sRGB, by which browsers also show
    what is coded for television, and for numbers that say nothing.
    """
    light = _TRANSFERS.get(number)
    return None if light is None else _table(light)


def _table(light: Callable[[float], float]) -> Sequence[float]:
    return [light(level / (_TABLE_LEVELS - 1)) for level in range(_TABLE_LEVELS)]


def _srgb(level: float) -> float:
    return float(level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


def _pq(level: float) -> float:
    """SMPTE ST 2084."""
    power = level ** (1 / 78.84375)
    of_most = max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return float(_PQ_NITS / _WHITE_NITS * of_most ** (1 / 0.1593017578125))


def _hlg(level: float) -> float:
    """ARIB STD-B67, on a screen of 1,000 nits."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = level**2 / 3 if level <= 0.5 else (2.718281828459045 ** ((level - c) / a) + b) / 12  # noqa: PLR2004
    return float(_HLG_NITS / _WHITE_NITS * scene**1.2)


_TRANSFERS: Mapping[int, Callable[[float], float]] = {
    4: lambda level: float(level**2.2),
    5: lambda level: float(level**2.8),
    8: lambda level: level,
    16: _pq,
    18: _hlg,
}
SRGB_CURVE = _table(_srgb)
