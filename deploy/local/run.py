"""One run of the stack as the shell sees it: reads the settings, holds the data folder, and decides on the
exit code and the line that says why.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.code import compile_code
from deploy.local.data_lock import AlreadyRunning, DataLock
from deploy.local.keys import kept_keys
from deploy.local.ports import PortTaken
from deploy.local.processes.child import ProgramFailed
from deploy.local.servers.account import NoAccount
from deploy.local.servers.kafka_jars import BadJars
from deploy.local.services import MODULES
from deploy.local.settings import EXIT_WRONG_SETTING, WrongSetting, read_settings
from deploy.local.stack import Stack
from deploy.local.terminal import StopRequest, StopRequested, complain

CHECKOUT = Path(__file__).parents[2]


def run(stop_request: StopRequest, modules: Mapping[str, str] = MODULES) -> int:
    try:
        _run(stop_request, modules)
    except StopRequested:
        return 0
    except WrongSetting as error:
        for line in str(error).splitlines():
            complain(line)
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
    lock = DataLock(settings.data_dir)
    with lock.held(stop_request.pause):
        compile_code(CHECKOUT)
        keys = kept_keys(settings.data_dir / "keys.json")
        pause, on_stop = stop_request.pause, lock.say_stopping
        Stack(settings, keys, modules=modules, pause=pause, on_stop=on_stop).run()
