"""Recognises UTF-16 without a byte order mark: each CSV has its delimiters and addresses in ASCII (pure)."""

LOOKED_AT_BYTES = 16 * 1024
BEGINNING = 8  # bytes of the first column's name
LEAST_SHARE = 10  # at least one of so many letters is an ASCII one
TIMES_CLEARER = 4  # than in the other order of bytes

_ASCII = frozenset(b"\t\n\r") | frozenset(range(0x20, 0x7F))


def wide_encoding(head: bytes) -> str | None:
    """The codec, when every other byte is zero so often that it must be UTF-16."""
    if b"\0" not in head:
        return None
    for codec, zeros in (("utf-16-le", head[1:BEGINNING:2]), ("utf-16-be", head[0:BEGINNING:2])):
        if not any(zeros) and any(head[:BEGINNING]):
            return codec
    looked_at = head[:LOOKED_AT_BYTES]
    evens, odds = looked_at[0::2], looked_at[1::2]
    little = sum(low in _ASCII and not high for low, high in zip(evens, odds, strict=False))
    big = sum(low in _ASCII and not high for high, low in zip(evens, odds, strict=False))
    most, codec = max((little, "utf-16-le"), (big, "utf-16-be"))
    is_clear = most * LEAST_SHARE >= len(evens) and most >= TIMES_CLEARER * min(little, big)
    return codec if is_clear else None
