"""A disk of its own for one folder, which can be full: a tmpfs whose size is what lies on it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SIZE = "2g"  # memory is used only for what is written
TRIES = 50
COMMAND_SECONDS = 30


class CannotMount(Exception):  # noqa: N818 - a state of the machine
    """We have not the right to."""


@dataclass(frozen=True, slots=True)
class Disk:
    folder: Path

    def mount(self) -> None:
        made = _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "pixmill-chaos", str(self.folder))
        if made.returncode != 0:
            raise CannotMount(made.stderr.strip())

    def unmount(self) -> None:
        _run("umount", "--lazy", str(self.folder))

    def fill(self) -> None:
        """From now on it takes no more bytes than somebody gives back."""
        for _ in range(TRIES):  # while others write
            if self._resize(f"{self._used_kib()}k"):
                return
        raise CannotMount("it grew while it was made smaller")

    def free(self) -> None:
        self._resize(SIZE)

    def _resize(self, size: str) -> bool:
        return _run("mount", "-o", f"remount,size={size}", str(self.folder)).returncode == 0

    def _used_kib(self) -> int:
        room = os.statvfs(self.folder)
        return (room.f_blocks - room.f_bfree) * room.f_frsize // 1024


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
