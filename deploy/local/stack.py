"""The whole stack in its order: check, start, watch, stop. Servers come first and go last.

It must not know what a service does; it takes its settings from its caller.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.local.endpoints import Endpoints, EndpointsFile
from deploy.local.keys import StackKeys
from deploy.local.ports import HOST, Ports, check_free, needed_ports
from deploy.local.processes.child import Child, Pause, Program, ProgramFailed, run_to_end, stop
from deploy.local.processes.former_run import StartedProcesses
from deploy.local.processes.supervised import Supervised
from deploy.local.servers.gateway import Gateway
from deploy.local.servers.kafka import KafkaBroker
from deploy.local.servers.kafka_jars import default_cache, missing
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.servers import Server, wait_until_ready
from deploy.local.services import DRAIN_SECONDS, STEP_SECONDS, Service, ServicePlan
from deploy.local.settings import StackSettings
from deploy.local.terminal import complain, say

READY_SECONDS = 90.0  # of standing still
WATCH_SECONDS = 0.1
ROLES = ("gateway", "ingest", "status", "processor", "notifier", "kafka", "postgres")


class Stack:
    """One run. `run` returns only when no process that it started is left."""

    def __init__(
        self,
        settings: StackSettings,
        keys: StackKeys,
        *,
        modules: Mapping[str, str],
        pause: Pause,
        on_stop: Callable[[], None],
    ) -> None:
        """`pause` raises when a stop was asked for; `on_stop` is called when the stop begins."""
        self._settings = settings
        self._keys = keys
        self._modules = modules
        self._pause = pause
        self._on_stop = on_stop
        self._endpoints_file = EndpointsFile(settings.data_dir / "endpoints.json")
        self._started = StartedProcesses(settings.data_dir / "processes.json")
        self._gateway = _gateway(settings)
        self._servers: list[Supervised] = []
        self._services: list[Supervised] = []
        self._step = "starting"

    def run(self) -> None:
        """Raises `StopRequested` in the end, or what made the start impossible."""
        self._endpoints_file.delete()
        ended = self._started.end_leftovers()
        check_free(needed_ports(self._settings))
        say(f"{self._gateway.url} will be Pixmill's address, as soon as everything runs.")
        if ended:
            say(f"ended {ended} processes that a former run had left")
        try:
            endpoints = self._start_or_name_the_step()
            self._watch(endpoints)
        finally:
            self._stop()

    def _start_or_name_the_step(self) -> Endpoints:
        try:
            return self._start()
        except OSError as error:  # many of them say nothing themselves
            raise ProgramFailed(f"{self._step}: {type(error).__name__}: {error}".rstrip(": ")) from error

    def _start(self) -> Endpoints:
        plan = self._start_servers()
        for step in (plan.migration(), plan.topics()):
            self._run_step(step, STEP_SECONDS)
        self._announce("starting the services")
        services = plan.services()
        for service in services:
            self._begin(self._services, _supervised(service, self._spawn))
        self._begin_server("gateway", self._gateway, self._services)
        for supervised in self._services:
            self._wait_until_ready(supervised)
        endpoints = _endpoints(plan, services, self._gateway.url)
        self._endpoints_file.write(endpoints, self._pids())
        say(_welcome(endpoints, self._settings.data_dir))
        return endpoints

    def _start_servers(self) -> ServicePlan:
        settings, ports = self._settings, Ports(self._settings.port_base)
        logs = settings.data_dir / "logs"
        bootstrap, dsn = settings.kafka_bootstrap, settings.postgres_dsn
        if bootstrap is None:
            folder, jars = settings.data_dir / "kafka", default_cache()
            self._announce(
                "starting Apache Kafka", " (it is downloaded first, once)" if missing(jars) else ""
            )
            broker = KafkaBroker(
                folder=folder,
                log=logs / "kafka.log",
                client_port=ports.kafka,
                controller_port=ports.kafka_controller,
                jars=jars,
            )
            self._begin_server("kafka", broker, self._servers)
            bootstrap = broker.bootstrap
        if dsn is None:
            self._announce("starting PostgreSQL")
            server = PostgresServer(settings.data_dir / "postgres", logs / "postgres.log", ports.postgres)
            self._begin_server("postgres", server, self._servers)
            dsn = server.dsn
        for supervised in self._servers:
            self._wait_until_ready(supervised)
        store = settings.store_url or _local_store(settings)
        return ServicePlan(
            settings=settings,
            keys=self._keys,
            kafka_bootstrap=bootstrap,
            postgres_dsn=dsn,
            store_url=store,
            public_url=settings.public_url or self._gateway.url,
            modules=self._modules,
        )

    def _announce(self, step: str, remark: str = "") -> None:
        self._step = step
        say(f"{step} …{remark}")

    def _begin_server(self, role: str, server: Server, group: list[Supervised]) -> None:
        server.prepare(self._run_step)
        program, is_ready = server.program(), server.is_ready
        self._begin(group, Supervised(role=role, program=program, is_ready=is_ready, spawn=self._spawn))

    def _begin(self, group: list[Supervised], supervised: Supervised) -> None:
        group.append(supervised)
        supervised.start()

    def _wait_until_ready(self, supervised: Supervised) -> None:
        assert supervised.child is not None  # noqa: S101 - it was started and nobody looks after it yet
        wait_until_ready(
            supervised.child,
            supervised.is_ready,
            seconds=READY_SECONDS,
            pause=self._pause,
            beside=self._everyones_pids,
            lacks=supervised.lacks,
        )

    def _run_step(self, program: Program, seconds: float) -> None:
        warnings = run_to_end(
            program, seconds=seconds, pause=self._pause, spawn=self._spawn, beside=self._everyones_pids
        )
        for line in warnings:
            complain(line)

    def _spawn(self, program: Program) -> Child:
        child = Child(program)
        try:
            self._started.add(child)
        except OSError as error:  # a full disk: the child matters more than the note of it
            complain(f"cannot note that {program.name} was started: {error}")
        return child

    def _watch(self, endpoints: Endpoints) -> None:
        while True:
            before = self._pids()
            for supervised in (*self._servers, *self._services):
                for line in supervised.look():
                    say(line)
            if self._pids() != before:
                self._tell_pids(endpoints)
            self._pause(WATCH_SECONDS)

    def _tell_pids(self, endpoints: Endpoints) -> None:
        try:
            self._endpoints_file.write(endpoints, self._pids())
        except OSError as error:  # a full disk must not end the stack
            complain(f"endpoints.json could not be brought up to date: {error}")

    def _stop(self) -> None:
        self._on_stop()
        self._endpoints_file.delete()
        say("stopping …")
        for group in (self._services, self._servers):
            stop([supervised.child for supervised in group if supervised.child])
        self._started.forget()
        say(f"stopped; the data stays in {self._settings.data_dir}")

    def _everyones_pids(self) -> list[int]:
        return [each.child.pid for each in (*self._servers, *self._services) if each.child]

    def _pids(self) -> dict[str, list[int]]:
        everyone = [*self._servers, *self._services]
        return {role: [s.child.pid for s in everyone if s.role == role and s.child] for role in ROLES}


def _supervised(service: Service, spawn: Callable[[Program], Child]) -> Supervised:
    return Supervised(
        role=service.role,
        program=service.program,
        is_ready=service.is_ready,
        spawn=spawn,
        is_stalled=service.is_stalled,
        lacks=service.lacks,
    )


def _local_store(settings: StackSettings) -> str:
    folder = settings.data_dir / "files"
    folder.mkdir(exist_ok=True)
    return folder.as_uri()


def _gateway(settings: StackSettings) -> Gateway:
    ports = Ports(settings.port_base)
    return Gateway(
        folder=settings.data_dir / "gateway",
        log=settings.data_dir / "logs" / "gateway.log",
        port=ports.gateway,
        ingest=f"{HOST}:{ports.ingest}",
        status=f"{HOST}:{ports.status}",
        drain_seconds=DRAIN_SECONDS,
    )


def _endpoints(plan: ServicePlan, services: list[Service], url: str) -> Endpoints:
    urls = {role: [service.url for service in services if service.role == role] for role in ROLES}
    return Endpoints(
        url=url,
        ingest_url=urls["ingest"][0],
        status_url=urls["status"][0],
        processor_urls=urls["processor"],
        notifier_urls=urls["notifier"],
        kafka_bootstrap=plan.kafka_bootstrap,
        postgres_dsn=plan.postgres_dsn,
        store_url=plan.store_url,
    )


def _welcome(endpoints: Endpoints, data_dir: Path) -> str:
    return f"""Pixmill is ready: {endpoints.url}
  ingest      {endpoints.ingest_url}
  status      {endpoints.status_url}
  processors  {", ".join(endpoints.processor_urls) or "none"}
  notifier    {", ".join(endpoints.notifier_urls)}
  Kafka       {endpoints.kafka_bootstrap}
  more in     {data_dir / "endpoints.json"}, logs in {data_dir / "logs"}
Ctrl-C stops it."""
