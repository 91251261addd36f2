"""Animated PNGs: each picture is decoded once, and one that lacks something is damaged."""

import struct
import zlib

import pytest
from PIL import PngImagePlugin

from services.processor.codec.compress import compress
from services.processor.formats.png_chunks import chunks
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    moving,
    photo,
    png_chunk,
    saved,
)
from tests.worlds.files.rare_pictures import MAX_PIXELS, code


def test_an_animated_png_that_is_cut_off_is_damaged() -> None:
    """R09, R19: its first frame alone would be another picture."""
    data = moving("PNG")
    assert {code(data[: len(data) * part // 8]) for part in range(1, 8)} == {"damaged"}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("at", [4, 40, -6, -1], ids=["head", "pixels", "pixels' checksum", "checksum"])
@pytest.mark.parametrize("number", [0, 2], ids=["second", "last"])
def test_an_animated_png_with_a_spoiled_frame_is_damaged(
    number: int, at: int, wanted: PictureFormat | None
) -> None:
    """R09, R19: also where it would be kept as it came."""
    whole = moving("PNG")
    data, frame = bytearray(whole), [chunk for chunk in chunks(whole) if chunk.kind == b"fdAT"][number]
    data[range(frame.body.start, frame.end)[at]] ^= 1
    assert code(bytes(data), wanted) == "damaged"


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("field", range(4), ids=["width", "height", "left", "top"])
def test_an_animated_png_whose_frame_is_beyond_its_edges_is_damaged(
    field: int, wanted: PictureFormat | None
) -> None:
    """R09: no browser shows it."""
    data = moving("PNG")
    control = [chunk for chunk in chunks(data) if chunk.kind == b"fcTL"][-1]
    said = list(struct.unpack(">5I2H2B", data[control.body]))
    said[1 + field] += 1
    frame = png_chunk(b"fcTL", struct.pack(">5I2H2B", *said))
    verdict = compress(data[: control.start] + frame + data[control.end :], 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    assert "beyond the edges" in str(verdict.detail)


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
def test_an_animated_png_whose_frame_is_short_of_pixels_is_damaged(wanted: PictureFormat | None) -> None:
    """R09, R19: with right checksums all the same."""
    data = moving("PNG")
    frame = [chunk for chunk in chunks(data) if chunk.kind == b"fdAT"][-1]
    body = data[frame.body]
    short = body[:4] + zlib.compress(zlib.decompress(body[4:])[:-200])
    assert code(data[: frame.start] + png_chunk(b"fdAT", short) + data[frame.end :], wanted) == "damaged"


@pytest.mark.parametrize("with_cover", [False, True])
def test_each_picture_of_an_animated_png_that_is_kept_is_decoded_once(
    monkeypatch: pytest.MonkeyPatch, *, with_cover: bool
) -> None:
    monkeypatch.setattr("services.processor.codec.compress.is_in_sample", lambda *_: False)
    begun = list[PngImagePlugin.PngImageFile]()
    prepare = PngImagePlugin.PngImageFile.load_prepare

    def noted(file: PngImagePlugin.PngImageFile) -> None:
        begun.append(file)
        prepare(file)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load_prepare", noted)
    frames = [photo(seed=number) for number in range(4)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=with_cover)
    begun.clear()
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Compressed)
    assert not verdict.recompressed
    assert (verdict.width, verdict.height) == frames[0].size
    assert len(begun) == len(frames)
