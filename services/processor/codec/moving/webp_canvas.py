"""What a WebP that moves leaves free of its canvas (pure)."""

from collections.abc import Iterator

from services.processor.formats.webp_chunks import CLEAR, MOVING, chunks, flags_of, with_clear_flag

_CANVAS_SIZE = slice(24, 30)
_FRAME_PLACE, _FRAME_FLAGS_AT, _DISPOSED = slice(0, 12), 15, 0b1


def with_clear_canvas(data: bytes) -> bytes:
    """The file, which says that it has clear parts where its frames leave some. Writers count those of frames
    alone; browsers show the rest clear all the same, and Pillow would show it black.
    """
    has_canvas = len(data) >= _CANVAS_SIZE.stop
    if not has_canvas or flags_of(data) & (CLEAR | MOVING) != MOVING or not _leaves_some(data):
        return data
    return with_clear_flag(data)


def _leaves_some(data: bytes) -> bool:
    covers = bytes(6) + data[_CANVAS_SIZE]
    frames = list(_frames(data))
    if frames and frames[0][_FRAME_PLACE] != covers:
        return True
    return any(frame[_FRAME_FLAGS_AT] & _DISPOSED for frame in frames[:-1])


def _frames(data: bytes) -> Iterator[bytes]:
    """The beginning of each."""
    for chunk in chunks(data, len(data)):
        end = chunk.body + _FRAME_FLAGS_AT + 1
        if chunk.kind == b"ANMF" and end <= len(data):
            yield data[chunk.body : end]
