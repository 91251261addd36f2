"""The colour profile that a picture asks for: its own, or the one that a PNG describes in numbers (pure)."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from services.processor.codec.colour.code_points import SRGB_CURVE, CodePoints, curve_of, primaries_of

_USUAL_GAMMA = 2.2
_USUAL_PRIMARIES = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # sRGB's red, green and blue, each as x and y
_NEAR = 0.05  # writers of sRGB files are off by so much of the gamma
_D50 = (0.9642, 1.0, 0.8249)  # the white of all profiles
_D65_TO_D50 = ((1.04781, 0.02289, -0.05013), (0.02954, 0.99048, -0.01705), (-0.00923, 0.01504, 0.75213))

_Vector = Sequence[float]


def profile_of(info: Mapping[Any, Any], *, grey: bool) -> bytes | None:
    """None where the colours are sRGB, or nothing is said of them."""
    said: CodePoints | None = info.get("code_points")
    if said is not None:
        return _profile_of_code_points(said, grey=grey)
    embedded: bytes | None = info.get("icc_profile")
    if embedded or "srgb" in info or not info.get("gamma"):
        return embedded  # browsers heed no primaries without a gamma
    gamma = 1 / info["gamma"]
    primaries = _USUAL_PRIMARIES if grey else info.get("chromaticity", ())[2:] or _USUAL_PRIMARIES
    if abs(gamma - _USUAL_GAMMA) <= _NEAR * _USUAL_GAMMA and _are_usual(primaries):
        return None
    try:
        return _written(_gamma_curve(gamma), () if grey else _colorants(primaries))
    except (ArithmeticError, ValueError, struct.error):  # colours that cannot exist
        return None


def _profile_of_code_points(said: CodePoints, *, grey: bool) -> bytes | None:
    curve = curve_of(said.transfer)
    primaries = primaries_of(said.primaries)
    if curve is None and (grey or primaries is None):
        return None
    colorants = () if grey else _colorants(primaries or _USUAL_PRIMARIES)
    return _written(_table_curve(curve or SRGB_CURVE), colorants)


def _are_usual(primaries: _Vector) -> bool:
    return all(abs(one - other) <= _NEAR / 5 for one, other in zip(primaries, _USUAL_PRIMARIES, strict=True))


def _colorants(primaries: _Vector) -> Sequence[_Vector]:
    """Red, green and blue as XYZ, each as bright as together they make white."""
    lights = [_xyz(x, y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)]
    whole = _volume(*lights)
    red, green, blue = lights
    amounts = (_volume(_D50, green, blue), _volume(red, _D50, blue), _volume(red, green, _D50))
    return [[amount / whole * part for part in light] for amount, light in zip(amounts, lights, strict=True)]


def _xyz(x: float, y: float) -> _Vector:
    light = (x / y, 1.0, (1 - x - y) / y)
    return [sum(one * other for one, other in zip(row, light, strict=True)) for row in _D65_TO_D50]


def _volume(a: _Vector, b: _Vector, c: _Vector) -> float:
    """The determinant of three columns."""
    cross = (b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0])
    return sum(one * other for one, other in zip(a, cross, strict=True))


def _gamma_curve(gamma: float) -> bytes:
    in_256ths = round(gamma * 256)
    if in_256ths == 0:
        raise ValueError("all colours would be white")
    return struct.pack(">4s4xIH2x", b"curv", 1, in_256ths)


def _table_curve(light: Sequence[float]) -> bytes:
    levels = [round(65535 * min(1.0, max(0.0, one))) for one in light]
    return struct.pack(f">4s4xI{len(levels)}H", b"curv", len(levels), *levels)


def _written(curve: bytes, colorants: Sequence[_Vector]) -> bytes:
    """An ICC profile of version 2: three colours, or grey without any."""
    tags = {b"wtpt": _xyz_tag(_D50)}
    for letter, colorant in zip((b"r", b"g", b"b"), colorants, strict=False):
        tags |= {letter + b"XYZ": _xyz_tag(colorant), letter + b"TRC": curve}
    if not colorants:
        tags[b"kTRC"] = curve
    table, body, start = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(tag))
        body += tag
    space = b"RGB " if colorants else b"GRAY"
    head = struct.pack(">I4xI4s4s4s12x4s28x", start + len(body), 0x02100000, b"mntr", space, b"XYZ ", b"acsp")
    return head + _fixed(_D50) + bytes(48) + struct.pack(">I", len(tags)) + table + body


def _xyz_tag(values: _Vector) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: _Vector) -> bytes:
    return struct.pack(">3i", *(round(value * 65536) for value in values))
