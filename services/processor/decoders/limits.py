"""What one image may take, and all that are decoded at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderLimits:
    max_pixels: int = 40_000_000  # of one frame
    pixels_in_flight: int = 400_000_000
    memory_bytes: int = 2 * 1024**3  # of one child
    cpu_seconds: int = 20  # for one image
    still_seconds: float = 20  # without any CPU and without wanting some
    small_pixels: int = 4_000_000  # larger images wait in a lane of their own
    tiny_pixels: int = 16_384  # of such, several may be on their way to one decoder
    tiny_bytes: int = 64 * 1024  # no more in the file, either
    recycle_images: int = 5_000
    recycle_memory_bytes: int = 400 * 1024**2
