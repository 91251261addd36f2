"""What numbers in a file mean as light, by the standards' own formulas: transfer curves and primaries."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SRGB = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
P3 = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
BT2020 = (0.708, 0.292, 0.17, 0.797, 0.131, 0.046)
D65 = (0.3127, 0.329)
WHITE_NITS = 203  # of what a screen without HDR shows as white (ITU-R BT.2408)


def srgb_to_light(numbers: Numbers) -> Numbers:
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def light_to_srgb(light: Numbers) -> Numbers:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def pq_to_light(numbers: Numbers) -> Numbers:
    """SMPTE ST 2084."""
    power = numbers ** (1 / 78.84375)
    nits = 10_000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (
        1 / 0.1593017578125
    )
    return nits / WHITE_NITS


def gamma_to_light(gamma: float) -> Callable[[Numbers], Numbers]:
    return lambda numbers: numbers**gamma


PRIMARIES: Mapping[int, Sequence[float]] = {1: SRGB, 9: BT2020, 12: P3}  # by their numbers in ITU-T H.273
TRANSFERS: Mapping[int, Callable[[Numbers], Numbers]] = {
    4: gamma_to_light(2.2),
    8: gamma_to_light(1.0),
    13: srgb_to_light,
    16: pq_to_light,
}


def as_srgb(pixels: Numbers, transfer: Callable[[Numbers], Numbers], primaries: Sequence[float]) -> Numbers:
    """Pixels of 0 to 255 with red, green and blue last. What is brighter than white is white."""
    light = np.clip(transfer(pixels / 255), 0, 1) @ (np.linalg.inv(_to_xyz(SRGB)) @ _to_xyz(primaries)).T
    return light_to_srgb(light) * 255


def _to_xyz(primaries: Sequence[float]) -> Numbers:
    corners = np.array([_xyz(x, y) for x, y in zip(primaries[::2], primaries[1::2], strict=True)]).T
    amounts = np.linalg.solve(corners, _xyz(*D65))
    scaled: Numbers = corners * amounts
    return scaled


def _xyz(x: float, y: float) -> Numbers:
    return np.array([x / y, 1, (1 - x - y) / y])
