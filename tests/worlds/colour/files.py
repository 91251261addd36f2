"""One painting as a file of each format and mode, as programs write them."""

from collections.abc import Mapping
from typing import Any

from PIL import Image

from tests.worlds.colour.modes import as_mode, with_alphas, with_clear_entry, with_palette
from tests.worlds.colour.odd_files import (
    bmp_of_15_bits,
    bmp_of_runs,
    bmp_with_alpha,
    deep_tiff,
    grey_profile,
    ink_profile,
    turned,
    white_is_zero_tiff,
    with_nclx,
    ycck_jpeg,
)
from tests.worlds.colour.png_files import (
    GREY,
    GREY_ALPHA,
    MODES,
    RGB,
    RGBA,
    SAMPLES,
    Write,
    cicp,
    clear_colour_png,
    deep_png,
    interlaced_png,
    numbers,
    samples_of,
    shallow_png,
    with_chunks,
)
from tests.worlds.files.pictures import png_chunk, saved, swapped_profile

LINEAR, P3_CHROMATICITY = 100_000, (31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)
SPACES: Mapping[str, tuple[bytes, ...]] = {
    "gAMA": (numbers(b"gAMA", LINEAR),),
    "gAMA and cHRM": (numbers(b"gAMA", 45_455), numbers(b"cHRM", *P3_CHROMATICITY)),
    "sRGB and gAMA": (png_chunk(b"sRGB", b"\0"), numbers(b"gAMA", LINEAR)),
    "cICP of P3": (cicp(12, 13),),
    "cICP of 2020 and gamma 2.2": (cicp(9, 4),),
    "cICP of PQ": (cicp(9, 16),),
    "cICP of sRGB over gAMA": (cicp(1, 13), numbers(b"gAMA", LINEAR)),
}


def writes(name: str, mode: str, **options: Any) -> Write:
    return lambda picture: saved(as_mode(mode)(picture), name, **options)


def _png_in(kind: int, depth: int, *chunks: bytes) -> Write:
    def write(picture: Image.Image) -> bytes:
        if depth == 16:
            return deep_png(kind, *chunks)(picture)
        samples = samples_of(picture, kind)
        plain = Image.fromarray(samples.squeeze(2) if kind == GREY else samples, MODES[kind])
        return with_chunks(saved(plain, "PNG"), *chunks)

    return write


STILL: Mapping[str, Write] = {
    "png 1": writes("PNG", "1"),
    "png L": writes("PNG", "L"),
    "png LA": writes("PNG", "LA"),
    "png P": lambda picture: saved(with_palette(picture), "PNG"),
    "png P of 4 bits": lambda picture: saved(with_palette(picture, 13), "PNG"),
    "png P with a clear entry": lambda picture: saved(with_clear_entry(picture), "PNG"),
    "png P with alphas": lambda picture: saved(with_alphas(picture), "PNG"),
    "png RGB": writes("PNG", "RGB"),
    "png RGBA": writes("PNG", "RGBA"),
    "png grey of 2 bits": shallow_png(2),
    "png grey of 4 bits": shallow_png(4),
    "png grey of 16 bits": deep_png(GREY),
    "png grey and alpha of 16 bits": deep_png(GREY_ALPHA),
    "png RGB of 16 bits": deep_png(RGB),
    "png RGBA of 16 bits": deep_png(RGBA),
    "png RGBA interlaced": interlaced_png,
    "png clear grey": clear_colour_png(GREY, 8),
    "png clear grey of 16 bits": clear_colour_png(GREY, 16),
    "png clear colour": clear_colour_png(RGB, 8),
    "png clear colour of 16 bits": clear_colour_png(RGB, 16),
    "jpeg L": writes("JPEG", "L", quality=95),
    "jpeg RGB": writes("JPEG", "RGB", quality=95),
    "jpeg RGB 4:4:4": writes("JPEG", "RGB", quality=95, subsampling=0),
    "jpeg RGB 4:2:2": writes("JPEG", "RGB", quality=95, subsampling=1),
    "jpeg RGB progressive": writes("JPEG", "RGB", quality=95, progressive=True),
    "jpeg RGB not as YCbCr": writes("JPEG", "RGB", quality=95, keep_rgb=True),
    "jpeg CMYK": writes("JPEG", "CMYK", quality=95),
    "jpeg YCCK": ycck_jpeg,
    "webp RGB": writes("WEBP", "RGB", quality=95),
    "webp RGBA": writes("WEBP", "RGBA", quality=95),
    "webp RGBA lossless": writes("WEBP", "RGBA", lossless=True),
    "gif": lambda picture: saved(with_palette(picture), "GIF"),
    "gif L": writes("GIF", "L"),
    "gif with a clear entry": lambda picture: saved(with_clear_entry(picture), "GIF"),
    "gif interlaced": lambda picture: saved(with_clear_entry(picture), "GIF", interlace=True),
    "bmp 1": writes("BMP", "1"),
    "bmp L": writes("BMP", "L"),
    "bmp P": lambda picture: saved(with_palette(picture), "BMP"),
    "bmp RGB": writes("BMP", "RGB"),
    "bmp RGBA": bmp_with_alpha,
    "bmp of 15 bits": bmp_of_15_bits,
    "bmp of runs": bmp_of_runs,
    "tiff 1": writes("TIFF", "1"),
    "tiff L": writes("TIFF", "L"),
    "tiff LA": writes("TIFF", "LA"),
    "tiff P": lambda picture: saved(with_palette(picture), "TIFF"),
    "tiff PA": writes("TIFF", "PA"),
    "tiff RGB": writes("TIFF", "RGB"),
    "tiff RGB by JPEG": writes("TIFF", "RGB", compression="jpeg", quality=95),
    "tiff RGB by LZW": writes("TIFF", "RGB", compression="tiff_lzw"),
    "tiff RGBA": writes("TIFF", "RGBA"),
    "tiff RGB of 16 bits": deep_tiff,
    "tiff CMYK": writes("TIFF", "CMYK"),
    "tiff YCbCr": writes("TIFF", "YCbCr"),
    "tiff LAB": writes("TIFF", "LAB"),
    "tiff I;16": writes("TIFF", "I;16"),
    "tiff I;16B": writes("TIFF", "I;16B"),
    "tiff whose white is zero": white_is_zero_tiff,
    "avif L": writes("AVIF", "L", quality=95),
    "avif RGB": writes("AVIF", "RGB", quality=95),
    "avif RGB 4:4:4": writes("AVIF", "RGB", quality=95, subsampling="4:4:4"),
    "avif RGBA": writes("AVIF", "RGBA", quality=95),
}

COLOURED: Mapping[str, Write] = {
    **{
        f"{name.lower()} {mode} with a profile": writes(name, mode, icc_profile=swapped_profile())
        for name, modes in {
            "PNG": ("RGB", "RGBA"),
            "JPEG": ("RGB",),
            "WEBP": ("RGB", "RGBA"),
            "TIFF": ("RGB", "RGBA"),
            "AVIF": ("RGB", "RGBA"),
        }.items()
        for mode in modes
    },
    **{
        f"{name.lower()} {mode} with a profile": writes(name, mode, icc_profile=grey_profile(1.0))
        for name, modes in {"PNG": ("L", "LA", "I;16"), "JPEG": ("L",), "TIFF": ("L", "I;16")}.items()
        for mode in modes
    },
    "jpeg CMYK with a profile": writes("JPEG", "CMYK", quality=95, icc_profile=ink_profile()),
    "tiff CMYK with a profile": writes("TIFF", "CMYK", icc_profile=ink_profile()),
    "png P with a profile": lambda picture: saved(
        with_palette(picture), "PNG", icc_profile=swapped_profile()
    ),
    "png P, clear, with a profile": lambda picture: saved(
        with_clear_entry(picture), "PNG", icc_profile=swapped_profile()
    ),
    "png P, alphas, with a profile": lambda picture: saved(
        with_alphas(picture), "PNG", icc_profile=swapped_profile()
    ),
    **{
        f"png {MODES[kind]} of {depth} bits by {name}": _png_in(kind, depth, *chunks)
        for kind in SAMPLES
        for depth in (8, 16)
        for name, chunks in SPACES.items()
    },
    **{
        f"{name.lower()} turned by {orientation}": turned(name, orientation)
        for name in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
        for orientation in range(2, 9)
    },
    "avif by nclx of P3": with_nclx(12, 13),
    "avif by nclx of 2020 and PQ": with_nclx(9, 16),
}
