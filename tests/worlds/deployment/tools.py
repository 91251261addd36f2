"""The programs that `make tools` brings into the environment that runs the tests."""

import sys
from pathlib import Path

_ENVIRONMENT = Path(sys.prefix)

KUSTOMIZE = _ENVIRONMENT / "tools" / "kustomize"
VERSITYGW = _ENVIRONMENT / "tools" / "versitygw"
