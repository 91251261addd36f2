"""The OS user that PostgreSQL runs as when the stack is started by root, which PostgreSQL refuses to run as.

It must not know anything else of PostgreSQL. No folder is opened to it: when one above the data is closed,
the processes get the capability to pass it.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ACCOUNT_NAME = "pixmill-postgres"
USERADD_SECONDS = 300
ATTEMPTS = 4
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class NoAccount(Exception):  # noqa: N818 - a state of the machine
    """There is no such user and none could be made. The message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    needs_to_pass_closed_folders: bool


def unprivileged_account(used_paths: Iterable[Path]) -> Account | None:
    """None for a plain user, who runs everything himself."""
    if os.geteuid() != 0:
        return None
    _make_sure_it_exists()
    closed = any(_is_closed_to_others(path) for path in used_paths)
    return Account(ACCOUNT_NAME, needs_to_pass_closed_folders=closed)


def give_to(account: Account | None, folder: Path) -> None:
    """Makes the folder the account's own, closed to everyone else."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        entry = pwd.getpwnam(account.name)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _make_sure_it_exists() -> None:
    if _exists():
        return
    if shutil.which("useradd", path=SYSTEM_PATH) is None:
        raise NoAccount(
            f"PostgreSQL does not run as root: make an OS user named {ACCOUNT_NAME}, or start as a plain user"
        )
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/bin/false",
    ]
    for _ in range(ATTEMPTS):  # a stack that starts beside this one may hold the lock, or be faster
        made = _run_useradd([*command, "--user-group", ACCOUNT_NAME])
        if _exists():
            return
        time.sleep(1)
    raise NoAccount(f"the OS user {ACCOUNT_NAME} could not be made: {made.stderr.strip()}")


def _run_useradd(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            env={"PATH": SYSTEM_PATH},
            capture_output=True,
            text=True,
            check=False,
            timeout=USERADD_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAccount(
            f"the OS user {ACCOUNT_NAME} could not be made: useradd did not end within {USERADD_SECONDS} s"
        ) from error


def _exists() -> bool:
    try:
        pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return False
    return True


def _is_closed_to_others(path: Path) -> bool:
    resolved = path.resolve()
    return any(not folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))
