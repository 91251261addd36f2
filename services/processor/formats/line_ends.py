"""Recognises a picture that was sent as text, which puts a carriage return before each line feed (pure).

Viewers show such a file as noise or not at all; without those bytes it is what it was.
"""

from services.processor.formats.png_chunks import SIGNATURE

_FEED, _RETURN_AND_FEED = b"\n", b"\r\n"
_FEWEST = 8  # line feeds: that each follows a carriage return by chance does not happen
_JPEG, _WEBP = b"\xff\xd8\xff", b"RIFF"

CHANGED_PNG = SIGNATURE.replace(_FEED, _RETURN_AND_FEED)  # it is made to show this


def changed_as_text(data: bytes) -> bool:
    if data.startswith(CHANGED_PNG):
        return True
    first = data.find(_FEED)
    if not data.startswith((_JPEG, _WEBP)) or data[first - 1 : first] != b"\r":
        return False
    return _FEWEST <= data.count(_FEED) == data.count(_RETURN_AND_FEED)


def unchanged(data: bytes) -> bytes:
    """The file as it was before."""
    return data.replace(_RETURN_AND_FEED, _FEED)
