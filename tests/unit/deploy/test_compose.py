"""docker-compose.yml against its schema, the services' settings and the promises of docs/operations.md.

No container engine runs here: what one would do with the file, tests/worlds/deployment/deployed.py works out.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.compose import make_env
from deploy.local.services import GOODBYE_SECONDS
from tests.worlds.deployment.deployed import (
    COMPOSE,
    ROOT,
    SERVICES,
    compose,
    compose_service,
    interpolated,
    settings_of,
)
from tests.worlds.patience import DEADLINE_SECONDS

STORE_CREDENTIALS = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
OF_PYTHON = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
ONCE = ("topics", "migrate", "prepare", "new-key")
LASTING = [name for name in compose()["services"] if name not in ONCE]


def test_the_file_is_valid_by_the_published_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(COMPOSE),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_service_is_a_setting_of_it_and_none_is_missing(service: str) -> None:
    """R23"""
    fields = settings_of(service).model_fields
    known = {name.upper() for name in fields}
    given = set(compose_service(service).environment) - OF_PYTHON
    if "STORE_URL" in known:
        given -= STORE_CREDENTIALS
    assert given - known == set()
    assert {name.upper() for name, field in fields.items() if field.is_required()} - given == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_class_takes_what_the_file_gives(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R08: the store is a bucket by one setting."""
    deployed = compose_service(service)
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    settings = settings_of(service)()
    assert deployed.command == ("python", "-m", f"services.{service}")
    assert getattr(settings, "kafka_bootstrap") == "kafka:9092"  # noqa: B009 - of a class chosen by name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_longer_to_stop_than_it_drains(service: str) -> None:
    grace_seconds = int(compose()["services"][service]["stop_grace_period"].removesuffix("s"))
    drain_seconds = int(compose_service(service).environment["DRAIN_SECONDS"])
    assert grace_seconds >= drain_seconds + GOODBYE_SECONDS


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_do_no_more_than_it_must(service: str) -> None:
    """R20"""
    described = compose()["services"][service]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in described
    assert "container_name" not in described  # --scale needs names of its own
    assert described["mem_limit"]
    assert described["pids_limit"]


@pytest.mark.parametrize("name", LASTING)
def test_everything_that_lasts_has_a_health_check_a_limit_and_comes_back(name: str) -> None:
    described = compose()["services"][name]
    assert described["restart"] == "unless-stopped"
    assert described["mem_limit"]
    assert "test" in described.get("healthcheck", {}) or name in SERVICES  # theirs are in their Dockerfiles


@pytest.mark.parametrize("name", LASTING)
def test_the_log_of_what_lasts_does_not_fill_the_disk(name: str) -> None:
    logging = compose()["services"][name]["logging"]
    assert logging == {"driver": "json-file", "options": {"max-size": "50m", "max-file": "5"}}


def test_it_is_reached_by_one_address_only() -> None:
    """R25"""
    ports = {name: each["ports"] for name, each in compose()["services"].items() if "ports" in each}
    assert ports == {
        "gateway": ["127.0.0.1:8080:8080"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_only_status_reaches_postgres_and_of_the_services_only_processor_and_notifier_the_internet() -> None:
    """R20"""
    members = {
        network: {name for name, each in compose()["services"].items() if network in each.get("networks", ())}
        for network in compose()["networks"]
    }
    assert members["database"] == {"postgres", "status", "migrate"}
    open_ones = [name for name, network in compose()["networks"].items() if not network.get("internal")]
    reach_the_internet = {name for network in open_ones for name in members[network]}
    published = {name for name, each in compose()["services"].items() if "ports" in each}
    assert reach_the_internet == {"processor", "notifier"} | published


def test_what_is_needed_first_is_waited_for_by_its_health() -> None:
    for name, described in compose()["services"].items():
        for needed, how in described.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONCE else "service_healthy"
            assert (name, needed, how["condition"]) == (name, needed, wanted)


def test_volumes_and_networks_are_declared_and_files_exist() -> None:
    for described in compose()["services"].values():
        assert set(described.get("networks", ())) <= set(compose()["networks"])
        for source in map(_source, described.get("volumes", ())):
            assert source is None or source in compose()["volumes"] or (ROOT / source).exists()


def _source(volume: Any) -> str | None:
    return volume.split(":")[0] if isinstance(volume, str) else volume.get("source")


def test_documents_run_commands_in_containers_that_there_are() -> None:
    """R23: status knows the broker, and the address of Postgres beside it."""
    pages = "".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    named = set(re.findall(r"docker compose (?:exec|run)(?: --?[\w-]+)* ([\w-]+)", pages))
    assert named == {"status", "postgres", "new-key"}
    assert named <= compose()["services"].keys()
    assert {"KAFKA_BOOTSTRAP", "POSTGRES_DSN"} <= compose_service("status").environment.keys()


def test_images_are_pinned_by_a_whole_version() -> None:
    images = [each["image"] for each in compose()["services"].values() if "image" in each]
    assert images
    for image in images:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?", image), image


def test_without_its_secrets_the_file_says_what_to_run() -> None:
    with pytest.raises(KeyError, match="make_env"):
        interpolated("${TARGET_KEYS:?run deploy/compose/make_env.py first}", {})


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert make_env.main(file) == 0
    before = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert make_env.main(file) == 1
    assert file.read_text() == before
    asked = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    assert asked == set(make_env.new_secrets())


def test_help_about_the_secrets_makes_none(tmp_path: Path) -> None:
    command = [sys.executable, make_env.__file__, "--help"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: make_env.py")
    assert not list(tmp_path.iterdir())


_NATIVE_STAGE = re.compile(  # the processor's library, and what that needs
    r"^FROM \S+ AS native\n(?:.+\n)+\n|^RUN apt-get .+ libjpeg62-turbo .+\n|^COPY --from=native .+\n",
    re.MULTILINE,
)


@pytest.mark.parametrize("service", SERVICES)
def test_all_dockerfiles_are_one_pattern(service: str) -> None:
    own = (ROOT / "services" / service / "Dockerfile").read_text()
    pattern = (ROOT / "services" / "ingest" / "Dockerfile").read_text()
    own = _NATIVE_STAGE.sub("", own)
    assert own == pattern.replace("ingest", service)
    assert re.search(r"^USER 1\d{4}$", own, re.MULTILINE)
    assert "HEALTHCHECK" in own
    assert own.count("FROM ") == 2
    assert "--require-hashes" in own
    # Nobody can write there later: every process, a decoder child too, would compile its code anew.
    assert re.search(r"^RUN /venv/bin/python -m compileall -q shared services$", own, re.MULTILINE)


def test_the_builder_gets_what_the_dockerfiles_copy_and_no_more() -> None:
    copied = {
        source.split("/")[0]
        for service in SERVICES
        for source in re.findall(
            r"^COPY (?!--)(\S+)", (ROOT / "services" / service / "Dockerfile").read_text(), re.MULTILINE
        )
    }
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
