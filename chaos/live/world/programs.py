"""The services as programs of the world: each with a name, a port, and links in place of the servers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.live.failpoints.traps import TRAPS_VARIABLE
from chaos.live.world.link import Link, Pair
from chaos.live.world.part import Part
from chaos.live.world.servers import Servers
from deploy.local.free_ports import free_port
from deploy.local.keys import kept_keys
from deploy.local.processes.child import Program
from deploy.local.services import MODULES, ServicePlan
from deploy.local.settings import StackSettings
from shared.web.api_keys import ApiKey, Scope, append_key, key_hash, new_key

ALLOWED_HOSTS = "127.0.0.0/9"  # so that 127.128.0.0/9 is a network that nobody may call
WEBHOOK_SCHEDULE = "0,1,2,4,8,15,30,30,30,30"
LAUNCH = "chaos.live.failpoints.launch"
SERVERS_OF: Mapping[str, tuple[str, ...]] = {
    "ingest": ("kafka",),
    "status": ("kafka", "postgres"),
    "notifier": ("kafka",),
    "processor": ("kafka",),
}
MOST: Mapping[str, int] = {"ingest": 2, "status": 2, "notifier": 1, "processor": 4}
AT_FIRST: Mapping[str, int] = {**MOST, "processor": 1}


def role_of(name: str) -> str:
    return name.rpartition("-")[0]


def names() -> list[str]:
    return [f"{role}-{number}" for role, most in MOST.items() for number in range(most)]


def names_at_first() -> list[str]:
    return [f"{role}-{number}" for role, count in AT_FIRST.items() for number in range(count)]


def pairs() -> list[Pair]:
    return [Pair(name, server) for name in names() for server in SERVERS_OF[role_of(name)]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """`plan` speaks to the servers themselves, `links` stand before them."""

    plan: ServicePlan
    links: Mapping[Pair, Link]
    ports: Mapping[str, int]
    api_keys_file: Path
    traps: Path

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def part(self, name: str) -> Part:
        role = role_of(name)
        service = self._plan_of(name).service(role, name, self.ports[name])
        return Part(
            name=name, role=role, program=self._with_traps(service.program), is_ready=service.is_ready
        )

    def new_api_key(self, tenant: str) -> str:
        key = new_key()
        line = ApiKey(sha256=key_hash(key), tenant=tenant, scopes=tuple(Scope))
        append_key(self.api_keys_file, line)
        return key

    def _plan_of(self, name: str) -> ServicePlan:
        kafka = self.links[Pair(name, "kafka")]
        plan = replace(self.plan, kafka_bootstrap=f"127.0.0.1:{kafka.port}")
        postgres = self.links.get(Pair(name, "postgres"))
        if postgres is None:
            return plan
        dsn = plan.postgres_dsn.replace(f":{postgres.target_port}/", f":{postgres.port}/")
        return replace(plan, postgres_dsn=dsn)

    def _with_traps(self, program: Program) -> Program:
        python, flag, *command = program.command
        environment = {
            **program.environment,
            "AUTH": "keys",
            "API_KEYS_FILE": str(self.api_keys_file),
            TRAPS_VARIABLE: str(self.traps),
        }
        return replace(program, command=(python, flag, LAUNCH, *command), environment=environment)


def service_plan(folder: Path, servers: Servers, *, public_url: str) -> ServicePlan:
    """As `make up` has it."""
    settings = StackSettings(
        data_dir=folder,
        port_base=free_port(),  # of the steps, which listen nowhere
        public_url=None,
        processors=AT_FIRST["processor"],
        allow_hosts=ALLOWED_HOSTS,
        cors_origins="",
        webhook_schedule=WEBHOOK_SCHEDULE,
        kafka_bootstrap=None,
        postgres_dsn=None,
        store_url=None,
    )
    return ServicePlan(
        settings=settings,
        keys=kept_keys(folder / "keys.json"),
        kafka_bootstrap=servers.broker.bootstrap,
        postgres_dsn=servers.postgres.dsn,
        store_url=servers.store.as_uri(),
        public_url=public_url,
        modules=MODULES,
    )
