"""image.done: a batch of results in one transaction, and what a dead letter of that topic means."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from services.status.images.rules import result_of
from services.status.images.settling.gathering import Gathering
from services.status.images.settling.settle import Settled, settle
from services.status.images.settling.writing import Answers
from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import transaction
from services.status.rendering.links import Links
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone, ImageOutcome, StageTimes

PLACES_SECONDS = 0.05  # until the places that results have freed are given away, with those of other batches


@dataclass(slots=True)
class ImageResults:
    pool: asyncpg.Pool
    wakes: Wakes
    links: Links
    gathering: Gathering
    rest_seconds: Callable[[], float]  # after a look, which brings all that comes until the next one
    _under_way: int = 0  # batches of one look, or of a few

    async def handle_batch(self, messages: Sequence[Incoming[ImageDone]]) -> Sequence[Outgoing]:
        results = [result_of(message.event) for message in messages]
        self._under_way += 1
        try:
            async with transaction(self.pool) as connection:
                settled = await settle(connection, results, self.links, _answers(messages))
        finally:
            self._under_way -= 1
        came = Counter(result.request_id for result in results)
        for each in settled.requests:
            self.gathering.learn(each.id, in_flight=each.in_flight, came=came[each.id], left=each.images)
        self._wake(settled)
        return ()

    async def report_dead(self, message: Incoming[ImageDone]) -> Sequence[Outgoing]:
        """A result that cannot be written ends its image as failed: the request does not wait for it."""
        failure = ImageDone(
            **message.event.attempt_names(), outcome=ImageOutcome.FAILED, code=FailureCode.INTERNAL
        )
        async with transaction(self.pool) as connection:
            settled = await settle(connection, [result_of(failure)], self.links)
        self._wake(settled)
        return ()

    def _wake(self, settled: Settled) -> None:
        """The dispatcher only here: in another process it looks for free places while requests are open."""
        if self.rest_seconds() >= PLACES_SECONDS and not self._under_way:
            self.wakes.dispatcher.set()
        else:
            self.wakes.dispatcher.set_within(PLACES_SECONDS)
        if works := settled.calls():
            self.wakes.call(*works)


def _answers(messages: Sequence[Incoming[ImageDone]]) -> Answers:
    work_ms = sum(_work_ms(message.event.times) for message in messages)
    return Answers(messages[0].partition, len(messages), work_ms / 1000)


def _work_ms(times: StageTimes) -> float:
    """Without the wait for a decoder: a window that counted it would grow with the queue it makes."""
    return max(times.total_ms - times.queue_ms, 0.0)
