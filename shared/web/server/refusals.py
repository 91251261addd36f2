"""The answers to what is no call that an application could be asked. Each ends its connection."""

from dataclasses import replace
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from shared.web.problems import Problem, invalid_request

_CLOSE = {"Connection": "close"}


class Refusal:
    """Written where there is no call, and given as an application where there is one."""

    def __init__(self, problem: Problem) -> None:
        self._answer = replace(problem, headers=_CLOSE).response()
        phrase = HTTPStatus(problem.status).phrase.encode()
        head = (b"HTTP/1.1 %d %s" % (problem.status, phrase), *map(b": ".join, self._answer.raw_headers))
        self.written = b"\r\n".join((*head, b"", bytes(self._answer.body)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send)


def long_head(max_bytes: int) -> Refusal:
    problem = Problem(
        431,
        "too-large",
        "Request Header Fields Too Large",
        f"The limit on the head of a call, its address and headers, is {max_bytes:,} bytes.",
        extensions={"limit": "head size", "maximum": max_bytes},
    )
    return Refusal(problem)


NO_HTTP = Refusal(invalid_request("The call is no HTTP that can be read."))
