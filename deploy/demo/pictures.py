"""Draws the demo's product pictures, so that nothing has to be downloaded: soft light, shapes, grain."""

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SOURCE_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    size: tuple[int, int]
    hue: int

    @property
    def format(self) -> str:
        return {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[self.name.rpartition(".")[2]]


PICTURES = (
    Picture("teapot-front.jpg", (1200, 900), 20),
    Picture("teapot-side.jpg", (1200, 900), 30),
    Picture("lamp.jpg", (900, 1200), 140),
    Picture("lamp-detail.webp", (1000, 1000), 150),
    Picture("chair-front.jpg", (1400, 1050), 200),
    Picture("chair-back.jpg", (1400, 1050), 210),
    Picture("chair-logo.png", (600, 600), 90),
    Picture("vase.jpg", (800, 1100), 240),
    Picture("rug.jpg", (1600, 1000), 5),
    Picture("rug-corner.png", (700, 500), 60),
)


def draw_all() -> Mapping[str, bytes]:
    return {picture.name: draw(picture) for picture in PICTURES}


def draw(picture: Picture) -> bytes:
    chance = random.Random(picture.name)  # noqa: S311 - a picture, not a secret
    width, height = picture.size
    light = Image.radial_gradient("L").resize(picture.size)
    image = Image.merge(
        "HSV", (Image.new("L", picture.size, picture.hue), _half(light), ImageChops.invert(light))
    )
    image = image.convert("RGB")
    pen = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = chance.randrange(width), chance.randrange(height), chance.randrange(20, 140)
        colour = tuple(chance.randrange(256) for _ in range(3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline="white", width=3)
    grain = Image.effect_noise(picture.size, 24).convert("RGB")
    image = ImageChops.soft_light(image.filter(ImageFilter.GaussianBlur(2)), grain)
    buffer = io.BytesIO()
    image.save(buffer, picture.format, quality=SOURCE_QUALITY)
    return buffer.getvalue()


def _half(image: Image.Image) -> Image.Image:
    return image.point(lambda value: value // 2 + 90)
