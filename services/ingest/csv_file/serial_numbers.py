"""What a serial number is, and a set of them that stays small for a million (pure)."""

import re

WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")  # 15 digits: exact in every JSON reader

_DENSE = 16 * 1024 * 1024  # small numbers, as most files have them, cost one byte each
_SPARSE_REMEMBERED = 200_000  # of the larger ones; a repeat is only a warning, so it may go unseen


class SerialNumbers:
    def __init__(self) -> None:
        self._dense = bytearray()
        self._sparse: set[int] = set()

    def add(self, number: int) -> bool:
        """False when the number is known to be a repeat."""
        return self._add_dense(number) if number < _DENSE else self._add_sparse(number)

    def _add_dense(self, number: int) -> bool:
        if number >= len(self._dense):
            self._dense.extend(bytes(max(4096, number + 1 - len(self._dense))))
        if self._dense[number]:
            return False
        self._dense[number] = 1
        return True

    def _add_sparse(self, number: int) -> bool:
        if number in self._sparse:
            return False
        if len(self._sparse) < _SPARSE_REMEMBERED:
            self._sparse.add(number)
        return True
