"""A decoder child: compresses one image after another within its limits, and dies with its parent.

Started by the pool as `python -m services.processor.decoders.child SOCKET PARENT MEMORY_BYTES CPU_SECONDS`.
It has no secrets in its environment. Where the kernel has the means (`confinement.py`) it reads no file
but the code, changes none, opens no socket, starts no process and reaches into no other.
"""

import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from services.processor.decoders.confinement import confine
from services.processor.decoders.ends import ExitStatus
from services.processor.decoders.system_calls import libc
from services.processor.decoders.wire import READY, REQUEST, Assignment, packed_verdict
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat

PR_SET_PDEATHSIG = 1
MOST_OPEN_FILES = 64
Compress = Callable[[bytes, int, PictureFormat | None, int], Compressed | Failure]


def main(descriptor: int, parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    _die_with(parent)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    resident_bytes = _resident_bytes()
    confine()
    from services.processor.codec.compress import compress  # noqa: PLC0415 - its threads, too, shall be confined

    # A service that hangs up meanwhile has ended, and its log needs no word of it.
    with socket.socket(fileno=descriptor) as service, suppress(BrokenPipeError, ConnectionResetError):
        service.setblocking(True)
        service.sendall(READY)
        while header := _received(service, REQUEST.size):
            _limit_cpu(cpu_seconds)
            assignment = Assignment.unpacked(header)
            body = _received(service, assignment.body_bytes)
            service.sendall(_verdict(compress, assignment, body, resident_bytes))


def _limit(what: int, most: int) -> None:
    """Or to less, where the service itself was given less (`ulimit`): nobody may raise that."""
    _, given = resource.getrlimit(what)
    least = most if given == resource.RLIM_INFINITY else min(most, given)
    resource.setrlimit(what, (least, least))


def _verdict(
    compress: Compress, assignment: Assignment, body: bytes, resident_bytes: Callable[[], int]
) -> bytes:
    try:
        verdict = compress(body, assignment.quality, assignment.wanted, assignment.max_pixels)
        return packed_verdict(verdict, resident_bytes())
    except ImportError:  # some libraries come with the first picture that needs them
        os._exit(ExitStatus.LACKS_LIBRARY)
    except Exception:  # noqa: BLE001 - a child that goes on might harm the next image
        # At once: were the socket closed before, the parent would kill us, and not know why.
        os._exit(ExitStatus.CODEC_RAISED)


def _die_with(parent: int) -> None:
    """Signals to the group are the parent's business: it drains first, and the end of the socket ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        raise SystemExit(0)


def _limit_cpu(seconds: int) -> None:
    """For the next image: what was used so far does not count."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))


def _resident_bytes() -> Callable[[], int]:
    """Tells what is resident, when no file is opened any more. ru_maxrss begins with the parent's peak."""
    if sys.platform != "linux":
        return lambda: 0
    statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    return lambda: int(os.pread(statm, 100, 0).split()[1]) * resource.getpagesize()


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
    os._exit(0)  # nothing is left to put away, and the interpreter takes its time for that
