"""What the deployment files give each service: its command and its whole environment, as an engine would."""

import importlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic_settings import BaseSettings

from deploy.compose.make_env import new_secrets

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = ("ingest", "status", "processor", "notifier")
SECRETS = new_secrets()  # one set for everything that is deployed in a run of the tests
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One container: what is run, and what it is told."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


def settings_of(service: str) -> type[BaseSettings]:
    module = importlib.import_module(f"services.{service}.settings")
    settings: type[BaseSettings] = module.Settings
    return settings


def interpolated(value: Any, variables: Mapping[str, str]) -> Any:
    """A value of a compose file with its ${NAME}, ${NAME:-default} and ${NAME:?why} filled in."""
    if isinstance(value, dict):
        return {key: interpolated(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolated(each, variables) for each in value]
    return _VARIABLE.sub(lambda found: _filled(found, variables), value) if isinstance(value, str) else value


def _filled(found: re.Match[str], variables: Mapping[str, str]) -> str:
    value = variables.get(found["name"], "")
    if not value and found["kind"] == "?":
        raise KeyError(f"{found['name']}: {found['rest']}")
    return value or (found["rest"] if found["kind"] == "-" else "")


@cache
def compose() -> Mapping[str, Any]:
    """docker-compose.yml with fresh secrets and every default."""
    content: Mapping[str, Any] = interpolated(yaml.safe_load(COMPOSE.read_text()), SECRETS)
    return content


def compose_service(name: str) -> Deployed:
    described = compose()["services"][name]
    dockerfile = ROOT / described["build"]["dockerfile"]
    told = {key: str(value) for key, value in described["environment"].items()}
    return Deployed(
        tuple(described.get("command") or dockerfile_command(dockerfile)),
        dockerfile_environment(dockerfile) | told,
    )


def dockerfile_command(dockerfile: Path) -> list[str]:
    (line,) = re.findall(r"^CMD (\[.*\])$", dockerfile.read_text(), re.MULTILINE)
    command: list[str] = json.loads(line)
    return command


def dockerfile_environment(dockerfile: Path) -> dict[str, str]:
    lines = re.findall(r"^ENV (.*)$", dockerfile.read_text(), re.MULTILINE)
    pairs = dict(pair.split("=", 1) for line in lines for pair in line.split())
    return {name: value for name, value in pairs.items() if name != "PATH"}


def as_process(environment: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    """The same environment on this machine: with its PATH, and what must differ here."""
    return (
        {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | dict(environment) | dict(changed)
    )
