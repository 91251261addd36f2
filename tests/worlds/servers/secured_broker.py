"""A real broker that lets nobody in without TLS, a SCRAM password and a right."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from deploy.local.free_ports import free_port
from deploy.local.processes.child import Program
from deploy.local.servers import kafka_jars
from deploy.local.servers.kafka import API_VERSIONS_REQUEST, KafkaBroker
from deploy.local.testing import RunningServer
from shared.broker_access import Mechanism, Protocol, Security

ADMIN = "admin"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuredBroker(KafkaBroker):
    passwords: Mapping[str, str]

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def security(self, user: str, password: str | None = None) -> Security:
        """What a client of this user is made with."""
        tls = ssl.create_default_context(cafile=self.ca_file)
        secret = SecretStr(password or self.passwords[user])
        return Security(
            protocol=Protocol.SASL_SSL,
            mechanism=Mechanism.SCRAM_SHA_512,
            username=user,
            password=secret,
            tls=tls,
        )

    def variables(self, user: str) -> dict[str, str]:
        """The same for a process."""
        return {
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_USERNAME": user,
            "KAFKA_SASL_PASSWORD": self.passwords[user],
            "KAFKA_CA_FILE": str(self.ca_file),
        }

    def is_ready(self) -> bool:
        try:
            with (
                socket.create_connection(("127.0.0.1", self.client_port), 1) as connection,
                ssl.create_default_context(cafile=self.ca_file).wrap_socket(
                    connection, server_hostname="127.0.0.1"
                ) as encrypted,
            ):
                encrypted.sendall(API_VERSIONS_REQUEST)
                return len(encrypted.recv(4)) > 0
        except OSError:
            return False

    def _own_settings(self) -> str:
        client, controller = self.bootstrap, f"127.0.0.1:{self.controller_port}"
        login = f'{_SCRAM} required username="{ADMIN}" password="{self.passwords[ADMIN]}";'
        lines = (
            f"listeners=SASL_SSL://{client},CONTROLLER://{controller}",
            f"advertised.listeners=SASL_SSL://{client}",
            f"controller.quorum.voters=1@{controller}",
            "listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name=SASL_SSL",
            "sasl.enabled.mechanisms=SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512",
            f"listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login}",
            "ssl.keystore.type=PEM",
            "ssl.keystore.location=server.pem",
            "ssl.truststore.type=PEM",
            "ssl.truststore.location=ca.pem",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            f"super.users=User:{ADMIN};User:ANONYMOUS",  # who speaks to the controller's own port
        )
        return "\n".join(lines) + "\n"

    def _format(self) -> Program:
        users = [
            f"SCRAM-SHA-512=[name={user},password={password}]" for user, password in self.passwords.items()
        ]
        scram = [argument for user in users for argument in ("--add-scram", user)]
        identity = "A" * 21 + "A"
        arguments = ("format", "--ignore-formatted", "-t", identity, "-c", "kafka.properties", *scram)
        return self._java("kafka format", "kafka.tools.StorageTool", *arguments)


@contextmanager
def secured_broker(folder: Path, passwords: Mapping[str, str]) -> Iterator[SecuredBroker]:
    broker = SecuredBroker(
        folder=folder / "kafka",
        log=folder / "kafka.log",
        client_port=free_port(),
        controller_port=free_port(),
        jars=kafka_jars.default_cache(),
        passwords={ADMIN: "admin-password", **passwords},
    )
    broker.folder.mkdir()
    _write_certificate(broker.folder)
    running = RunningServer(broker)
    try:
        running.wait_until_ready()
        yield broker
    finally:
        running.stop()


def _write_certificate(folder: Path) -> None:
    """A self-signed one of 127.0.0.1: with its key for the server, without for those who trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(
            name, name, key.public_key(), 1, now - timedelta(hours=1), now + timedelta(days=1)
        )
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + public)
    (folder / "ca.pem").write_bytes(public)
