"""Passes over a broker that does not answer, for a while and as long as another is known. The library goes on
asking one that hangs, whenever its turn comes by chance or it is still named as a leader, and waits out its
time-out each time; meanwhile it opens no connection to the others.

The library has no setting for it, so this file puts its own calls around the library's.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest

from shared.observing.loop_lag import LOOP_LAG

CONNECT_SECONDS = 4.0  # for a connection and its first answer, where others are known
PASSED_OVER_SECONDS = 10.0  # about as long as the others take to choose another leader
OURS_SECONDS = 0.5  # of standing still ourselves: an answer may have come meanwhile

Address = tuple[str, int]

_silent_until: dict[Address, float] = {}  # what one client of a process finds out, its others need not


def pass_over_silent_brokers(client: AIOKafkaClient) -> None:
    """From now on, in this client."""
    calls = _Calls(client, connect=client._get_conn, send=client.send)  # noqa: SLF001 - no other way
    client._get_conn, client.send = calls.connected, calls.answered  # noqa: SLF001 - as above


@dataclass(frozen=True, slots=True)
class _Calls:
    client: AIOKafkaClient
    connect: Callable[..., Awaitable[Any]]
    send: Callable[..., Awaitable[Any]]
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)  # one at a time, as in the library

    async def connected(self, broker: Any, *, group: Any = ConnectionGroup.DEFAULT, **options: Any) -> Any:
        """None is the library's own word for a broker that cannot be reached now."""
        if self._is_passed_over(broker):
            self.client.force_metadata_update()  # as the library does then: another may lead by now
            return None
        if self._has_connection(broker, group) or not self._knows_another_than(broker):
            return await self.connect(broker, group=group, **options)
        return await self._connect_in_time(broker, group=group, **options)

    async def _connect_in_time(self, broker: Any, **options: Any) -> Any:
        async with self._connecting:  # whose turn comes late is not silent
            if not self._is_passed_over(broker):  # as whoever had the turn before may have found out
                late_before = LOOP_LAG.late_seconds()
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        return await self.connect(broker, **options)
                except TimeoutError:
                    if _was_ours(late_before):
                        return await self.connect(broker, **options)  # for as long as the library waits
                    self._note(broker)
        return await self.connected(broker, **options)

    async def answered(self, broker: Any, request: Any, **options: Any) -> Any:
        late_before = LOOP_LAG.late_seconds()
        try:
            return await self.send(broker, request, **options)
        except RequestTimedOutError:
            # Publications and commits wait for other brokers, too.
            if isinstance(request, FetchRequest) and not _was_ours(late_before):
                self._note(broker)
            raise

    def _note(self, broker: Any) -> None:
        for address in self._addresses(broker):
            _silent_until[address] = time.monotonic() + PASSED_OVER_SECONDS

    def _has_connection(self, broker: Any, group: Any) -> bool:
        connection = self.client._conns.get((broker, group))  # noqa: SLF001 - as above
        return connection is not None and connection.connected()

    def _is_passed_over(self, broker: Any) -> bool:
        return self._is_silent(broker) and self._knows_another_than(broker)

    def _knows_another_than(self, broker: Any) -> bool:
        others = (each.nodeId for each in self.client.cluster.brokers() if each.nodeId != broker)
        return not all(self._is_silent(each) for each in others)

    def _is_silent(self, broker: Any) -> bool:
        now = time.monotonic()
        return any(now < _silent_until.get(address, 0.0) for address in self._addresses(broker))

    def _addresses(self, broker: Any) -> Iterator[Address]:
        """One, or none of a broker that the client does not know any more."""
        found = self.client.cluster.broker_metadata(broker)
        if found is not None:
            yield found.host, found.port


def _was_ours(late_before: float) -> bool:
    """The time that was waited in vain since that reading of the loop's lag."""
    return LOOP_LAG.late_seconds() - late_before >= OURS_SECONDS
