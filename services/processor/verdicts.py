"""What became of an image, as values: a failure with a code, a wait, or a compressed picture."""

from dataclasses import dataclass, field

from shared.contract.codes import Code
from shared.contract.picture_formats import PictureFormat


@dataclass(frozen=True, slots=True)
class Failure:
    code: Code
    detail: str | None = None
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """No verdict: the image's host takes no more for the moment. It comes again after so many seconds."""

    retry_after_seconds: float
    code: Code | None = None  # what the host answers to those whom it turns away
    was_refused: bool = False  # this image was one of them; else it was not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Compressed:
    data: bytes
    format: PictureFormat
    width: int
    height: int
    recompressed: bool = True  # False: the input without its metadata was already the smaller file
    decode_ms: float = field(default=0, compare=False)
    encode_ms: float = field(default=0, compare=False)  # and all else that the codec did


class NoVerdict(Exception):  # noqa: N818 - about ourselves, not about the image
    """Something of ours was in the way, which says nothing of the image or its host: it comes again."""


class Unreadable(Exception):  # noqa: N818 - a verdict on the file, as what reads it raises it
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure
