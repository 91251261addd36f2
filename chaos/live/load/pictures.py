"""Pictures for hosts to serve (pure): few are made, and no two names get the same bytes."""

import io
from random import Random

from PIL import Image

SIZES = ((120, 90), (200, 150), (320, 240), (480, 320), (640, 480), (900, 700))


class Pictures:
    """Photographs, as far as a codec can tell. Behind a JPEG's end is room for what makes them differ."""

    def __init__(self, seed: int) -> None:
        chance = Random(f"{seed} pictures")
        self._made = [_photo(chance, size) for size in SIZES]

    def named(self, name: str) -> bytes:
        """The same bytes for the same name, and no other name's."""
        return self._made[Random(name).randrange(len(self._made))] + name.encode()


def _photo(chance: Random, size: tuple[int, int]) -> bytes:
    channels = [Image.frombytes("L", (12, 8), chance.randbytes(12 * 8)) for _ in "RGB"]
    picture = Image.merge("RGB", channels).resize(size, Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()
