"""What the processor needs to know of its surroundings, and its limits."""

import os

from pydantic import Field

from services.processor.codec.headers import most_pixels
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.wire import MOST_ASKED
from services.processor.fetching.fetcher import FetchLimits
from shared.observing.memory import memory_limit_bytes
from shared.settings import COUNTABLE, YEAR_SECONDS, AllowedNetworks, Seconds
from shared.store.settings import StoreSettings

MEBIBYTE = 1024 * 1024
FETCHING, DECODING = FetchLimits(), DecoderLimits()
MOST_DECODER_BYTES = DECODING.memory_bytes
BYTES_A_PIXEL = 20  # what decoding and encoding hold at their peak, measured
SHARE_FOR_PIXELS = 0.4  # of the memory


def _decoder_memory_bytes() -> int:
    """Half of a small machine's or container's memory, so that one image cannot take all of it."""
    limit = memory_limit_bytes() or MOST_DECODER_BYTES * 2
    return max(256 * MEBIBYTE, min(MOST_DECODER_BYTES, limit // 2))


class Settings(StoreSettings):
    allow_hosts: AllowedNetworks = ()
    """Networks (CIDRs) besides the public internet that images may come from."""
    concurrency: int = Field(default=64, ge=1, le=1024)
    """Images under way in this process."""
    requests_per_host: int = Field(default=24, ge=1, le=1024)
    """Requests to one host at a time."""
    decoders: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)
    """Child processes that decode; by default as many as there are cores."""
    max_image_bytes: int = Field(default=FETCHING.max_bytes, ge=1024, le=MOST_ASKED)
    """The largest image as it is fetched."""
    max_image_pixels: int = Field(default=DECODING.max_pixels, ge=1, le=MOST_ASKED)
    """The largest image in pixels."""
    fetch_seconds: Seconds = FETCHING.total_seconds
    """How long fetching one image may take; beyond 150 s the attempt ends before."""
    max_pixels_in_flight: int | None = Field(default=None, ge=1, le=COUNTABLE)
    """Pixels decoded at once; empty: as many as fit into two fifths of the memory."""
    max_memory_used: float = Field(default=0.9, gt=0.1, le=1)
    """The share of the memory from which no more work is taken."""
    max_disk_used: float = Field(default=0.95, gt=0.1, le=1)
    """The share of the disk under a local folder from which no more work is taken."""
    decode_seconds: float = Field(default=DECODING.cpu_seconds, ge=1, le=YEAR_SECONDS)
    """CPU seconds that one image may take; beyond 150 s the attempt ends before."""
    decoder_memory_bytes: int = Field(default_factory=_decoder_memory_bytes, ge=256 * MEBIBYTE, le=COUNTABLE)
    """What one decoder may use; by default half of a small memory, 2 GiB at most."""

    def fetch_limits(self) -> FetchLimits:
        return FetchLimits(max_bytes=self.max_image_bytes, total_seconds=self.fetch_seconds)

    def decoder_limits(self) -> DecoderLimits:
        return DecoderLimits(
            max_pixels=self.max_image_pixels,
            pixels_in_flight=self._pixels_in_flight(),
            memory_bytes=self.decoder_memory_bytes,
            cpu_seconds=int(self.decode_seconds),
        )

    def _pixels_in_flight(self) -> int:
        if self.max_pixels_in_flight is not None:
            return self.max_pixels_in_flight
        memory_bytes = memory_limit_bytes()
        if memory_bytes is None:
            return self.decoders * most_pixels(self.max_image_pixels)
        return max(1, int(memory_bytes * SHARE_FOR_PIXELS / BYTES_A_PIXEL))
