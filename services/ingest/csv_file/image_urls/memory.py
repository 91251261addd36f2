"""Remembers the addresses of one file, and where each came first: a hash table in two flat pieces of memory.

A dictionary takes five times the memory, and this memory grows with the file. Only digests of 128 bits are
kept, so two addresses never meet (pure).
"""

import mmap
from hashlib import blake2b

MOST_SLOTS = 4 * 1024 * 1024
LEAST_SLOTS = 1024
_DIGEST_BYTES = 16
_ORDINAL_BYTES = 4
_BYTES_OF_A_SLOT = 8  # of the file: no address with its separator is shorter than 11


class UrlMemory:
    """Its size follows from the file's. Pages that it never touches take no memory of the machine."""

    def __init__(self, file_bytes: int, most_slots: int = MOST_SLOTS) -> None:
        wanted = max(LEAST_SLOTS, min(most_slots, file_bytes // _BYTES_OF_A_SLOT))
        slots = 1 << (wanted - 1).bit_length()
        self._mask = slots - 1
        # Beyond three quarters a repeated URL is fetched again, which costs work and nothing else.
        self._room = slots * 3 // 4
        self._digests = mmap.mmap(-1, slots * _DIGEST_BYTES)
        self._ordinals = memoryview(mmap.mmap(-1, slots * _ORDINAL_BYTES)).cast("I")

    def first_use(self, url: str, ordinal: int) -> int:
        """The ordinal under which the address came first: the given one, unless it came before."""
        digest = blake2b(url.encode(), digest_size=_DIGEST_BYTES).digest()
        digests, ordinals = self._digests, self._ordinals
        slot = int.from_bytes(digest[:8], "little") & self._mask
        while known := ordinals[slot]:
            if digests[slot * _DIGEST_BYTES : (slot + 1) * _DIGEST_BYTES] == digest:
                return known - 1
            slot = (slot + 1) & self._mask
        if self._room:
            self._room -= 1
            digests[slot * _DIGEST_BYTES : (slot + 1) * _DIGEST_BYTES] = digest
            ordinals[slot] = ordinal + 1
        return ordinal
