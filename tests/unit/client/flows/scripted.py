"""Runs a flow against a script of answers: what it asked for, without any network."""

from collections.abc import Iterable
from typing import Any

from pixmill.errors import UnreachableError
from pixmill.flows.effects import Answer, Effect, Emit, Flow, Now, Open, Pause, Read, Send

JSON = {"content-type": "application/json"}


class Script:
    """`answers` are given to Send, Open and Read in their order; an exception is raised in the flow.

    Time stands still but for pauses.
    """

    def __init__(self, answers: Iterable[Answer | bytes | UnreachableError]) -> None:
        self._answers = list(answers)
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
            case Send() | Open():
                self.asked.append(effect)
                return self._answers.pop(0)
            case Read():
                return self._answers.pop(0)
            case Pause(seconds):
                self.pauses.append(seconds)
            case Emit(value):
                self.emitted.append(value)
            case Now():
                return sum(self.pauses)
        return None


def answer(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    return Answer(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, body)
