"""Files of the other formats that Pillow does not write by itself."""

import struct

import numpy as np
from PIL import Image
from PIL.ExifTags import Base
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from tests.worlds.colour.modes import with_palette
from tests.worlds.colour.png_files import RGB, Write, samples_of
from tests.worlds.files.pictures import saved


def ycck_jpeg(picture: Image.Image) -> bytes:
    """As Photoshop writes CMYK: inverted, with its first three channels as YCbCr."""
    cyan, magenta, yellow, black = picture.convert("RGB").convert("CMYK").split()
    converted = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    inverted = [channel.point(lambda value: 255 - value) for channel in converted]
    data = saved(Image.merge("CMYK", (*inverted, black)), "JPEG", quality=95)
    at = data.index(b"Adobe") + 11
    return data[:at] + b"\x02" + data[at + 1 :]


def white_is_zero_tiff(picture: Image.Image) -> bytes:
    tags = ImageFileDirectory_v2()
    tags[262] = 0
    return saved(picture.convert("RGB").convert("L"), "TIFF", tiffinfo=tags)


def deep_tiff(picture: Image.Image) -> bytes:
    """RGB of 16 bits in one strip."""
    pixels = (samples_of(picture, RGB).astype("<u2") * 257).tobytes()
    width, height = picture.size
    entries = (
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, 8 + 2 + 10 * 12 + 4),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8 + 2 + 10 * 12 + 4 + 6),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 4, 1, len(pixels)),
        (284, 3, 1, 1),
    )
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + table + bytes(4) + struct.pack("<3H", 16, 16, 16) + pixels


def bmp_with_alpha(picture: Image.Image) -> bytes:
    """32 bits with masks, in a header of version 4."""
    bottom_up = np.asarray(picture)[::-1][..., [2, 1, 0, 3]].tobytes()
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = struct.pack("<IiiHHIIiiII", 108, *picture.size, 1, 32, 3, len(bottom_up), 2835, 2835, 0, 0)
    info += masks + b"BGRs" + bytes(48)
    start = 14 + len(info)
    return struct.pack("<2sIII", b"BM", start + len(bottom_up), 0, start) + info + bottom_up


def bmp_of_15_bits(picture: Image.Image) -> bytes:
    pixels = np.asarray(picture.convert("RGB")).astype(np.uint16) >> 3
    packed = (pixels[..., 0] << 10 | pixels[..., 1] << 5 | pixels[..., 2]).astype("<u2")[::-1]
    padded = np.pad(packed, ((0, 0), (0, picture.width % 2))).tobytes()
    info = struct.pack("<IiiHHIIiiII", 40, *picture.size, 1, 16, 0, len(padded), 2835, 2835, 0, 0)
    return struct.pack("<2sIII", b"BM", 54 + len(padded), 0, 54) + info + padded


def bmp_of_runs(picture: Image.Image) -> bytes:
    """Eight bits, compressed by run lengths."""
    indexed = with_palette(picture)
    palette = bytes(indexed.getpalette() or ()).ljust(768, b"\0")
    entries = b"".join(palette[at : at + 3][::-1] + b"\0" for at in range(0, 768, 3))
    body = b""
    for row in np.asarray(indexed)[::-1]:
        body += b"".join(bytes((1, index)) for index in row) + b"\0\0"
    body += b"\0\x01"
    info = struct.pack("<IiiHHIIiiII", 40, *picture.size, 1, 8, 1, len(body), 2835, 2835, 256, 0)
    start = 54 + len(entries)
    return struct.pack("<2sIII", b"BM", start + len(body), 0, start) + info + entries + body


def with_nclx(primaries: int, transfer: int) -> Write:
    def write(picture: Image.Image) -> bytes:
        data = bytearray(saved(picture.convert("RGB"), "AVIF", quality=95))
        at = data.index(b"colrnclx") + 8
        data[at : at + 4] = struct.pack(">HH", primaries, transfer)
        return bytes(data)

    return write


def turned(name: str, orientation: int) -> Write:
    tags = Image.Exif()
    tags[Base.Orientation] = orientation

    def write(picture: Image.Image) -> bytes:
        mode = "RGB" if name == "JPEG" else "RGBA"
        return saved(picture.convert(mode), name, quality=92, exif=tags)

    return write


def grey_profile(gamma: float) -> bytes:
    """An ICC profile of version 2 for grey."""
    curve = struct.pack(">4s4xIH2x", b"curv", 1, round(gamma * 256))
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", 156, len(white), b"kTRC", 156 + len(white), len(curve))
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        156 + len(white) + len(curve),
        0x02100000,
        b"mntr",
        b"GRAY",
        b"XYZ ",
        b"acsp",
        63190,
        65536,
        54061,
    )
    return head + tags + white + curve


def ink_profile() -> bytes:
    """An ICC profile of version 2 for CMYK: a table of two steps an ink, in which magenta is an orange."""
    colours = bytearray()
    for inks in range(16):
        cyan, magenta, yellow, black = (inks >> place & 1 for place in (3, 2, 1, 0))
        light = max(0, 255 - 90 * cyan - 80 * magenta - 20 * yellow - 200 * black)
        colours += bytes(
            (light, 128 + 50 * magenta - 40 * cyan, 128 + 70 * yellow + 40 * magenta - 50 * cyan)
        )
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + bytes(colours) + ramp * 3
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    tags = struct.pack(">I4sII4sII", 2, b"wtpt", 156, len(white), b"A2B0", 156 + len(white), len(table))
    head = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        *(156 + len(white) + len(table), 0x02100000, b"prtr", b"CMYK", b"Lab ", b"acsp"),
        *(63190, 65536, 54061),
    )
    return head + tags + white + table
