"""A deployment as the files describe it, each container a process on this machine: the same commands and
variables, with host names and ports mapped to loopback.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.free_ports import free_port
from deploy.local.processes.child import Child, Program, run_to_end, stop
from deploy.local.servers import kafka_jars
from deploy.local.servers.kafka import LOGGING, SETTINGS, KafkaBroker
from deploy.local.servers.servers import RunToEnd, wait_until_ready
from deploy.local.services import STOP_SIGNALS, Service
from deploy.local.testing import postgres_server
from tests.worlds.deployment.deployed import (
    ROOT,
    SECRETS,
    SERVICES,
    Deployed,
    as_process,
    compose,
    compose_service,
)
from tests.worlds.deployment.rendered import deployed
from tests.worlds.deployment.tools import VERSITYGW
from tests.worlds.patience import DEADLINE_SECONDS

READY_SECONDS = 90.0  # of standing still
STEP_SECONDS = 60.0  # of standing still


class ComposeKafka(KafkaBroker):
    """The broker with the settings that its image makes of compose's variables."""

    def prepare(self, run: RunToEnd) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / SETTINGS.name).write_text(self._settings(), "ascii")
        (self.folder / LOGGING.name).write_text(LOGGING.read_text("ascii"), "ascii")
        run(self._format(), STEP_SECONDS)

    def _settings(self) -> str:
        told = compose()["services"]["kafka"]["environment"]
        lines = {
            name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
            for name, value in told.items()
            if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
        }
        text = "\n".join(f"{name}={value}" for name, value in lines.items()) + "\n"
        text = text.replace("//:", "//127.0.0.1:").replace("kafka:", "127.0.0.1:")
        text = text.replace(told["KAFKA_LOG_DIRS"], "data")
        return text.replace(":9092", f":{self.client_port}").replace(":9093", f":{self.controller_port}")


@dataclass(slots=True)
class Deployment:
    """The parts that keep data, and the services as they are started and stopped by a test."""

    folder: Path
    changed: Mapping[str, str]  # addresses of this machine in place of the network's
    ports: Mapping[str, int] = field(default_factory=lambda: {name: free_port() for name in SERVICES})
    traces_url: str = ""
    running: dict[str, Child] = field(default_factory=dict)

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"

    def launch(self, deployed_as: Deployed, port: int, name: str) -> Child:
        """Belongs to the main thread, as every child does."""
        program = self.program(name, deployed_as, {"HOST": "127.0.0.1", "PORT": str(port)})
        self.running[name] = Child(program)
        return self.running[name]

    def wait_until_ready(self, name: str, port: int) -> None:
        child = self.running[name]
        is_ready = Service(name, child.program, port).is_ready
        wait_until_ready(child, is_ready, seconds=READY_SECONDS)

    def launch_all(self) -> None:
        for service in SERVICES:
            self.launch(compose_service(service), self.ports[service], service)

    def wait_for_all(self) -> None:
        for service in SERVICES:
            self.wait_until_ready(service, self.ports[service])

    def stop_all(self) -> None:
        stop(self.running.values())
        self.running.clear()

    def run(self, name: str, deployed_as: Deployed, *arguments: str) -> str:
        run_to_end(self.program(name, deployed_as, {}, arguments), seconds=STEP_SECONDS)
        return (self.folder / f"{name}.log").read_text()

    def program(
        self, name: str, what: Deployed, own: Mapping[str, str], arguments: tuple[str, ...] = ()
    ) -> Program:
        assert what.command[0] == "python"
        mapped = {key: value for key, value in self.changed.items() if key in what.environment}
        traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.traces_url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        environment = as_process(what.environment, {**mapped, **own, **traces})
        command = (sys.executable, *what.command[1:], *arguments)
        return Program(
            name=name,
            command=command,
            environment=environment,
            folder=ROOT,
            log=self.folder / f"{name}.log",
            stop_signals=STOP_SIGNALS,
        )


@contextmanager
def deployment(folder: Path, traces_url: str) -> Iterator[Deployment]:
    """The services first, before there is a broker, a store, a topic or a table: the order does not matter.
    Topics and tables are made twice, as compose and as Kubernetes do it, which is as good as once.
    """
    with ExitStack() as parts:
        kafka = ComposeKafka(
            folder=folder / "kafka",
            log=folder / "kafka.log",
            client_port=free_port(),
            controller_port=free_port(),
            jars=kafka_jars.default_cache(),
        )
        kafka.prepare(lambda program, seconds: run_to_end(program, seconds=seconds))
        postgres, _ = parts.enter_context(postgres_server(folder))
        store_port = free_port()
        changed = {
            "KAFKA_BOOTSTRAP": kafka.bootstrap,
            "POSTGRES_DSN": postgres.dsn,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{store_port}",
            "API_KEYS_FILE": str(folder / "keys.json"),
            "ALLOW_HOSTS": "127.0.0.0/8",
        }
        made = Deployment(folder, changed, traces_url=traces_url)
        made.run("new-key", compose_service("new-key"))
        parts.callback(made.stop_all)
        made.launch_all()
        broker = Child(kafka.program())
        parts.callback(stop, [broker])
        parts.enter_context(_store(folder, store_port))
        wait_until_ready(broker, kafka.is_ready, seconds=READY_SECONDS)
        for described in (compose_service, lambda name: deployed("overlays/dev", name, SECRETS)):
            made.run("topics", described("topics"))
            made.run("migrate", described("migrate"))
        made.wait_for_all()
        yield made
        made.stop_all()  # while they can still say goodbye to the broker


@contextmanager
def _store(folder: Path, port: int) -> Iterator[None]:
    """The S3 server by compose's command, over a folder of ours."""
    described = compose()["services"]["store"]
    files = folder / "files"
    (files / "pixmill").mkdir(parents=True)
    mapped = {":7070": f"127.0.0.1:{port}", "/files": str(files)}
    arguments = [mapped.get(each, each) for each in described["command"]]
    environment = {"PATH": os.environ["PATH"], **described["environment"]}
    with (folder / "store.log").open("wb") as log:
        process = subprocess.Popen([str(VERSITYGW), *arguments], env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


def newer(service: str) -> Deployed:
    """The same service as the cluster's files give it."""
    as_deployed = deployed("overlays/dev", service, SECRETS)
    return Deployed(as_deployed.command, {**as_deployed.environment, "ALLOW_HOSTS": ""})
