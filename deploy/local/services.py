"""The four services as programs: what each one is told through its environment, and nothing else.

It must not know how programs are supervised.
"""

import http.client
import json
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.environment import (
    broker_environment,
    plain_environment,
    processor_environment,
    store_environment,
)
from deploy.local.keys import StackKeys
from deploy.local.ports import HOST, Ports
from deploy.local.processes.child import Program
from deploy.local.settings import StackSettings

CHECKOUT = Path(__file__).parents[2]
ANSWER_SECONDS = 1.0
DRAIN_SECONDS = 12
STEP_SECONDS = 60.0  # of standing still
GOODBYE_SECONDS = 30.0  # to Kafka, also where it hangs; deploy/k8s and compose give as much
STOP_SIGNALS = ((signal.SIGTERM, DRAIN_SECONDS + GOODBYE_SECONDS),)
PARTITIONS = 12
# Half of what everyone else gets: images can wait for a core, people who ask how far they are cannot. With 10
# it would be a tenth, and any other program of the machine would starve them (docs/performance.md).
NICENESS = {"processor": 3}
MODULES = {
    "ingest": "services.ingest",
    "status": "services.status",
    "processor": "services.processor",
    "notifier": "services.notifier",
    "topics": "shared.topics",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int | None
    body: bytes


NO_ANSWER = _Answer(None, b"")


@dataclass(frozen=True, slots=True)
class Service:
    role: str
    program: Program
    port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def is_ready(self) -> bool:
        return self._answer("/readyz").status == http.client.OK

    def lacks(self) -> str:
        """What it says that it waits for; nothing where it says nothing."""
        try:
            reasons = json.loads(self._answer("/readyz").body)["reasons"]
        except (ValueError, KeyError):
            return ""
        return "; ".join(f"{part}: {reason}" for part, reason in reasons.items())

    def is_stalled(self) -> bool:
        """It says itself that it makes no progress; one that does not answer may only be busy."""
        return self._answer("/livez").status == http.client.SERVICE_UNAVAILABLE

    def _answer(self, path: str) -> _Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return _Answer(answer.status, answer.read())
        except (OSError, http.client.HTTPException):
            return NO_ANSWER
        finally:
            connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """Everything that the services' environments are made of. `modules` says what is run for whom."""

    settings: StackSettings
    keys: StackKeys
    kafka_bootstrap: str
    postgres_dsn: str
    store_url: str
    public_url: str
    modules: Mapping[str, str]

    def services(self) -> list[Service]:
        ports = Ports(self.settings.port_base)
        processors = range(self.settings.processors)
        return [
            self.service("ingest", "ingest", ports.ingest),
            self.service("status", "status", ports.status),
            self.service("notifier", "notifier", ports.notifier),
            *(self.service("processor", f"processor-{n}", ports.processor(n)) for n in processors),
        ]

    def service(self, role: str, name: str, port: int) -> Service:
        """One process of a role. Each of a stack has a name and a port of its own."""
        everyones = {
            "HOST": HOST,
            "PORT": str(port),
            **self._broker(),
            # With the stack's id: another stack's processes on the same Kafka have other names.
            "KAFKA_INSTANCE_ID": f"{name}-{self.keys.stack_id}",
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        environment = plain_environment() | everyones | self._own(role)
        program = self._step(name, (self.modules[role],), environment)
        return Service(role, replace(program, niceness=NICENESS.get(role, 0)), port)

    def migration(self) -> Program:
        """It reads the status service's settings, so it gets all of them."""
        status = self.service("status", "status", Ports(self.settings.port_base).status)
        return self._step("migration", (self.modules["status"], "migrate"), status.program.environment)

    def topics(self) -> Program:
        told = self._broker() | {"IMAGE_REQUESTED_PARTITIONS": str(PARTITIONS)}
        return self._step("topics", (self.modules["topics"],), plain_environment() | told)

    def _own(self, role: str) -> dict[str, str]:
        own = {
            "ingest": self._ingest,
            "status": self._status,
            "notifier": self._notifier,
            "processor": self._processor,
        }
        return own[role]()

    def _ingest(self) -> dict[str, str]:
        masters = {"WEBHOOK_MASTER_KEYS": self.keys.webhook_master_keys}
        return self._store() | self._targets() | masters | self._allowed() | self._front()

    def _status(self) -> dict[str, str]:
        schedule = self.settings.webhook_schedule
        own = {"POSTGRES_DSN": self.postgres_dsn} | ({"WEBHOOK_SCHEDULE": schedule} if schedule else {})
        return self._store() | self._front() | own

    def _notifier(self) -> dict[str, str]:
        return self._targets() | {"WEBHOOK_MASTER_KEYS": self.keys.webhook_master_keys} | self._allowed()

    def _processor(self) -> dict[str, str]:
        return self._store() | self._allowed() | processor_environment()

    def _broker(self) -> dict[str, str]:
        is_ours = self.settings.kafka_bootstrap is None
        return ({} if is_ours else broker_environment()) | {"KAFKA_BOOTSTRAP": self.kafka_bootstrap}

    def _store(self) -> dict[str, str]:
        return store_environment() | {"STORE_URL": self.store_url}

    def _targets(self) -> dict[str, str]:
        return {"TARGET_KEYS": self.keys.target_keys}

    def _allowed(self) -> dict[str, str]:
        return {"ALLOW_HOSTS": self.settings.allow_hosts}

    def _front(self) -> dict[str, str]:
        origins = {"CORS_ORIGINS": self.settings.cors_origins}
        return {"AUTH": "off", "PUBLIC_URL": self.public_url} | origins

    def _step(self, name: str, module: tuple[str, ...], environment: Mapping[str, str]) -> Program:
        log = self.settings.data_dir / "logs" / f"{name}.log"
        return Program(
            name=name,
            command=(sys.executable, "-m", *module),
            environment=environment,
            folder=CHECKOUT,
            log=log,
            stop_signals=STOP_SIGNALS,
        )
