"""Requests between the dispatcher and one processor, simulated over the services' own rules: who is asked
for, which images begin, and whose turn it is at the decoder. It runs in a loop whose clock jumps.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from services.processor.decoders.turns import Turns
from services.processor.handler import ATTEMPT_SECONDS
from services.processor.places import Places
from services.status.images.dispatching.dispatch_memory import DispatchMemory, OpenRequest
from services.status.images.hosts.host_places import Asked, Heard
from services.status.images.window import TAKE_BY_SECONDS
from shared.contract.events import Priority

PASS_SECONDS = 0.05  # of the dispatcher
WAY_SECONDS = 0.05  # of a message, there or back
FETCH_SECONDS, STORE_SECONDS = 0.05, 0.01
IMAGES_AT_WORK, MESSAGES_TAKEN = 64, 128
SMALL_PIXELS = 4_000_000
BATCH_IMAGES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Of all images of a request."""

    pixels: int
    decode_seconds: float


@dataclass(slots=True, kw_only=True)
class Simulated:
    """A request, and what became of its images."""

    number: int
    tenant: str
    kind: Kind
    images: int
    next_ordinal: int = 0
    due: list[int] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    asked_at: dict[int, float] = field(default_factory=dict)  # of what is in flight
    done: set[int] = field(default_factory=set)
    turns: int = 0  # at the decoder, begun
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> UUID:
        return UUID(int=self.number)

    def row(self, now: float, overdue_seconds: float) -> OpenRequest:
        """As `find_candidates` has it."""
        return OpenRequest(
            id=self.id,
            tenant=self.tenant,
            priority=Priority.NORMAL,
            in_flight=len(self.asked_at),
            overdue=sum(now - asked_at > overdue_seconds for asked_at in self.asked_at.values()),
            ended=len(self.done),
            fresh=self.images - self.next_ordinal,
            due=len(self.due),
        )

    def fresh(self) -> int:
        self.next_ordinal += 1
        return self.next_ordinal - 1


@dataclass(slots=True)
class OneDecoder:
    """Made by `one_decoder`."""

    tasks: asyncio.TaskGroup
    memory: DispatchMemory = field(default_factory=DispatchMemory)
    requests: dict[UUID, Simulated] = field(default_factory=dict)
    turns: Turns[int] = field(init=False)
    places: Places = field(init=False)
    _taken: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MESSAGES_TAKEN))
    _answers: Counter[str] = field(default_factory=Counter)
    _seconds: dict[str, float] = field(default_factory=lambda: {"work_seconds": 0.0, "out_seconds": 0.0})

    def __post_init__(self) -> None:
        self.turns = Turns(range(1), pixels=10**9, small_pixels=SMALL_PIXELS, clock=_now)
        self.places = Places(IMAGES_AT_WORK, self.turns.few_each)

    def begin(self, kind: Kind, images: int, tenant: str) -> Simulated:
        request = Simulated(number=len(self.requests) + 1, tenant=tenant, kind=kind, images=images)
        self.requests[request.id] = request
        return request

    async def dispatch(self) -> None:
        """For ever."""
        while True:
            self._pass(_now())
            await asyncio.sleep(PASS_SECONDS)

    def _pass(self, now: float) -> None:
        memory, requests = self.memory, self.requests.values()
        counted = {"images": self._answers["images"], "succeeded": self._answers["succeeded"]}
        memory.hear_answers({**counted, **self._seconds, "now": now})
        memory.hosts.hear([self._heard(*asked) for asked in memory.hosts.out()])
        left = Counter[str]()
        for each in requests:
            left[each.tenant] += each.images - len(each.done)
        memory.weigh_tenants(left)
        overdue_seconds = TAKE_BY_SECONDS - memory.hanging_seconds_left()
        rows = [each.row(now, overdue_seconds) for each in requests if not each.ended.is_set()]
        memory.see_requests(rows, now)
        for request_id, grant in memory.grant(rows, BATCH_IMAGES, now).items():
            each = self.requests[request_id]
            ordinals = [each.fresh() for _ in range(grant.fresh)] + [
                each.due.pop(0) for _ in range(grant.due)
            ]
            for ordinal in ordinals:
                self._ask(each, ordinal, now)

    def _heard(self, request_id: UUID, ordinal: int, attempt: int) -> Heard:
        each = self.requests[request_id]
        is_out = ordinal in each.asked_at and each.attempts[ordinal] == attempt
        return Heard(Asked(request_id, ordinal, attempt), is_out, ordinal in each.done)

    def _ask(self, each: Simulated, ordinal: int, now: float) -> None:
        asked = Asked(each.id, ordinal, each.attempts[ordinal] + 1)
        if self.memory.hosts.take(f"https://{each.number}/", asked, now) is not None:
            each.due.append(ordinal)
            return
        each.attempts[ordinal] += 1
        each.asked_at[ordinal] = now
        self.tasks.create_task(self._attempt(each, ordinal))

    async def _attempt(self, each: Simulated, ordinal: int) -> None:
        await asyncio.sleep(WAY_SECONDS)
        async with self._taken:
            is_done = await self._is_processed(each)
        await asyncio.sleep(WAY_SECONDS)
        out_seconds = _now() - each.asked_at.pop(ordinal)
        self._answers["images"] += 1
        if not is_done:
            each.due.append(ordinal)
            return
        each.done.add(ordinal)
        self._answers["succeeded"] += 1
        self._seconds["work_seconds"] += FETCH_SECONDS + STORE_SECONDS + each.kind.decode_seconds
        self._seconds["out_seconds"] += out_seconds
        if len(each.done) == each.images:
            each.ended.set()

    async def _is_processed(self, each: Simulated) -> bool:
        """Or given back, as the handler does it."""
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS), self.places.place(each.id) as place:
                await asyncio.sleep(FETCH_SECONDS)
                place.weigh(self.turns.seconds_of(each.kind.pixels))
                await asyncio.sleep(STORE_SECONDS)
                async with self.turns.turn(each.kind.pixels):
                    each.turns += 1
                    await asyncio.sleep(each.kind.decode_seconds)
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def one_decoder() -> AsyncIterator[OneDecoder]:
    async with asyncio.TaskGroup() as tasks:
        world = OneDecoder(tasks)
        tasks.create_task(world.dispatch())
        yield world
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
