"""Writes a GIF file anew with its frames, their times and how often they are shown (pure)."""

HEADER_BYTES = 13
GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip_gif(data: bytes) -> bytes | None:
    """Bytes between its blocks are passed by, and one without its trailer gets none, as by every reader."""
    at = HEADER_BYTES + colour_table_bytes(data[10])
    kept, has_frames = [data[:at]], False
    while at < len(data):
        start = at
        match data[at]:
            case 0x3B:  # the trailer
                return b"".join((*kept, b"\x3b"))
            case 0x21 if at + 2 < len(data):
                at = end_of_blocks(data, at + 2)
                if _is_structure(data, start):
                    kept.append(data[start:at])
            case 0x2C if at + 11 < len(data):
                at = end_of_blocks(data, at + 11 + colour_table_bytes(data[at + 9]))
                kept.append(data[start:at])
                has_frames = True
            case _:
                at += 1
    return b"".join(kept) if has_frames else None


def _is_structure(data: bytes, at: int) -> bool:
    if data[at + 1] == _APPLICATION:
        return data[at + 3 : at + 14] in _LOOPS
    return data[at + 1] == GRAPHIC_CONTROL


def colour_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 0b111) + 1) if flags & 0x80 else 0


def end_of_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1
