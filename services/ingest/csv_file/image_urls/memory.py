"""Remembers the addresses of one file, and where each came first (pure).

Those of a file of usual size stay as they are, in a dictionary. That takes too much memory for more: their
digests go into a hash table in two flat pieces, which grow with the file. Digests have 96 bits, so two
addresses never meet.
"""

import mmap
import sys
from collections.abc import Sequence
from hashlib import blake2b
from itertools import count

MOST_SLOTS = 4 * 1024 * 1024
LEAST_SLOTS = 1024
PLAIN_FILE_BYTES = 16 * 1024 * 1024  # of a larger file all are digests
PLAIN_BYTES = 32 * 1024 * 1024  # of memory, for those that stay as they are
_BYTES_OF_AN_ENTRY = 64  # besides the address itself
_DIGEST_BYTES = 12
_ORDINAL_BYTES = 4
_BYTES_OF_A_SLOT = 8  # of the file: no address with its separator is shorter than 11


class UrlMemory:
    """Its size follows from the file's. Pages that it never touches take no memory of the machine."""

    def __init__(self, file_bytes: int, most_slots: int = MOST_SLOTS, plain_bytes: int = PLAIN_BYTES) -> None:
        self._plain: dict[str, int] = {}
        self._plain_room = plain_bytes if file_bytes <= PLAIN_FILE_BYTES else 0
        wanted = max(LEAST_SLOTS, min(most_slots, file_bytes // _BYTES_OF_A_SLOT))
        slots = 1 << (wanted - 1).bit_length()
        self._mask = slots - 1
        # Beyond three quarters a repeated URL is fetched again, which costs work and nothing else.
        self._room = slots * 3 // 4
        self._digests = mmap.mmap(-1, slots * _DIGEST_BYTES)
        self._ordinals = memoryview(mmap.mmap(-1, slots * _ORDINAL_BYTES)).cast("I")

    def first_uses(self, urls: Sequence[str], ordinal: int) -> Sequence[int]:
        """Of addresses that come one after the other, from this ordinal on: the ordinal under which each came
        first, which is its own unless it came before.
        """
        self._plain_room -= sum(map(sys.getsizeof, urls)) + _BYTES_OF_AN_ENTRY * len(urls)
        if self._plain_room >= 0:
            return list(map(self._plain.setdefault, urls, count(ordinal)))
        return [self._first_use(url, own) for own, url in enumerate(urls, ordinal)]

    def _first_use(self, url: str, ordinal: int) -> int:
        plain = self._plain.get(url)
        if plain is not None:
            return plain
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
