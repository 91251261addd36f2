"""What a decoder child can do to others where the kernel confines it: nothing, and it reads every picture."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.decoders.confinement import ROOT, Means, missing_means
from services.processor.decoders.limits import DecoderLimits
from services.processor.decoders.pool import open_pool
from services.processor.verdicts import Compressed
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import cmyk_jpeg, jpeg, moving, photo, saved, swapped_profile
from tests.worlds.processes.decoder_children import children, compressed

needs_files_closed = pytest.mark.skipif(Means.FILES in missing_means(), reason="no Landlock in this kernel")
needs_calls_refused = pytest.mark.skipif(Means.CALLS in missing_means(), reason="no seccomp in this kernel")

# Each line is tried after `confine()`; what it raises is told.
TRIALS = """
import ctypes, json, os, resource, signal, socket, sys, threading
from services.processor.decoders.confinement import confine
here, parent, trials = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
mine = open(f"{here}/mine.txt")
confine()
told = {}
for trial in trials:
    try:
        exec(trial)
        told[trial] = None
    except OSError as error:
        told[trial] = error.errno
print(json.dumps(told), flush=True)
"""
LIBC = "ctypes.CDLL(None, use_errno=True)"
READING = (
    "open(f'{here}/secret.txt')",
    "open('/etc/passwd')",
    "open(f'/proc/{parent}/environ', 'rb')",
    "open('/proc/self/environ', 'rb')",
    "os.listdir(here)",
    "os.listdir('/')",
)
DOING = (
    "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
    "socket.socketpair()",
    "open(f'{here}/new.txt', 'w')",
    "open(f'{here}/mine.txt', 'r+')",
    "open(f'{here}/mine.txt', 'a')",
    "os.truncate(f'{here}/mine.txt', 0)",
    "os.ftruncate(mine.fileno(), 0)",
    "os.fchmod(mine.fileno(), 0)",
    "os.chmod(f'{here}/mine.txt', 0)",
    "os.utime(f'{here}/mine.txt')",
    "os.setxattr(f'{here}/mine.txt', 'user.a', b'1')",
    "os.unlink(f'{here}/mine.txt')",
    "os.rename(f'{here}/mine.txt', f'{here}/yours.txt')",
    "os.mkdir(f'{here}/folder')",
    "os.symlink('/etc', f'{here}/link')",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill(parent, 0)",
    "os.kill(-1, 0)",
    "os.pidfd_open(parent)",
    "resource.prlimit(parent, resource.RLIMIT_NOFILE)",
    f"libc = {LIBC}; assert libc.ptrace(16, parent, 0, 0) < 0; raise OSError(ctypes.get_errno(), '')",
    f"libc = {LIBC}; assert libc.syscall(425, 1, 0) < 0; raise OSError(ctypes.get_errno(), '')",
    f"libc = {LIBC}; assert libc.unshare(0x10000000) < 0; raise OSError(ctypes.get_errno(), '')",
)
ALLOWED = (
    f"open({Image.__file__!r}).read(1)",
    "assert mine.read() == 'mine'",
    "thread = threading.Thread(target=sum, args=([1],)); thread.start(); thread.join()",
    "os.kill(os.getpid(), 0)",
    "resource.setrlimit(resource.RLIMIT_CPU, (1000, resource.RLIM_INFINITY))",
)


def tried(folder: Path, trials: tuple[str, ...]) -> Mapping[str, int | None]:
    (folder / "secret.txt").write_text("secret")
    (folder / "mine.txt").write_text("mine")
    arguments = [sys.executable, "-c", TRIALS, str(folder), str(os.getpid()), json.dumps(trials)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: Mapping[str, int | None] = json.loads(done.stdout)
    return told


def allowed(told: Mapping[str, int | None]) -> list[str]:
    return [trial for trial, refused in told.items() if refused is None]


@needs_files_closed
def test_a_confined_process_reads_no_file_but_the_code(tmp_path: Path) -> None:
    """R20"""
    assert allowed(tried(tmp_path, READING)) == []


@needs_calls_refused
def test_a_confined_process_opens_no_socket_changes_no_file_and_reaches_no_other(tmp_path: Path) -> None:
    """R20"""
    assert allowed(tried(tmp_path, DOING)) == []
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_what_the_codec_needs_is_allowed(tmp_path: Path) -> None:
    assert allowed(tried(tmp_path, ALLOWED)) == list(ALLOWED)


def status_of(pid: int) -> Mapping[str, str]:
    return dict(line.split(":\t") for line in Path(f"/proc/{pid}/status").read_text().splitlines())


@needs_calls_refused
async def test_a_decoder_child_is_confined_before_it_sees_a_picture() -> None:
    async with open_pool(1, DecoderLimits()) as pool:
        assert isinstance(await compressed(pool, jpeg()), Compressed)
        (child,) = children()
        told = status_of(child)
    assert (told["Seccomp"], told["NoNewPrivs"]) == ("2", "1")


async def test_a_decoder_child_that_crashes_leaves_no_memory_of_a_tenants_picture_on_the_disk() -> None:
    """R20: also where the service itself would leave a core file."""
    async with open_pool(1, DecoderLimits()) as pool:
        await compressed(pool, jpeg())
        (child,) = children()
        assert resource.prlimit(child, resource.RLIMIT_CORE) == (0, 0)


PICTURES = {
    "JPEG with a profile": saved(photo(), "JPEG", quality=92, icc_profile=swapped_profile()),
    "CMYK JPEG": cmyk_jpeg(),
    "PNG": saved(photo("RGBA"), "PNG"),
    "GIF": moving("GIF"),
    "WebP": moving("WEBP"),
    "TIFF": saved(photo(), "TIFF", compression="tiff_lzw"),
    "BMP": saved(photo(), "BMP"),
    "AVIF": saved(photo(), "AVIF"),
}


@pytest.mark.parametrize("name", PICTURES)
async def test_a_confined_child_reads_and_makes_each_format(name: str) -> None:
    """Each with a child of its own: a library is loaded with the first picture that needs it."""
    data = PICTURES[name]
    async with open_pool(1, DecoderLimits(recycle_images=1)) as pool:
        for wanted in (None, PictureFormat.WEBP, PictureFormat.AVIF):
            verdict = await compressed(pool, data, wanted=wanted)
            assert verdict == compress(data, 50, wanted, DecoderLimits().max_pixels)
