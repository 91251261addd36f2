"""Which failpoints are armed, and which have sprung: a file each, seen by all processes. An armed one springs
once, in whichever process comes by first.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TRAPS_VARIABLE = "CHAOS_TRAPS"


@dataclass(frozen=True, slots=True)
class Traps:
    folder: Path

    def make(self) -> None:
        for kind in ("armed", "sprung"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True)

    def arm(self, name: str) -> None:
        self._sprung(name).unlink(missing_ok=True)
        self._armed(name).touch()

    def disarm(self, name: str) -> None:
        self._armed(name).unlink(missing_ok=True)

    def springs(self, name: str) -> bool:
        """Whether it was armed, which it no longer is. Called by the process that comes by."""
        try:
            self._armed(name).unlink()
        except FileNotFoundError:
            return False
        unfinished = self.folder / f"{_file_name(name)}.{os.getpid()}"
        unfinished.write_text(str(os.getpid()))
        unfinished.replace(self._sprung(name))
        return True

    def sprung_in(self, name: str) -> int | None:
        """The process in which it has sprung since it was armed."""
        with suppress(FileNotFoundError):
            return int(self._sprung(name).read_text())
        return None

    def _armed(self, name: str) -> Path:
        return self.folder / "armed" / _file_name(name)

    def _sprung(self, name: str) -> Path:
        return self.folder / "sprung" / _file_name(name)


def _file_name(name: str) -> str:
    return name.replace(" ", "-")
