"""The gateway of the deployment on this machine: Caddy, from a package, by the one Caddyfile.

It must not know what ingest and status do; it gets their addresses from its caller.
"""

import http.client
import signal
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from deploy.local.environment import plain_environment
from deploy.local.ports import HOST
from deploy.local.processes.child import Program
from deploy.local.servers.servers import RunToEnd

CADDY = Path(sysconfig.get_path("scripts")) / "caddy"
CADDYFILE = Path(__file__).parents[2] / "gateway" / "Caddyfile"
ANSWER_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """`folder` is where Caddy may write. `ingest` and `status` are hosts with their ports. When it
    stops, answers that are under way have `drain_seconds`.
    """

    folder: Path
    log: Path
    port: int
    ingest: str
    status: str
    drain_seconds: int
    max_upload: str | None = None
    read_seconds: int | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def prepare(self, _: RunToEnd) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def program(self) -> Program:
        return Program(
            name="gateway",
            command=(str(CADDY), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"),
            environment=plain_environment() | self._told(),
            folder=self.folder,
            log=self.log,
            stop_signals=((signal.SIGTERM, self.drain_seconds + 5.0),),
        )

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/gateway-livez")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _told(self) -> dict[str, str]:
        told = {
            "BIND_HOST": HOST,
            "SITE_ADDRESS": f"http://:{self.port}",
            "INGEST_ADDRESS": self.ingest,
            "STATUS_ADDRESS": self.status,
            "DRAIN_SECONDS": str(self.drain_seconds),
            "XDG_CONFIG_HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
        }
        limits = {"MAX_UPLOAD": self.max_upload, "READ_SECONDS": self.read_seconds}
        return told | {name: str(limit) for name, limit in limits.items() if limit is not None}
