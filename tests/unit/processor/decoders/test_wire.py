"""What goes over the socket to a decoder child comes out as it went in, however it is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.processor.decoders.wire import (
    MOST_ASKED,
    Assignment,
    packed_verdict,
    unpacked_verdict,
    verdict_bytes,
)
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat

VERDICTS = (
    Compressed(data=b"\xff\xd8 not really", format=PictureFormat.JPEG, width=640, height=480),
    Compressed(data=b"", format=PictureFormat.PNG, width=1, height=1, recompressed=False),
    Failure(FailureCode.DAMAGED, "héé", 1.5),
    Failure(FailureCode.NOT_AN_IMAGE),
)


@given(st.sampled_from(VERDICTS), st.integers(0, 2**40), st.data())
def test_a_verdict_is_there_with_its_last_byte_and_not_before(
    verdict: Compressed | Failure, memory_bytes: int, draw: st.DataObject
) -> None:
    packed = packed_verdict(verdict, memory_bytes)
    part = draw.draw(st.integers(0, len(packed) - 1))
    assert verdict_bytes(bytearray(packed[:part])) is None
    behind = bytearray(packed + packed[:part])
    assert verdict_bytes(behind) == len(packed)
    assert unpacked_verdict(behind) == (verdict, memory_bytes)


def test_how_long_a_picture_took_is_told_as_well() -> None:
    verdict = Compressed(
        data=b"x", format=PictureFormat.AVIF, width=1, height=65_535, decode_ms=1.25, encode_ms=0.5
    )
    told, _ = unpacked_verdict(bytearray(packed_verdict(verdict, 7)))
    assert isinstance(told, Compressed)
    assert (told.decode_ms, told.encode_ms) == (1.25, 0.5)


@pytest.mark.parametrize("wanted", [None, *PictureFormat])
@pytest.mark.parametrize("most", [40_000_000, MOST_ASKED])
def test_an_order_is_read_as_it_was_written(wanted: PictureFormat | None, most: int) -> None:
    assignment = Assignment(most, 50, wanted, most)
    assert Assignment.unpacked(assignment.packed()) == assignment
