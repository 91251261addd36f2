"""`python -m bench.image_host FOLDER`: serves the folder's JPEGs from memory over HTTP/1.1, on a free port
that it prints. `/NAME?anything` is NAME, so one file can stand for many URLs.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

import uvloop

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Host(asyncio.Protocol):
    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].partition(b"?")[0]
            self._transport.write(self._answers.get(name, MISSING))


def answers_from(folder: Path) -> dict[bytes, bytes]:
    files = {file.name: file.read_bytes() for file in folder.glob("*.jpg")}
    return {f"/{name}".encode(): HEAD.format(len(data)).encode() + data for name, data in files.items()}


async def main(answers: dict[bytes, bytes]) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Host(answers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(answers_from(Path(sys.argv[1]))))
