"""The image hosts and webhook receivers of a simulation: how each behaves, and what it has seen."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from chaos.simulation.virtual_time import BEGINNING
from services.notifier.deliveries import Attempt
from services.notifier.poster import Post
from services.notifier.sign import ID_HEADER
from services.notifier.verdict import answered, silent
from shared.contract.events import ImageDone, ImageOutcome, ImageRequested
from shared.outbound.client import NetCode


class Nature(StrEnum):
    """What a host is like, for as long as the simulation lasts. It stands in the image's URL."""

    WELL = "well"
    SHAKY = "shaky"  # fails at times, and then serves
    LIMITED = "limited"  # turns away at times, and then serves
    MISSING = "missing"  # has no such image


def url_of(nature: Nature, number: int) -> str:
    return f"https://{nature}.example/{number}.jpg"


def nature_of(url: str) -> Nature:
    return Nature(url.removeprefix("https://").partition(".")[0])


@dataclass(slots=True)
class Hosts:
    chance: random.Random
    are_calm: bool = False  # the shaky and the limited serve too

    def answer(self, asked: ImageRequested) -> ImageDone:
        """What a processor that works tells of this attempt."""
        match nature_of(asked.url):
            case Nature.MISSING:
                return _told(asked, ImageOutcome.FAILED, code="http_404")
            case Nature.SHAKY if self._misbehaves():
                return _told(asked, ImageOutcome.FAILED, code="timed_out", retryable=True)
            case Nature.LIMITED if self._misbehaves():
                return _told(
                    asked, ImageOutcome.STALE, code="http_429", retry_after_seconds=1.0, refused=True
                )
            case _:
                return _told(asked, ImageOutcome.DONE, **_files(asked))

    def _misbehaves(self) -> bool:
        return not self.are_calm and self.chance.random() < 0.4


def too_late(asked: ImageRequested) -> ImageDone:
    return _told(asked, ImageOutcome.STALE)


def _told(asked: ImageRequested, outcome: ImageOutcome, **more: object) -> ImageDone:
    return ImageDone.model_validate({**asked.attempt_names(), "outcome": outcome, **more})


def _files(asked: ImageRequested) -> dict[str, object]:
    folder = f"requests/{asked.request_id}"
    return {
        "original_key": f"{folder}/original/{asked.ordinal}.jpg",
        "output_key": f"{folder}/output/{asked.ordinal}.jpg",
        "bytes_in": 100,
        "bytes_out": 40,
        "format": "jpeg",
    }


@dataclass(slots=True)
class Receivers:
    """All receivers. The notifier's poster, and the record of what they got."""

    chance: random.Random
    are_down: bool = False
    are_calm: bool = False
    got: dict[UUID, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    accepted: set[UUID] = field(default_factory=set)

    async def post(self, post: Post) -> Attempt:
        webhook_id = UUID(post.headers[ID_HEADER])
        self.got[webhook_id].append(post.body)
        if self.are_down:
            return silent(NetCode.CONNECT_FAILED)
        if not self.are_calm and self.chance.random() < 0.3:
            return answered(503, None, BEGINNING)
        self.accepted.add(webhook_id)
        return answered(200, None, BEGINNING)
