"""Gives up a member's static name (its instance id) that another process has too. The broker gives the name
to whoever came last and forgets the other one; the library does not know why, and takes the name back at
once, as the other one then does, for ever.

The library has no setting for it, so this file puts its own call around the library's.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import UnknownMemberIdError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.protocol.group import HeartbeatRequest, JoinGroupRequest, SyncGroupRequest

OF_A_MEMBER = (JoinGroupRequest, SyncGroupRequest, HeartbeatRequest, OffsetCommitRequest)
NO_ERROR = 0
UNKNOWN_MEMBER = UnknownMemberIdError.errno
FENCED_INSTANCE_ID = 82  # the library has no name for it


def give_up_taken_name(client: AIOKafkaConsumer, session_seconds: float, told: Callable[[], None]) -> None:
    """From now on, of this client, which has started as a member of a group. `told` hears when it does so."""
    coordinator = client._coordinator  # noqa: SLF001 - no other way
    answers = _Answers(coordinator, coordinator._send_req, session_seconds, told)  # noqa: SLF001 - as above
    coordinator._send_req = answers.answered  # noqa: SLF001 - as above


@dataclass(slots=True)
class _Answers:
    coordinator: Any
    send: Callable[[Any], Awaitable[Any]]
    session_seconds: float
    told: Callable[[], None]
    _known_at: float = float("-inf")  # when we asked what the broker then answered as a member's question

    async def answered(self, request: Any) -> Any:
        asked_at = time.monotonic()
        answer = await self.send(request)
        if isinstance(request, OF_A_MEMBER):
            errors = _errors(answer)
            if self._has_name() and self._is_taken(errors):
                self.coordinator._group_instance_id = None  # noqa: SLF001 - as above
                self.told()
            if errors == {NO_ERROR}:
                self._known_at = asked_at
        return answer

    def _has_name(self) -> bool:
        return self.coordinator._group_instance_id is not None  # noqa: SLF001 - as above

    def _is_taken(self, errors: set[int]) -> bool:
        """While its session lasts, a member with a name is forgotten for another of that name alone."""
        is_in_session = time.monotonic() - self._known_at < self.session_seconds
        return FENCED_INSTANCE_ID in errors or (UNKNOWN_MEMBER in errors and is_in_session)


def _errors(answer: Any) -> set[int]:
    """A commit's answer has one for each partition."""
    if hasattr(answer, "error_code"):
        return {answer.error_code}
    return {error for _, partitions in answer.topics for *_, error in partitions}
