"""The programs that `make tools` and the development lock bring into the environment that runs the tests."""

import sys
from pathlib import Path

_ENVIRONMENT = Path(sys.prefix)

CADDY = _ENVIRONMENT / "bin" / "caddy"
KUSTOMIZE = _ENVIRONMENT / "tools" / "kustomize"
VERSITYGW = _ENVIRONMENT / "tools" / "versitygw"
