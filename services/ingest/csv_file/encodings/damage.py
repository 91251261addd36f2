"""Marks each byte that does not fit an encoding, so that its row can be named (pure)."""

import codecs
import re

MARKING = "mark-damage"  # the name under which codecs know it
REPLACEMENT = "\ufffd"

_MARK_BASE = 0xDC00  # half a surrogate pair: no encoding yields one
_MARK = re.compile(r"[\udc00-\udcff]")
# Some codecs let through what no text holds: control characters, and letters of private use for stray bytes.
_LET_THROUGH = {code: _MARK_BASE + code for code in range(0x80, 0xA0)} | {
    0xF8F0: _MARK_BASE + 0xA0,
    0xF8F1: _MARK_BASE + 0xFD,
    0xF8F2: _MARK_BASE + 0xFE,
    0xF8F3: _MARK_BASE + 0xFF,
}
_NO_TEXT = re.compile("[" + "".join(map(chr, _LET_THROUGH)) + "]")


def first_damage(text: str) -> int | None:
    """The first byte that did not fit."""
    mark = _MARK.search(text)
    return None if mark is None else ord(mark.group()) - _MARK_BASE


def damage_place(text: str) -> int:
    """Where the first one stands."""
    mark = _MARK.search(text)
    return 0 if mark is None else mark.start()


def without_marks(text: str) -> str:
    return _MARK.sub(REPLACEMENT, text)


def lets_through(codec: str) -> bool:
    """Whether the codec lets through what no text holds: UTF-8 and the like are strict."""
    return not codec.startswith("utf-")


def holds_no_text(text: str) -> bool:
    """Whether a codec let something through that is no text."""
    return _NO_TEXT.search(text) is not None


def marked(text: str) -> str:
    """With marks also for what the codec let through."""
    return text.translate(_LET_THROUGH)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(_MARK_BASE + error.object[error.start]), error.end


codecs.register_error(MARKING, _mark)
