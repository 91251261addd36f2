"""`endpoints.json`: where everything answers and which processes it is made of, while all of it runs.

It is there only when the stack is ready, and whoever reads it never sees half of it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    url: str  # the gateway's; the others are of the parts behind it
    ingest_url: str
    status_url: str
    processor_urls: Sequence[str]
    notifier_urls: Sequence[str]
    kafka_bootstrap: str
    postgres_dsn: str
    store_url: str


class EndpointsFile:
    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, endpoints: Endpoints, pids: Mapping[str, Sequence[int]]) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        # It holds the database's password.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            json.dump(asdict(endpoints) | {"pids": pids}, new, indent=2)
            new.write("\n")
        unfinished.replace(self._file)

    def delete(self) -> None:
        self._file.unlink(missing_ok=True)
