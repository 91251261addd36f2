"""Many listeners to one server-sent stream, in a process of their own: says when each saw how much done."""

import asyncio
import json
import re
import sys
import time
from urllib.parse import urlsplit

_DONE = re.compile(rb'"done":(\d+)')


def main(url: str, listeners: int) -> None:
    seen = asyncio.run(_listen(url, listeners))
    json.dump(seen, sys.stdout)


async def _listen(url: str, listeners: int) -> list[list[tuple[float, int]]]:
    """For each listener: moments of the machine's monotonic clock, and how many images were done by then."""
    tasks = [asyncio.create_task(_one(url)) for _ in range(listeners)]
    return await asyncio.gather(*tasks)


async def _one(url: str) -> list[tuple[float, int]]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    seen: list[tuple[float, int]] = []
    async for line in reader:
        now = time.monotonic()
        if line.startswith(b"data:") and (match := _DONE.search(line)):
            seen.append((now, int(match[1])))
    writer.close()
    return seen


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
