"""The settings of the local stack, from the environment (`make up NAME=value` puts them there). An empty one
counts as not set. What is wrong is said in one line, before anything starts.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

EXIT_WRONG_SETTING = 78  # EX_CONFIG of sysexits.h
HIGHEST_PORT = 65535
HIGHEST_OFFSET = 94
MOST_PROCESSORS = 82  # their ports end below Kafka's
LONGEST_WAIT_SECONDS = 7 * 86_400


class WrongSetting(Exception):  # noqa: N818 - the person's to correct
    """The message is one line for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    data_dir: Path
    port_base: int
    public_url: str | None  # None: the gateway's address
    processors: int
    allow_hosts: str
    webhook_schedule: str | None
    kafka_bootstrap: str | None  # None: the stack starts its own
    postgres_dsn: str | None  # likewise
    store_url: str | None  # None: a folder in the data folder


def read_settings(environment: Mapping[str, str], checkout: Path) -> StackSettings:
    """Reads and checks all of them; the first that is wrong is a `WrongSetting`."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    return StackSettings(
        data_dir=_data_dir(given.get("DATA_DIR", ".local"), checkout),
        port_base=_whole_number(
            "PORT_BASE", given.get("PORT_BASE", "8000"), 1, HIGHEST_PORT - HIGHEST_OFFSET
        ),
        public_url=_like("PUBLIC_URL", given, r"https?://[^\s/]+(/\S*)?", "https://host"),
        processors=_whole_number("PROCESSORS", given.get("PROCESSORS", "1"), 0, MOST_PROCESSORS),
        allow_hosts=_networks(given.get("ALLOW_HOSTS", "")),
        webhook_schedule=_schedule(given.get("WEBHOOK_SCHEDULE")),
        kafka_bootstrap=_like("KAFKA_BOOTSTRAP", given, r"[^\s:,]+:\d+(,[^\s:,]+:\d+)*", "host:port"),
        postgres_dsn=_like("POSTGRES_DSN", given, r"postgres(ql)?://\S+", "postgresql://…"),
        store_url=_like("STORE_URL", given, r"[a-z0-9+]+://\S+", "file:///folder or s3://bucket"),
    )


def _data_dir(value: str, checkout: Path) -> Path:
    # Not resolved: a link that the person made stays what he called it.
    return Path(os.path.normpath(checkout / Path(value).expanduser()))


def _whole_number(name: str, value: str, lowest: int, highest: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
        raise WrongSetting(f"wrong setting {name}: {value!r} is no whole number from {lowest} to {highest}")
    return int(value)


def _networks(value: str) -> str:
    networks = [part.strip() for part in value.split(",") if part.strip()]
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise WrongSetting(
                f"wrong setting ALLOW_HOSTS: {error}; it lists CIDRs like 10.0.0.0/8"
            ) from error
    return ",".join(networks)


def _schedule(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        waits = [float(part) for part in value.split(",")]
    except ValueError:
        waits = []
    if not waits or not all(0 <= wait <= LONGEST_WAIT_SECONDS for wait in waits):
        raise WrongSetting(f"wrong setting WEBHOOK_SCHEDULE: {value!r} is no list of seconds like 0,5,300")
    return value


def _like(name: str, given: Mapping[str, str], pattern: str, example: str) -> str | None:
    value = given.get(name)
    if value is not None and not re.fullmatch(pattern, value):
        raise WrongSetting(f"wrong setting {name}: it looks like {example}")
    return value
