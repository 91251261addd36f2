"""Pictures to put into files: squares of flat or sloping colours, some of them clear or half clear."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.worlds.colour.seen import CELL

RGBA = tuple[int, int, int, int]


@dataclass(frozen=True)
class Painting:
    colours: tuple[tuple[RGBA, ...], ...]  # rows of squares
    slope: int = 0  # how much brighter each pixel is than the one before it, in eighths
    odd_pixels: int = 0  # on the right and below, beyond whole squares

    def painted(self) -> Image.Image:
        squares = np.array(self.colours, dtype=np.float64)
        pixels = squares.repeat(CELL, axis=0).repeat(CELL, axis=1)
        rise = np.arange(CELL) * self.slope / 8
        pixels[..., :3] += np.tile(rise, squares.shape[1])[None, :, None]
        pixels = np.pad(pixels, ((0, self.odd_pixels), (0, self.odd_pixels), (0, 0)), mode="edge")
        return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGBA")


EXAMPLE = Painting(
    (
        ((220, 20, 30, 255), (10, 120, 60, 255), (20, 40, 200, 255), (250, 250, 250, 255)),
        ((0, 0, 0, 255), (128, 128, 128, 255), (240, 200, 20, 255), (0, 0, 0, 0)),
        ((220, 20, 30, 128), (10, 120, 60, 40), (90, 90, 220, 200), (255, 255, 255, 0)),
    ),
    slope=8,
    odd_pixels=5,
)
LOGO = Painting((((220, 20, 30, 255), (0, 0, 0, 0)), ((0, 0, 0, 0), (220, 20, 30, 255))))

_LEVELS = st.integers(0, 255)
_ALPHAS = st.sampled_from((0, 255, 255, 255)) | _LEVELS
_COLOURS = st.tuples(_LEVELS, _LEVELS, _LEVELS, _ALPHAS)


def paintings(columns: int = 4, rows: int = 4) -> st.SearchStrategy[Painting]:
    return st.builds(
        Painting,
        st.integers(1, columns).flatmap(
            lambda width: st.lists(st.tuples(*[_COLOURS] * width), min_size=1, max_size=rows).map(tuple)
        ),
        slope=st.sampled_from((0, 0, 4, 16)),
        odd_pixels=st.integers(0, 7),
    )
