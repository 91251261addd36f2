"""What the logs of one run tell of trouble, for the person whose run failed. It must not know why."""

import re
from pathlib import Path

from deploy.local.processes.log_end import TOLD_CHARACTERS, LogEnd

TOLD_LINES = 3  # of each log
READ_BYTES = 1_000_000  # trouble may stand before many lines about answered calls
# Of a service: failed images, what it logs above "info" but for the answer that it is not ready, and what is
# no log line at all.
OF_A_SERVICE = re.compile(
    r'^(?!\{)|"event": "image_failed"|^(?!.*"route": "/readyz").*"level": "(warning|error|critical)"'
)
OF_OTHERS = {
    "kafka.log": re.compile(r" (ERROR|FATAL) "),
    "postgres.log": re.compile(r" (FATAL|PANIC): "),
    "stack.log": re.compile(
        r"^pixmill: (?!warning)| died \(|cannot be started|is not ready yet|makes no progress"
    ),
}
STEPS = ("migration.log", "topics.log")  # whoever got so far has done them


class Troubles:
    """Made before the run begins: what earlier runs wrote to the same logs is left out."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._known = {file: LogEnd(file) for file in logs.glob("*.log")}

    def told(self) -> str:
        """The last lines of trouble in each log, or nothing."""
        return "".join(self._of_one(file) for file in sorted(self._logs.glob("*.log")))

    def _of_one(self, file: Path) -> str:
        if file.name in STEPS:
            return ""
        trouble = OF_OTHERS.get(file.name, OF_A_SERVICE)
        log = self._known.get(file) or LogEnd(file, start=0)
        lines = [line for line in log.lines(READ_BYTES) if trouble.search(line)][-TOLD_LINES:]
        return "".join(f"{file.name}: {line[:TOLD_CHARACTERS]}\n" for line in lines)
