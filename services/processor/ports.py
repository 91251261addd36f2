"""The ports of an image's handler: fetching, decoding, the store, and its turns at them."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.processor.fetching.outages import Told
from services.processor.gathering import Gathering
from services.processor.places import Places
from services.processor.scouting import Scouting
from services.processor.verdicts import Compressed, Failure, NotNow
from shared.contract.picture_formats import PictureFormat
from shared.store import Store


class Fetching(Protocol):
    """The internet, as the handler sees it."""

    def fetched(self, url: str, told: Told) -> AbstractAsyncContextManager[bytes | Failure | NotNow]:
        """The body at this URL, or why there is none; in memory while the block lasts. Raises `NoVerdict`."""


class Compressing(Protocol):
    """A decoder."""

    async def compress(self, data: bytes, quality: int, wanted: PictureFormat | None) -> Compressed | Failure:
        """Raises `NoVerdict` where something of ours ended it, `Away` where it does not start."""


class TakingTurns(Protocol):
    """All decoders."""

    def pixels_of(self, data: bytes, picture_format: PictureFormat) -> int:
        """By which this image is weighed."""

    def seconds_of(self, pixels: int) -> float:
        """What so many are expected to take."""

    def turn(self, pixels: int) -> AbstractAsyncContextManager[Compressing]:
        """A decoder for an image of so many, when it is its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    places: Places
    gathering: Gathering
    scouting: Scouting
    fetcher: Fetching
    decoders: TakingTurns
    store: Store
    now: Callable[[], datetime]
    clock: Callable[[], float] = time.monotonic
