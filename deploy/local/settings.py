"""The settings of the local stack, from the environment (`make up NAME=value` puts them there). An empty one
counts as not set. All that is wrong is said before anything starts, each in one line.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

EXIT_WRONG_SETTING = 78  # EX_CONFIG of sysexits.h
HIGHEST_PORT = 32_767  # from the next one on Linux takes a port for each outgoing connection
HIGHEST_OFFSET = 94
MOST_PROCESSORS = 82  # their ports end below Kafka's
LONGEST_WAIT_SECONDS = 7 * 86_400
ORIGINS = r"\*|https?://[^\s/,]+(\s*,\s*https?://[^\s/,]+)*"


class WrongSetting(Exception):  # noqa: N818 - the person's to correct
    """The message is for a person: one line for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    data_dir: Path
    port_base: int
    public_url: str | None  # None: the gateway's address
    processors: int
    allow_hosts: str
    cors_origins: str
    webhook_schedule: str | None
    kafka_bootstrap: str | None  # None: the stack starts its own
    postgres_dsn: str | None  # likewise
    store_url: str | None  # None: a folder in the data folder


def read_settings(environment: Mapping[str, str], checkout: Path) -> StackSettings:
    """Reads and checks all of them; those that are wrong are one `WrongSetting`."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    if wrong := list(_wrong(given)):
        raise WrongSetting("\n".join(f"wrong setting {each}" for each in wrong))
    return StackSettings(
        data_dir=_data_dir(given.get("DATA_DIR", ".local"), checkout),
        port_base=int(given.get("PORT_BASE", "8000")),
        public_url=given.get("PUBLIC_URL"),
        processors=int(given.get("PROCESSORS", "1")),
        allow_hosts=",".join(_listed(given.get("ALLOW_HOSTS", ""))),
        cors_origins=given.get("CORS_ORIGINS", ""),
        webhook_schedule=given.get("WEBHOOK_SCHEDULE"),
        kafka_bootstrap=given.get("KAFKA_BOOTSTRAP"),
        postgres_dsn=given.get("POSTGRES_DSN"),
        store_url=given.get("STORE_URL"),
    )


def _wrong(given: Mapping[str, str]) -> Iterator[str]:
    """What is wrong, in the order of the fields."""
    yield from _no_folder("DATA_DIR", given)
    yield from _no_whole_number("PORT_BASE", given, 1, HIGHEST_PORT - HIGHEST_OFFSET)
    yield from _unlike("PUBLIC_URL", given, r"https?://[^\s/]+(/\S*)?", "https://host")
    yield from _no_whole_number("PROCESSORS", given, 0, MOST_PROCESSORS)
    yield from _no_networks("ALLOW_HOSTS", given)
    yield from _unlike("CORS_ORIGINS", given, ORIGINS, "http://localhost:5173")
    yield from _no_schedule("WEBHOOK_SCHEDULE", given)
    yield from _unlike("KAFKA_BOOTSTRAP", given, r"[^\s:,]+:\d+(,[^\s:,]+:\d+)*", "host:port")
    yield from _unlike("POSTGRES_DSN", given, r"postgres(ql)?://\S+", "postgresql://…")
    yield from _unlike("STORE_URL", given, r"[a-z0-9+]+://\S+", "file:///folder or s3://bucket")


def _no_folder(name: str, given: Mapping[str, str]) -> Iterator[str]:
    try:
        Path(given.get(name, "")).expanduser()
    except RuntimeError:
        yield f"{name}: {given[name]!r} is in the home of somebody who has none here"


def _no_whole_number(name: str, given: Mapping[str, str], lowest: int, highest: int) -> Iterator[str]:
    value = given.get(name)
    if value is None or (re.fullmatch(r"[0-9]{1,9}", value) and lowest <= int(value) <= highest):
        return
    yield f"{name}: {value!r} is no whole number from {lowest} to {highest}"


def _no_networks(name: str, given: Mapping[str, str]) -> Iterator[str]:
    for network in _listed(given.get(name, "")):
        try:
            ip_network(network)
        except ValueError as error:
            yield f"{name}: {error}; it lists CIDRs like 10.0.0.0/8"


def _no_schedule(name: str, given: Mapping[str, str]) -> Iterator[str]:
    value = given.get(name)
    if value is not None and not _are_waits(value.split(",")):
        yield f"{name}: {value!r} is no list of seconds like 0,5,300"


def _are_waits(parts: Sequence[str]) -> bool:
    try:
        return all(0 <= float(part) <= LONGEST_WAIT_SECONDS for part in parts)
    except ValueError:
        return False


def _unlike(name: str, given: Mapping[str, str], pattern: str, example: str) -> Iterator[str]:
    value = given.get(name)
    if value is not None and not re.fullmatch(pattern, value):
        yield f"{name}: it looks like {example}"


def _data_dir(value: str, checkout: Path) -> Path:
    # Not resolved: a link that the person made stays what he called it.
    return Path(os.path.normpath(checkout / Path(value).expanduser()))


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
