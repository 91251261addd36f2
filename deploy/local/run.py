"""One run of the stack as the shell sees it: reads the environment's settings, holds the data folder, decides
on the line to read and on the exit code.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.account import NoAccount
from deploy.local.child import ProgramFailed
from deploy.local.kafka_jars import BadJars
from deploy.local.keys import kept_keys
from deploy.local.ports import PortTaken
from deploy.local.services import MODULES
from deploy.local.settings import EXIT_WRONG_SETTING, WrongSetting, read_settings
from deploy.local.stack import Stack
from deploy.local.terminal import StopRequest, StopRequested, complain

CHECKOUT = Path(__file__).parents[2]


class AlreadyRunning(Exception):  # noqa: N818 - a state of the data folder
    """The message is one line for a person."""


def run(stop_request: StopRequest, modules: Mapping[str, str] = MODULES) -> int:
    try:
        _run(stop_request, modules)
    except StopRequested:
        return 0
    except WrongSetting as error:
        complain(str(error))
        return EXIT_WRONG_SETTING
    except ProgramFailed as error:
        complain(str(error))
        return EXIT_WRONG_SETTING if error.status == EXIT_WRONG_SETTING else 1
    except (AlreadyRunning, BadJars, NoAccount, PortTaken, OSError) as error:
        complain(str(error))
        return 1
    return 0


def _run(stop_request: StopRequest, modules: Mapping[str, str]) -> None:
    settings = read_settings(os.environ, CHECKOUT)
    if settings.allow_hosts:
        complain(f"warning: services may connect to {settings.allow_hosts} (ALLOW_HOSTS)")
    with _only_one(settings.data_dir):
        Stack(settings, kept_keys(settings.data_dir / "keys.json"), stop_request, modules).run()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Two stacks must not share a data folder; the kernel lets go of the lock however we end."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"another stack runs in {data_dir}; give this one its own DATA_DIR"
            ) from error
        yield
