"""What an answer is that is no picture at all, in words for people, by how it begins (pure)."""

import re

HEAD_BYTES = 1024
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")
_OF_WEB_PAGES = re.compile(
    rb"<(?:!doctype html|html|head|body|title|meta|script|link|div|p|center|h1)\b", re.IGNORECASE
)
_KNOWN: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    (
        "a film",
        re.compile(rb"....ftyp|....moov|\x1a\x45\xdf\xa3|RIFF....AVI |FLV\x01|\x00\x00\x01\xba", re.DOTALL),
    ),
    (
        "an archive",
        re.compile(
            rb"PK(?:\x03\x04|\x05\x06)|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b\x08|BZh[1-9]|\xfd7zXZ\x00"
        ),
    ),
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def no_image(data: bytes) -> str | None:
    """What was found in place of a picture, as the end of a sentence; None where nobody can tell."""
    if not data:
        return "the answer is empty"
    head = data[:HEAD_BYTES]
    if _MARKUP.match(head) and _OF_WEB_PAGES.search(head):
        return "the answer is a web page"
    name = next((name for name, pattern in _KNOWN if pattern.match(head)), None)
    if name is not None:
        return f"the answer is {name}"
    if not any(head):
        return "the answer begins with nothing but zero bytes"
    return "the answer is text" if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    if _NO_TEXT.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) == HEAD_BYTES  # cut within a letter
    return True
