"""Image files for tests, made on the spot: every format, and what a hostile host would send."""

import io
import math
import struct
import zlib
from random import Random
from typing import Any

from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from services.processor.codec.sample import is_in_sample
from shared.contract.picture_formats import PictureFormat

WIDTH, HEIGHT = 96, 64
CORNER = (220, 30, 40)  # the top left quarter of every picture: red
SECRET = b"52.520008"  # written into every piece of metadata: must be in no output
NOTICEABLE_DECIBELS = 0.1


def noise(size: tuple[int, int], spread: int = 127, seed: str = "") -> Image.Image:
    """Grey dots, the same in each run: Pillow's own noise cannot be seeded."""
    dots = Image.frombytes("L", size, Random(seed).randbytes(size[0] * size[1]))
    return dots.point(lambda dot: 128 + (dot - 128) * spread // 128)


def photo(mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT), seed: int = 0) -> Image.Image:
    """Smooth noise, so that it compresses like a photograph, with a red top left quarter."""
    channels = [noise((12, 8), seed=f"{seed} {channel}") for channel in "RGB"]
    picture = Image.merge("RGB", channels).resize(size, Image.Resampling.BICUBIC)
    picture.paste(CORNER, (0, 0, size[0] // 2, size[1] // 2))
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(size))
    return picture.convert(mode)


def saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


def jpeg(**options: Any) -> bytes:
    return saved(photo(), "JPEG", **{"quality": 92, **options})


def plain_jpeg() -> bytes:
    """One that takes no library but libjpeg: nobody compares it with what comes out of it, either."""
    made = (saved(photo(seed=seed), "JPEG", quality=92) for seed in range(100))
    return next(data for data in made if not is_in_sample(data, 50, PictureFormat.JPEG))


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[Base.Orientation] = orientation
    tags[Base.Artist] = SECRET.decode()
    tags.get_ifd(IFD.GPSInfo)[GPS.GPSAreaInformation] = SECRET
    return tags


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def corner(picture: Image.Image) -> tuple[int, ...]:
    """The colour of the top left quarter."""
    value = picture.convert("RGBA").getpixel((picture.width // 4, picture.height // 4))
    assert isinstance(value, tuple)
    return value[:3]


def is_near(colour: tuple[int, ...], wanted: tuple[int, ...], tolerance: int = 24) -> bool:
    return all(abs(one - other) <= tolerance for one, other in zip(colour, wanted, strict=True))


def decibels(original: Image.Image, copy: Image.Image) -> float:
    """The peak signal-to-noise ratio."""
    squares = ImageStat.Stat(ImageChops.difference(original, copy)).rms
    return 20 * math.log10(255 / (math.sqrt(sum(rms**2 for rms in squares) / len(squares)) or 1e-9))


def moving(name: str, frame_count: int = 4, **options: Any) -> bytes:
    frames = [photo(seed=number) for number in range(frame_count)]
    return saved(frames[0], name, save_all=True, append_images=frames[1:], duration=120, **options)


def cmyk_jpeg() -> bytes:
    return saved(photo().convert("CMYK"), "JPEG", quality=92)


def swapped_profile() -> bytes:
    """A profile in which red and green have changed places: easy to see whether it was obeyed."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    places = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile).replace(b"s\0R\0G\0B", b"o\0t\0h\0e").replace(b"sRGB", b"othe")


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A header that promises far more pixels than the file is worth."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


def grey_16_png() -> bytes:
    picture = Image.new("I;16", (WIDTH, HEIGHT))
    for column in range(WIDTH):
        for row in range(HEIGHT):
            picture.putpixel((column, row), column * 65535 // (WIDTH - 1))
    return saved(picture, "PNG")
