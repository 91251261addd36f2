"""Settings come from the environment only. This file reads them, names each wrong one in a line, and
holds the ones that every service has; each service adds its own in its settings.py.
"""

import sys
from ipaddress import ip_network
from typing import Annotated, NoReturn, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode

from shared.broker_access import BrokerSettings
from shared.contract.targets import TargetKeyring
from shared.outbound.addresses import Networks

EXIT_WRONG_SETTING = 78  # EX_CONFIG of sysexits.h

S = TypeVar("S", bound=BaseSettings)


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _networks(value: object) -> object:
    parts = _split(value)
    return tuple(ip_network(part) for part in parts) if isinstance(parts, list) else parts


def _require_fernet_keys(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    TargetKeyring(keys)  # a ValueError here is a wrong setting; its text shows no key
    return keys


YEAR_SECONDS = 365 * 86_400
COUNTABLE = 2**63 - 1  # what the system and Postgres can count

Seconds = Annotated[float, Field(gt=0, le=YEAR_SECONDS)]
WebAddress = Annotated[
    str, Field(pattern=r"^https?://[^\s?#]+$"), AfterValidator(lambda url: url.rstrip("/"))
]
CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
SecretKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]
Numbers = Annotated[tuple[float, ...], NoDecode, BeforeValidator(_split)]
TargetKeys = Annotated[SecretKeys, Field(min_length=1), AfterValidator(_require_fernet_keys)]
AllowedNetworks = Annotated[Networks, NoDecode, BeforeValidator(_networks)]


class ServiceSettings(BrokerSettings):
    """What every service needs: where it listens, its broker, how it logs."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = Field(ge=1, le=65535)
    """The port to listen on."""
    kafka_instance_id: str | None = None
    """A name of this process that stays: a restart takes its partitions back at once."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """DEBUG, INFO, WARNING or ERROR."""
    drain_seconds: Seconds = 20
    """How long work under way may take to end after SIGTERM."""
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern="^https?://")
    """Where OpenTelemetry traces go, http or https; empty: no traces."""


class WrongSetting(Exception):  # noqa: N818 - the operator's to mend
    """One that could be read, and only shows when it is used."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def read_settings(kind: type[S]) -> S:
    """Reads the environment; each wrong setting is one clear line, and the exit code 78."""
    try:
        return kind()
    except ValidationError as error:
        _exit_with(kind, error)


def exit_for(name: str, reason: str) -> NoReturn:
    _tell(name, reason)
    raise SystemExit(EXIT_WRONG_SETTING)


def _exit_with(kind: type[BaseSettings], error: ValidationError) -> NoReturn:
    for fault in error.errors(include_url=False, include_input=False):
        name = "_".join(str(part) for part in fault["loc"][:1])
        _tell(name.upper() or "settings", _reason(kind, name, fault))
    raise SystemExit(EXIT_WRONG_SETTING)


def _reason(kind: type[BaseSettings], name: str, fault: ErrorDetails) -> str:
    """A pattern says nothing to most people; the setting's description says what it may be."""
    described = kind.model_fields[name].description if fault["type"] == "string_pattern_mismatch" else None
    return f"it is none of what it may be: {' '.join(described.split())}" if described else fault["msg"]


def _tell(name: str, reason: str) -> None:
    print(f"wrong setting {name}: {reason}", file=sys.stderr)  # noqa: T201 - before logging exists
