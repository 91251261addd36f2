"""The metadata that changes how a picture is shown, and so stays: which way is up, which profile (pure)."""

import struct
from dataclasses import dataclass

_UPRIGHT = 1
_ORIENTATION = 274


@dataclass(frozen=True, slots=True)
class Look:
    """What stays although it is metadata; nothing where the pixels alone are what everyone sees."""

    orientation: int = _UPRIGHT
    keeps_profile: bool = False

    @property
    def exif(self) -> bytes:
        """The shortest EXIF that says which way is up; empty for upright."""
        if self.orientation == _UPRIGHT:
            return b""
        return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, self.orientation, 0, 0)


OF_ITSELF = Look()
