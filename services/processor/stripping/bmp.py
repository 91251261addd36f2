"""Writes a BMP file anew with its picture alone (pure): what is in gaps and after the pixels is left out."""

import struct

_FILE_HEADER = struct.Struct("<2sIII")
_INFO_HEADER = struct.Struct("<IiiHHIIiiII")
_HEADERS = frozenset({40, 108, 124})  # Windows's; older ones are left as they are
_BIT_FIELDS = 3
_MASKS_BYTES = 12  # behind a header of 40 bytes
_UNCOMPRESSED = frozenset({0, _BIT_FIELDS})
_PROFILE_AT, _LINKED_OR_EMBEDDED = 56, frozenset({b"KNIL", b"DEBM"})


def strip_bmp(data: bytes) -> bytes | None:
    """None for what is no BMP in the usual form."""
    try:
        _, _, _, pixels_at = _FILE_HEADER.unpack_from(data)
        header, width, height, _, bits, compression, coded_bytes, _, _, colours, _ = _INFO_HEADER.unpack_from(
            data, _FILE_HEADER.size
        )
    except struct.error:
        return None
    start = _FILE_HEADER.size
    if header not in _HEADERS or data[start + _PROFILE_AT : start + _PROFILE_AT + 4] in _LINKED_OR_EMBEDDED:
        return None
    head_end = (
        start + header + (_MASKS_BYTES if header == min(_HEADERS) and compression == _BIT_FIELDS else 0)
    )
    head_end += 4 * (colours or (2**bits if bits <= 8 else 0))  # noqa: PLR2004 - more bits have no palette
    if compression in _UNCOMPRESSED:
        coded_bytes = (width * bits + 31) // 32 * 4 * abs(height)
    pixels = data[pixels_at : pixels_at + coded_bytes]
    if not head_end <= pixels_at or len(pixels) != coded_bytes or not coded_bytes:
        return None
    front = data[start:head_end]
    return _FILE_HEADER.pack(b"BM", start + len(front) + coded_bytes, 0, start + len(front)) + front + pixels
