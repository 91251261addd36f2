"""Runs a flow against a script of answers: what it asked for, without any network."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pixmill.errors import UnreachableError
from pixmill.flows.calling import PROBLEM_BEGINS
from pixmill.flows.effects import Answer, Effect, Emit, Flow, Now, Open, Pause, Read, Send

JSON = {"content-type": "application/json"}


class Script:
    """`answers` are given to Send, Open and Read in their order; an exception is raised in the flow. What
    Open is given in JSON is read from there.

    Time stands still but for pauses, and for reads of so many seconds.
    """

    def __init__(
        self, answers: Iterable[Answer | bytes | UnreachableError], seconds_of_a_read: float = 0
    ) -> None:
        self._answers = list(answers)
        self._unread: list[bytes] = []  # of the answer that is open
        self._seconds_of_a_read, self._reads = seconds_of_a_read, 0
        self.asked: list[Send | Open] = []
        self.pauses: list[float] = []
        self.emitted: list[Any] = []

    def run(self, flow: Flow[Any]) -> Any:
        result: Any = None
        error: UnreachableError | None = None
        try:
            while True:
                effect = flow.throw(error) if error else flow.send(result)
                result, error = self._done(effect), None
                if isinstance(result, UnreachableError):
                    result, error = None, result
        except StopIteration as end:
            return end.value

    def _done(self, effect: Effect) -> Any:
        match effect:
            case Send():
                self.asked.append(effect)
                return self._answers.pop(0)
            case Open():
                self.asked.append(effect)
                return self._opened(self._answers.pop(0))
            case Read():
                self._reads += 1
                return (self._unread or self._answers).pop(0)
            case Pause(seconds):
                self.pauses.append(seconds)
            case Emit(value):
                self.emitted.append(value)
            case Now():
                return self.seconds
        return None

    @property
    def seconds(self) -> float:
        return sum(self.pauses) + self._reads * self._seconds_of_a_read

    def _opened(self, told: Answer | bytes | UnreachableError) -> Any:
        self._unread = []
        if isinstance(told, Answer) and told.headers.get("content-type") == JSON["content-type"]:
            self._unread = [told.body, b""] if told.body else [b""]
            return told if told.status >= PROBLEM_BEGINS else replace(told, body=b"")
        return told


def answer(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    return Answer(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, body)
