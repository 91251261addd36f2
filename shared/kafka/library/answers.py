"""Hands an answer to whoever waits for it as soon as it has come. The library has a task read it, for which
the event loop turns once more, and makes a timer for every question.

The library has no setting for it, so this file puts its own calls in the place of the library's.
"""

import asyncio
import math
import struct
from collections import deque
from typing import Any
from weakref import ref

from aiokafka import conn
from aiokafka.conn import AIOKafkaConnection

SIZE = struct.Struct(">i")  # before each answer

Answer = asyncio.Future[Any]

_create_reader_task = AIOKafkaConnection._create_reader_task  # noqa: SLF001 - no other way


def take_answers_as_they_come() -> None:
    """From now on, of all connections that are made in this process."""
    AIOKafkaConnection._create_reader_task = _read_at_once  # noqa: SLF001 - as above
    conn.wait_for = _waited_for


def _read_at_once(connection: AIOKafkaConnection) -> asyncio.Task[None]:
    """The library's task waits in vain for bytes, and hears of the end of the connection as ever."""
    reading: asyncio.Task[None] = _create_reader_task(connection)
    connection._reader.feed_data = _Answers(connection).take  # noqa: SLF001 - as above
    return reading


class _Answers:
    """What comes by one connection."""

    def __init__(self, connection: AIOKafkaConnection) -> None:
        self._connection = ref(connection)  # one that nobody holds any more is closed by its end
        self._begun = bytearray()

    def take(self, data: bytes) -> None:
        connection = self._connection()
        reader = connection and connection._reader  # noqa: SLF001 - as above
        if reader is None:  # closed
            return
        self._begun += data
        try:
            self._hand_over_whole_ones(connection)
        except Exception as error:  # noqa: BLE001 - the library's task fails of it, which closes the connection
            reader.set_exception(error)

    def _hand_over_whole_ones(self, connection: AIOKafkaConnection) -> None:
        begin = 0
        try:
            while (begin_of_answer := begin + SIZE.size) <= len(self._begun):
                end = begin_of_answer + SIZE.unpack_from(self._begun, begin)[0]
                if end > len(self._begun):
                    break
                answer, begin = bytes(self._begun[begin_of_answer:end]), end
                connection._handle_frame(answer)  # noqa: SLF001 - as above
        finally:
            del self._begun[:begin]


def _waited_for(answer: Answer, seconds: float) -> Answer:
    _questions_of(answer.get_loop()).wait(answer, seconds)
    return answer


class _Questions:
    """What is out, by all connections of a loop, and one timer for what is out for too long."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._out: deque[tuple[float, ref[Answer]]] = deque()
        self._timer: asyncio.Handle | None = None
        self._rings_at = math.inf

    def wait(self, answer: Answer, seconds: float) -> None:
        while self._out and _is_over(self._out[0][1]()):
            self._out.popleft()
        due = self._loop.time() + seconds
        self._out.append((due, ref(answer)))
        if due < self._rings_at:
            self._ring_at(due)

    def _ring_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = self._loop.call_at(due, self._ring), due

    def _ring(self) -> None:
        now = max(self._loop.time(), self._rings_at)  # a loop may ring a little before
        self._timer, self._rings_at = None, math.inf
        for due, waiting in self._out:
            answer = waiting()
            if due <= now and answer is not None and not answer.done():
                answer.set_exception(TimeoutError())
        self._out = deque(each for each in self._out if not _is_over(each[1]()))
        if self._out:
            self._ring_at(min(due for due, _ in self._out))


def _is_over(answer: Answer | None) -> bool:
    return answer is None or answer.done()


_questions: dict[asyncio.AbstractEventLoop, _Questions] = {}


def _questions_of(loop: asyncio.AbstractEventLoop) -> _Questions:
    """A process of ours has one loop, one of tests a loop after the other."""
    if loop not in _questions:
        for ended in [each for each in _questions if each.is_closed()]:
            del _questions[ended]
        _questions[loop] = _Questions(loop)
    return _questions[loop]
