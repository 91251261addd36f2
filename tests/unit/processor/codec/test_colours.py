"""What comes out is, seen as people see it, what went in: every format and mode, to every format, by a judge
that knows nothing of the codec (tests/worlds/colour). With `BROAD_SEARCH=3000` in the environment it looks
at so many more examples.
"""

import os
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.processor.codec import compress as codec
from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.colour.files import COLOURED, STILL
from tests.worlds.colour.modes import with_clear_entry
from tests.worlds.colour.moving_files import HOLDS, MOVING, Disposal, Patch, played
from tests.worlds.colour.paintings import EXAMPLE, LOGO, Painting, paintings
from tests.worlds.colour.seen import Shown, distance, seen
from tests.worlds.files.pictures import saved

EXAMPLES = int(os.environ.get("BROAD_SEARCH", "15"))
MAX_PIXELS = 1_000_000
FILES = {**STILL, **COLOURED}
WANTED = (None, PictureFormat.JPEG, PictureFormat.PNG, PictureFormat.WEBP, PictureFormat.AVIF)
NEAR = 40  # of 255, at quality 50: a square's mean colour, the farthest channel of the farthest square


def compressed(data: bytes, wanted: PictureFormat | None, quality: int = 50) -> Compressed:
    verdict = compress(data, quality, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    return verdict


def far_off(data: bytes, truth: Sequence[Shown], wanted: PictureFormat | None) -> float:
    output = compressed(data, wanted)
    after = seen(output.data)
    assert (output.width, output.height) == after[0].picture.size == truth[0].picture.size
    before = truth if len(after) > 1 else truth[:1]
    if output.format is PictureFormat.JPEG:
        before = [Shown(on_white(shown)) for shown in before]
    return distance(before, after)


def on_white(shown: Shown) -> Image.Image:
    white = Image.new("RGBA", shown.picture.size, "white")
    return Image.alpha_composite(white, shown.picture)


@pytest.mark.parametrize("name", FILES)
def test_every_format_and_mode_looks_in_every_format_as_it_did(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R06; and the codec's own comparison, made here of each, fails none of them."""
    monkeypatch.setattr(codec, "is_in_sample", lambda *_: True)
    for painting in (EXAMPLE, LOGO):
        data = FILES[name](painting.painted())
        truth = seen(data)
        for wanted in WANTED:
            assert far_off(data, truth, wanted) <= NEAR, wanted


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(sorted(FILES)), paintings(), st.sampled_from(WANTED))
def test_any_painting_looks_as_it_did(name: str, painting: Painting, wanted: PictureFormat | None) -> None:
    """R06"""
    data = FILES[name](painting.painted())
    assert far_off(data, seen(data), wanted) <= NEAR


@pytest.mark.parametrize("wanted", WANTED)
def test_an_entry_beyond_the_palette_may_be_clear(wanted: PictureFormat | None) -> None:
    """R06: found by the search above; as PNG it was opaque."""
    colours = (((0, 0, 0, 0), (0, 0, 2, 255)), ((0, 0, 0, 255), (0, 1, 0, 255)))
    indexed = with_clear_entry(Painting(colours).painted())
    data = saved(indexed.remap_palette([0, 4, 8, 255]), "GIF", transparency=3, optimize=False)
    table = 13 + 3 * 4
    cut = data[:10] + b"\x80" + data[11:13] + data[13 : 13 + 3 * 2] + data[table:]  # two entries are left
    assert far_off(cut, seen(cut), wanted) <= NEAR


SIDE = 64
PATCHES = st.builds(
    Patch,
    paintings(columns=2, rows=2).map(Painting.painted),
    st.tuples(st.sampled_from((0, 8, 16)), st.sampled_from((0, 8, 16))),
    st.sampled_from(Disposal),
    st.booleans(),
    st.sampled_from((50, 100, 240)),
)


@pytest.mark.parametrize("disposal", Disposal)
@pytest.mark.parametrize("blends", [True, False], ids=["blends", "replaces"])
@pytest.mark.parametrize("name", MOVING)
def test_each_frame_looks_as_it_did(name: str, *, blends: bool, disposal: Disposal) -> None:
    """R06"""
    whole = Patch(EXAMPLE.painted().convert("RGB").convert("RGBA"), disposal=disposal)
    part = Patch(LOGO.painted(), (16, 0), disposal, blends, 70)
    patches = [whole, part, Patch(LOGO.painted(), (0, 16), disposal, blends), part]
    for wanted in WANTED:
        assert_each_frame_looks_as_it_did(name, EXAMPLE.painted().size, patches, wanted)


@settings(max_examples=EXAMPLES)
@given(
    st.sampled_from(sorted(MOVING)),
    st.lists(PATCHES, min_size=2, max_size=4),
    st.sampled_from(WANTED),
)
def test_each_frame_of_any_moving_picture_looks_as_it_did(
    name: str, patches: list[Patch], wanted: PictureFormat | None
) -> None:
    """R06"""
    assert_each_frame_looks_as_it_did(name, (SIDE, SIDE), patches, wanted)


def assert_each_frame_looks_as_it_did(
    name: str, size: tuple[int, int], patches: Sequence[Patch], wanted: PictureFormat | None
) -> None:
    """What is kept as it came is read as it was: by Pillow, which reads a few frames otherwise than
    browsers.
    """
    held = HOLDS[name](patches)
    data = MOVING[name](size, held)
    if compressed(data, wanted).recompressed:
        assert far_off(data, played(size, held), wanted) <= NEAR
    else:
        assert distance(seen(data), seen(compressed(data, wanted).data)) == 0
