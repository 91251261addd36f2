"""What was found out about the encoding of a file (pure)."""

from dataclasses import dataclass
from enum import StrEnum

from services.ingest.csv_file.encodings.names import public_name


class FoundBy(StrEnum):
    """Why an encoding was taken."""

    ASCII = "ascii"  # in nearly all encodings the file reads the same
    UTF_8 = "utf_8"  # letters of UTF-8 are hardly ever anything else
    MARK = "byte_order_mark"
    ZERO_BYTES = "zero_bytes"  # every other byte, as in UTF-16
    LANGUAGE = "language"  # it reads as the language of its letters
    STATED = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEncoding:
    codec: str
    by: FoundBy
    language: str | None = None
    is_sure: bool = True
    otherwise: str | None = None  # the codec that reads second best, or better than the stated one
    is_damaged: bool = False  # somewhere are bytes that do not fit

    @property
    def name(self) -> str:
        return public_name(self.codec)

    @property
    def is_ascii(self) -> bool:
        return self.by is FoundBy.ASCII
