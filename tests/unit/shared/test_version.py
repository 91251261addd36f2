"""R28: one version is said everywhere: `pixmill doctor` compares the command's with the server's."""

import re
import tomllib
from pathlib import Path

import pixmill
import pytest

from shared.version import VERSION

ROOT = Path(__file__).parents[3]
PROJECTS = [
    ROOT / "pyproject.toml",
    ROOT / "client/pyproject.toml",
    ROOT / "deploy/local/pyproject.toml",
    *sorted(ROOT.glob("services/*/pyproject.toml")),
]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: str(project.relative_to(ROOT)))
def test_every_project_has_the_version(project: Path) -> None:
    assert tomllib.loads(project.read_text())["project"]["version"] == VERSION


def test_the_client_and_the_images_of_kubernetes_have_it_too() -> None:
    assert pixmill.__version__ == VERSION
    manifests = "".join(file.read_text() for file in sorted((ROOT / "deploy/k8s").rglob("*.yaml")))
    tags = re.findall(r"image: pixmill/\w+:(\S+)|newTag: ([^\s}]+)", manifests)
    assert {one or other for one, other in tags} == {VERSION}
