"""R23: what an image of a service holds is enough for it: the packages of its lock, and the files that its
Dockerfile copies. No engine runs here: an empty environment and an empty folder stand in for the image.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds.deployment.deployed import ROOT, SERVICES, compose_service

COPIED = re.compile(
    r"^COPY (?!--from)(\S+) (?!/)(\S+)$", re.MULTILINE
)  # below /app; what it is built of goes elsewhere
IMPORT_ALL = """
import importlib, pkgutil, sys
for root in sys.argv[1:]:
    package = importlib.import_module(root)
    for module in pkgutil.walk_packages(package.__path__, root + "."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
"""


def uv(*arguments: object) -> None:
    subprocess.run([Path(sys.prefix) / "bin/uv", *map(str, arguments)], check=True, capture_output=True)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_needs_no_package_and_no_file_but_those_of_its_dockerfile(
    service: str, tmp_path: Path
) -> None:
    app, environment = tmp_path / "app", tmp_path / "venv"
    dockerfile = (ROOT / "services" / service / "Dockerfile").read_text()
    for source, target in COPIED.findall(dockerfile):
        copied(ROOT / source, app / target)
    uv("venv", "--python", sys.executable, environment)
    lock = ROOT / "services" / service / "requirements.lock"
    uv("pip", "sync", "--python", environment / "bin/python", "--require-hashes", lock)

    deployed = compose_service(service)
    variables = dict(deployed.environment) | {"PATH": f"{environment}/bin:/usr/bin:/bin"}
    imports = ["python", "-c", IMPORT_ALL, f"services.{service}", "shared.tracing"]
    for command in ([*deployed.command, "--help"], imports):
        ran = subprocess.run(command, cwd=app, env=variables, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr


def copied(source: Path, target: Path) -> None:
    """As .dockerignore lets it through."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.so"))
    else:
        shutil.copy(source, target)
