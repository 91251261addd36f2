"""How a client reaches the broker: address, and how it proves who it is, from the environment. It knows no
client library.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Protocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def is_encrypted(self) -> bool:
        return self in {Protocol.SSL, Protocol.SASL_SSL}

    @property
    def has_password(self) -> bool:
        return self in {Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL}


class Mechanism(StrEnum):
    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What every client of the broker is made with."""

    protocol: Protocol = Protocol.PLAINTEXT
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str | None = None
    password: SecretStr | None = None
    tls: ssl.SSLContext | None = None


NO_SECURITY = Security()
_IPV6 = r"[0-9A-Fa-f.]*(?::[0-9A-Fa-f.%]*){2,}"  # in brackets where a port follows
# Without a port it is Kafka's own.
_BROKER = re.compile(rf"(?:\[{_IPV6}\]|[^\s:/\[\]]+)(?::([0-9]{{1,5}}))?|{_IPV6}")
_MOST_PORT = 65_535


def _require_brokers(text: str) -> str:
    for broker in text.split(","):
        match = _BROKER.fullmatch(broker.strip())
        if match is None or not 0 < int(match[1] or _MOST_PORT) <= _MOST_PORT:
            raise ValueError("needs host:port of one or more brokers, comma-separated")
    return text


Brokers = Annotated[str, AfterValidator(_require_brokers)]


class BrokerSettings(BaseSettings):
    """What a service or a command needs to reach the broker."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, use_attribute_docstrings=True
    )

    kafka_bootstrap: Brokers
    """Kafka: host:port of one or more brokers."""
    kafka_security_protocol: Protocol = Protocol.PLAINTEXT
    """How Kafka is reached: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    kafka_sasl_mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    """How the password is proved: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN."""
    kafka_sasl_username: str | None = None
    """This client's name, where the protocol begins with SASL."""
    kafka_sasl_password: SecretStr | None = None
    """Its password."""
    kafka_ca_file: Path | None = None
    """PEM file of the authority that signs the brokers' certificates; empty: those the system trusts."""
    kafka_certificate_file: Path | None = None
    """PEM file of this client's certificate, where the brokers ask for one."""
    kafka_key_file: Path | None = None
    """PEM file of its key, where that is another file."""

    def kafka_security(self) -> Security:
        return Security(
            protocol=self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_sasl_username,
            password=self.kafka_sasl_password,
            tls=self._tls() if self.kafka_security_protocol.is_encrypted else None,
        )

    @model_validator(mode="before")
    @classmethod
    def _without_white_space(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """As around a secret that was kept with the end of its line. What is left of nothing is not set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Half a configuration must not turn into an open connection."""
        protocol = self.kafka_security_protocol
        credentials = (self.kafka_sasl_username, self.kafka_sasl_password)
        if protocol.has_password and None in credentials:
            raise ValueError(f"{protocol} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        if not protocol.has_password and credentials != (None, None):
            raise ValueError("KAFKA_SASL_USERNAME and …_PASSWORD need KAFKA_SECURITY_PROTOCOL=SASL_SSL")
        files = (self.kafka_ca_file, self.kafka_certificate_file, self.kafka_key_file)
        if not protocol.is_encrypted and any(files):
            raise ValueError(
                "KAFKA_CA_FILE and client certificates need KAFKA_SECURITY_PROTOCOL=SASL_SSL or SSL"
            )
        self.kafka_security()  # an unreadable file is found at the start
        return self

    def _tls(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.kafka_ca_file)
            if self.kafka_certificate_file is not None:
                context.load_cert_chain(self.kafka_certificate_file, self.kafka_key_file, password="")
        except OSError as error:  # ssl.SSLError is one
            raise ValueError(f"KAFKA_CA_FILE, …CERTIFICATE_FILE or …KEY_FILE: {error}") from error
        return context
