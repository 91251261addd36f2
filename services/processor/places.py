"""Decides which images may begin. While much waits for a decoder, each request has only a few images at work,
so that small ones of another request find a place however many large ones came before. It knows no image.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

LITTLE_SECONDS = 1.0  # of decoding, which a request may have at work whatever waits

FewEach = Callable[[], int | None]  # how many images of a request may begin unweighed now; None: any number


@dataclass(slots=True)
class _Share:
    """What one request has at work."""

    places: set["Place"] = field(default_factory=set)
    usual_seconds: float | None = None  # as the last image that was weighed

    def has_room(self, few: int) -> bool:
        if len(self.places) < few:
            return True
        usual = self.usual_seconds
        if usual is None:
            return False
        return (
            sum(usual if place.seconds is None else place.seconds for place in self.places) <= LITTLE_SECONDS
        )


@dataclass(slots=True, eq=False)
class Place:
    """Of one image that has begun."""

    request_id: UUID
    _share: _Share
    _look: Callable[[], None]
    seconds: float | None = None

    def weigh(self, seconds: float) -> None:
        """What its decoding is expected to take; known once it is fetched."""
        self.seconds = self._share.usual_seconds = seconds
        self._look()


class Places:
    """At most `most` images at work."""

    def __init__(self, most: int, few_each: FewEach) -> None:
        self._most = most
        self._few_each = few_each
        self._loop = asyncio.get_running_loop()
        self._taken = 0
        self._shares: dict[UUID, _Share] = {}  # of those that have something at work
        self._waiting: dict[asyncio.Future[Place], UUID] = {}  # in the order in which they came

    @asynccontextmanager
    async def place(self, request_id: UUID) -> AsyncIterator[Place]:
        """For an image of this request, when it may begin."""
        place = await self._wait(request_id)
        try:
            yield place
        finally:
            self._leave(place)

    async def _wait(self, request_id: UUID) -> Place:
        given: asyncio.Future[Place] = self._loop.create_future()
        self._waiting[given] = request_id
        self._look()
        try:
            return await given
        except asyncio.CancelledError:
            if self._waiting.pop(given, None) is None:  # given in the same moment
                self._leave(given.result())
            raise

    def _look(self) -> None:
        """Lets begin who may. Nobody is overtaken by another image of the same request."""
        for given, request_id in list(self._waiting.items()):
            if self._taken >= self._most:
                return
            if not given.cancelled() and self._may_begin(request_id):
                del self._waiting[given]
                given.set_result(self._take(request_id))

    def _may_begin(self, request_id: UUID) -> bool:
        share = self._shares.get(request_id)
        if share is None:
            return True
        few = self._few_each()
        if few is not None:
            return share.has_room(few)
        # Nobody knows yet what it brings: it may be large, or its host may never answer.
        return share.usual_seconds is not None or len(share.places) < self._most // 2

    def _take(self, request_id: UUID) -> Place:
        share = self._shares.setdefault(request_id, _Share())
        place = Place(request_id, share, self._look)
        share.places.add(place)
        self._taken += 1
        return place

    def _leave(self, place: Place) -> None:
        self._taken -= 1
        share = self._shares[place.request_id]
        share.places.remove(place)
        if not share.places:
            del self._shares[place.request_id]
        self._look()
