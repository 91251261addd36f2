"""A decoder child: compresses one image after another within its limits, and dies with its parent.

Started by the pool as `python -m services.processor.decoders.child SOCKET PARENT MEMORY_BYTES CPU_SECONDS`.
It has no secrets in its environment and no way out but the socket.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Final

from services.processor.codec.compress import compress
from services.processor.decoders.wire import READY, REQUEST, Assignment, packed_verdict

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CODEC_RAISED: Final = 3  # our exit status where an image was too much for the codec: MemoryError, mostly


def main(descriptor: int, parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=descriptor) as service:
        service.setblocking(True)
        service.sendall(READY)
        while header := _received(service, REQUEST.size):
            _limit_cpu(cpu_seconds)
            assignment = Assignment.unpacked(header)
            service.sendall(_verdict(assignment, _received(service, assignment.body_bytes)))


def _verdict(assignment: Assignment, body: bytes) -> bytes:
    try:
        verdict = compress(body, assignment.quality, assignment.wanted, assignment.max_pixels)
        return packed_verdict(verdict, _memory_bytes())
    except Exception:  # noqa: BLE001 - a child that goes on might harm the next image
        os._exit(
            CODEC_RAISED
        )  # at once: were the socket closed before, the parent would kill us, and not know why


def _die_with(parent: int) -> None:
    """Signals to the group are the parent's business: it drains first, and the end of the socket ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked to be told
        raise SystemExit(0)


def _limit_cpu(seconds: int) -> None:
    """For the next image: what was used so far does not count."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))


def _memory_bytes() -> int:
    """What is resident now. ru_maxrss would begin with the parent's own peak."""
    if sys.platform != "linux":
        return 0
    with Path("/proc/self/statm").open("rb") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def _received(service: socket.socket, size: int) -> bytes:
    """Exactly so many bytes, or none when the parent has hung up."""
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = service.recv_into(view)
        if count == 0:
            return b""
        view = view[count:]
    return bytes(data)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
