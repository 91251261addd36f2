"""What is seen of pictures that are laid on one another (pure): how moving GIFs and PNGs are made of
patches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

from PIL import Image

_CLEAR = (0, 0, 0, 0)


class Disposal(Enum):
    STAYS = auto()
    BECOMES_CLEAR = auto()
    IS_UNDONE = auto()  # what it covered comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    picture: Image.Image  # RGBA
    left: int
    top: int
    disposal: Disposal  # when its time is over
    blends: bool  # or takes the place of what it covers, clear pixels too
    milliseconds: int


def frames_of(size: tuple[int, int], patches: Iterable[Patch]) -> Iterator[tuple[Image.Image, int]]:
    """The whole picture while each patch is shown, and for how long. What is beyond its edges is cut off."""
    canvas = Image.new("RGBA", size, _CLEAR)
    for patch in patches:
        before = canvas.copy()
        area = (
            patch.left,
            patch.top,
            min(size[0], patch.left + patch.picture.width),
            min(size[1], patch.top + patch.picture.height),
        )
        if area[0] < area[2] and area[1] < area[3]:
            _lay(canvas, patch, area)
        yield canvas.copy(), patch.milliseconds
        match patch.disposal:
            case Disposal.STAYS:
                pass
            case Disposal.BECOMES_CLEAR:
                canvas.paste(_CLEAR, area)
            case Disposal.IS_UNDONE:
                canvas = before
            case _:
                assert_never(patch.disposal)


def _lay(canvas: Image.Image, patch: Patch, area: tuple[int, int, int, int]) -> None:
    visible = patch.picture.crop((0, 0, area[2] - area[0], area[3] - area[1]))
    if patch.blends:
        canvas.alpha_composite(visible, area[:2])
    else:
        canvas.paste(visible, area)
