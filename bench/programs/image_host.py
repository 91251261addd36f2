"""`python -m bench.programs.image_host FOLDER DELAY_SECONDS PER_SECOND`: serves the folder's images from
memory over HTTP/1.1, on a free port that it prints, until its standard input ends. `/NAME?anything` is NAME,
so one file stands for many URLs. No more than so many answers a second go out; 0: as many as are asked for.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvloop

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"
CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
END_OF_HEAD = b"\r\n\r\n"


async def main(answers: Mapping[bytes, bytes], pace: "Pace") -> None:
    loop = asyncio.get_running_loop()
    orphaned = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), orphaned.set)
    server = await loop.create_server(lambda: Connection(answers, pace), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await orphaned.wait()


@dataclass(slots=True)
class Pace:
    """How long an answer waits: the delay, as if the host were far away, and its turn among all answers."""

    delay_seconds: float
    per_second: float
    _next_at: float = 0.0

    def wait_seconds(self, now: float) -> float:
        if self.per_second == 0:
            return self.delay_seconds
        turn = max(self._next_at, now)
        self._next_at = turn + 1 / self.per_second
        return self.delay_seconds + turn - now


class Connection(asyncio.Protocol):
    def __init__(self, answers: Mapping[bytes, bytes], pace: Pace) -> None:
        self._answers = answers
        self._pace = pace
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        names, self._received = requested_names(self._received + data)
        for name in names:
            answer = self._answers.get(name, MISSING)
            loop = asyncio.get_running_loop()
            if wait_seconds := self._pace.wait_seconds(loop.time()):
                loop.call_later(wait_seconds, self._transport.write, answer)
            else:
                self._transport.write(answer)


def requested_names(received: bytes) -> tuple[list[bytes], bytes]:
    """The path of every complete request without its query, and what is left for the next time."""
    *heads, rest = received.split(END_OF_HEAD)
    return [head.split(b" ", 2)[1].partition(b"?")[0] for head in heads], rest


def answers_from(folder: Path) -> dict[bytes, bytes]:
    return dict(_answer(file) for file in folder.iterdir() if file.suffix in CONTENT_TYPES)


def _answer(file: Path) -> tuple[bytes, bytes]:
    data = file.read_bytes()
    return f"/{file.name}".encode(), HEAD.format(CONTENT_TYPES[file.suffix], len(data)).encode() + data


if __name__ == "__main__":
    uvloop.run(main(answers_from(Path(sys.argv[1])), Pace(float(sys.argv[2]), float(sys.argv[3]))))
