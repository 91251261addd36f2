"""Draws the products of a small pottery, as a shop would photograph them: the same ones each time."""

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIDE = 1200
GRAIN = 5  # of 255, as a camera's
FLOOR, HEIGHT = 960, 760  # where it stands, and how tall the tallest is
ROUND = 14  # the bottom, seen a little from above
SOURCE_QUALITY = 95
# Light from the left, around the half of a round body that is seen.
LIGHT = [40, 120, 190, 235, 252, 255, 244, 222, 196, 170, 146, 124, 104, 86, 70, 52, 34, 62]

Colour = tuple[int, int, int]
SAGE, CLAY, CREAM, INK, BLUSH, OCHRE = (
    (150, 170, 142),
    (196, 120, 86),
    (236, 226, 206),
    (66, 82, 104),
    (222, 172, 160),
    (210, 158, 74),
)
BACKDROPS: tuple[Colour, ...] = ((236, 231, 223), (226, 231, 228), (233, 226, 219), (228, 229, 234))

Circle = tuple[float, float, float]  # its middle to the left of the wheel and above the floor, its radius
STEPS = 240

Profile = Sequence[tuple[float, float]]  # how high above the floor, how wide there; both of HEIGHT
VASE: Profile = ((0, 0.17), (0.2, 0.3), (0.45, 0.33), (0.7, 0.2), (0.86, 0.11), (1, 0.15))
MUG: Profile = ((0, 0.24), (0.04, 0.27), (0.3, 0.28), (0.56, 0.28))
BOWL: Profile = ((0, 0.18), (0.06, 0.2), (0.2, 0.4), (0.36, 0.48))
BOTTLE: Profile = ((0, 0.2), (0.3, 0.23), (0.52, 0.2), (0.66, 0.08), (0.9, 0.06), (1, 0.075))
KNOB = ((0.64, 0.055), (0.7, 0.06))
TEAPOT: Profile = ((0, 0.22), (0.1, 0.34), (0.28, 0.39), (0.46, 0.3), (0.54, 0.2), (0.6, 0.16), *KNOB)
JAR: Profile = ((0, 0.24), (0.1, 0.31), (0.4, 0.31), (0.52, 0.25), (0.55, 0.28), (0.61, 0.2), *KNOB)


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    profile: Profile
    glaze: Colour
    foot: Colour
    handle: bool = False
    spout: bool = False

    @property
    def file(self) -> str:
        return self.name.lower().replace(" ", "-") + ".jpg"


PRODUCTS = (
    Product("Sage vase", VASE, SAGE, CREAM),
    Product("Ink mug", MUG, INK, CLAY, handle=True),
    Product("Clay teapot", TEAPOT, CLAY, CLAY, handle=True, spout=True),
    Product("Ochre bowl", BOWL, OCHRE, CREAM),
    Product("Cream bottle", BOTTLE, CREAM, CLAY),
    Product("Blush jar", JAR, BLUSH, CREAM),
    Product("Cream mug", MUG, CREAM, CLAY, handle=True),
    Product("Ink vase", VASE, INK, INK),
    Product("Sage bowl", BOWL, SAGE, CLAY),
    Product("Blush bottle", BOTTLE, BLUSH, CLAY),
    Product("Ochre jar", JAR, OCHRE, CLAY),
    Product("Ink teapot", TEAPOT, INK, CLAY, handle=True, spout=True),
)


def photograph(product: Product) -> bytes:
    """A JPEG of it."""
    chance = random.Random(product.name)
    image = _backdrop(BACKDROPS[chance.randrange(len(BACKDROPS))])
    _shadow(image, product.profile)
    if product.handle:
        _tube(image, product.glaze, _handle(product.profile))
    if product.spout:
        _tube(image, product.glaze, _spout(product.profile))
    _body(image, product)
    noise = Image.frombytes("L", image.size, chance.randbytes(SIDE * SIDE))
    grain = noise.point([128 + (value - 128) * GRAIN // 128 for value in range(256)])
    image = ImageChops.overlay(image, grain.convert("RGB"))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=SOURCE_QUALITY, subsampling=0)
    return buffer.getvalue()


def _backdrop(colour: Colour) -> Image.Image:
    wall = (
        Image.linear_gradient("L")
        .resize((SIDE, SIDE))
        .point([255 - abs(value - 178) // 5 for value in range(256)])
    )
    return ImageChops.multiply(Image.new("RGB", (SIDE, SIDE), colour), wall.convert("RGB"))


def _shadow(image: Image.Image, profile: Profile) -> None:
    wide = int(profile[0][1] * HEIGHT)
    dark = Image.new("L", image.size)
    ImageDraw.Draw(dark).ellipse((SIDE // 2 - wide, FLOOR - 30, SIDE // 2 + wide + 190, FLOOR + 40), fill=120)
    image.paste((84, 72, 60), mask=dark.filter(ImageFilter.GaussianBlur(26)))


def _body(image: Image.Image, product: Product) -> None:
    """Row by row, as on a potter's wheel: the same light, as wide as the profile is there."""
    light = Image.new("L", (len(LIGHT), 1))
    light.putdata(LIGHT)
    tall = int(product.profile[-1][0] * HEIGHT)
    for above in range(-ROUND, tall):
        bottom = math.sqrt(1 - (min(above, 0) / (ROUND + 1)) ** 2)
        wide = max(2, int(2 * HEIGHT * bottom * _width(product.profile, max(above, 0) / HEIGHT)))
        colour = product.foot if above < HEIGHT // 14 else product.glaze
        row = _shaded(colour, light.resize((wide, 1), Image.Resampling.BICUBIC))
        image.paste(row, (SIDE // 2 - wide // 2, FLOOR - above))
    _rim(image, product, tall)


def _rim(image: Image.Image, product: Product, tall: int) -> None:
    wide = int(HEIGHT * product.profile[-1][1])
    flat = max(6, wide // 7)
    box = (SIDE // 2 - wide, FLOOR - tall - flat, SIDE // 2 + wide, FLOOR - tall + flat)
    edge = tuple(min(255, part + 24) for part in product.glaze)
    inside = tuple(part * 5 // 9 for part in product.glaze)
    pen = ImageDraw.Draw(image)
    pen.ellipse(box, fill=edge)
    if not product.spout and product.profile is not JAR:
        pen.ellipse((box[0] + 8, box[1] + 5, box[2] - 8, box[3] - 3), fill=inside)


def _shaded(colour: Colour, light: Image.Image) -> Image.Image:
    parts = [light.point([min(255, part * (level + 110) // 300) for level in range(256)]) for part in colour]
    return Image.merge("RGB", parts)


def _width(profile: Profile, high: float) -> float:
    """Between the points a smooth curve (Catmull and Rom's)."""
    at = next(at for at, (top, _) in enumerate(profile[1:]) if high <= top)
    (low, first), (top, second) = profile[at], profile[at + 1]
    before, after = profile[max(0, at - 1)][1], profile[min(at + 2, len(profile) - 1)][1]
    part = (high - low) / (top - low)
    rise = second - before + (2 * before - 5 * first + 4 * second - after) * part
    return first + 0.5 * part * (rise + (3 * (first - second) + after - before) * part * part)


def _handle(profile: Profile) -> list[Circle]:
    """An ear on the left, from the top to the bottom."""
    tall = min(profile[-1][0], 0.56) * HEIGHT
    middle, wide = tall * 0.52, _width(profile, tall * 0.5 / HEIGHT) * HEIGHT
    turns = [math.pi * (0.5 + step / STEPS) for step in range(STEPS + 1)]
    return [(wide * 0.9 - 150 * math.cos(turn), middle + tall * 0.3 * math.sin(turn), 24) for turn in turns]


def _spout(profile: Profile) -> list[Circle]:
    """To the right and up, ever thinner."""
    begins = profile[1][1] * HEIGHT * 0.9
    parts = [step / STEPS for step in range(STEPS + 1)]
    return [(-begins - 170 * part, 130 + 250 * part**1.6, 52 - 26 * part) for part in parts]


def _tube(image: Image.Image, colour: Colour, way: Sequence[Circle]) -> None:
    """Its dark side first, then its light one. A way is told from the middle to the left and up."""
    pen = ImageDraw.Draw(image)
    for share, moved in ((0.55, 0.0), (0.8, 0.14), (1.0, 0.3), (1.12, 0.44)):
        fill = tuple(min(255, int(part * share)) for part in colour)
        for left, up, radius in way:
            x, y, r = (
                SIDE / 2 - left - moved * radius,
                FLOOR - up - moved * radius,
                radius * (1 - moved * 1.6),
            )
            pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
