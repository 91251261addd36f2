"""The one place that says which of Pillow's exceptions mean that the file is damaged (pure)."""

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from services.processor.verdicts import Failure, Unreadable
from shared.contract.codes import FailureCode

_PIXELS = re.compile(r"(\d+) pixels")
_BROKEN_FILE = (
    OSError,
    SyntaxError,  # how Pillow calls a file that breaks its format
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
)


@contextmanager
def reading() -> Iterator[None]:
    """Turns what a file causes in Pillow into a verdict on the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(Failure(FailureCode.TOO_MANY_PIXELS, _pixels_in(str(error)))) from error
    except UnidentifiedImageError as error:
        raise Unreadable(Failure(FailureCode.DAMAGED, "the file's header cannot be read")) from error
    except _BROKEN_FILE as error:
        raise Unreadable(Failure(FailureCode.DAMAGED, f"{type(error).__name__}: {error}"[:300])) from error


def _pixels_in(warning: str) -> str | None:
    """How many, in Pillow's words."""
    found = _PIXELS.search(warning)
    return None if found is None else told_of_pixels(int(found[1]), Image.MAX_IMAGE_PIXELS or 0)


def told_of_pixels(pixels: int, max_pixels: int) -> str:
    return f"it has {pixels:,} pixels, and {max_pixels:,} are the most"
