"""What the processor needs to know of its surroundings, and its limits."""

import os

from pydantic import Field

from services.processor.fetch import FetchLimits
from services.processor.pool import DecoderLimits
from shared.settings import Networks
from shared.store.settings import StoreSettings

MEBIBYTE = 1024 * 1024


class Settings(StoreSettings):
    allow_hosts: Networks = ()
    concurrency: int = Field(default=64, ge=1, le=1024)  # images under way in this process
    requests_per_host: int = Field(default=24, ge=1, le=1024)
    decoders: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=256)  # child processes
    max_image_bytes: int = Field(default=25 * MEBIBYTE, ge=1024)
    max_image_pixels: int = Field(default=40_000_000, ge=1)
    fetch_seconds: float = Field(default=30, gt=0)
    decode_seconds: float = Field(default=20, ge=1)
    decoder_memory_bytes: int = Field(default=2048 * MEBIBYTE, ge=256 * MEBIBYTE)

    def fetch_limits(self) -> FetchLimits:
        return FetchLimits(max_bytes=self.max_image_bytes, total_seconds=self.fetch_seconds)

    def decoder_limits(self) -> DecoderLimits:
        return DecoderLimits(
            max_pixels=self.max_image_pixels,
            memory_bytes=self.decoder_memory_bytes,
            seconds=self.decode_seconds,
        )
